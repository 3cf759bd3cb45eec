"""The three questions as a form: a scale of big targets each."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from outcomes.instruments.definition import CANT_TELL, Item
from outcomes.models import Provenance

MODES = (
    (Provenance.KIOSK, "The patient, on this screen"),
    (Provenance.PATIENT, "The patient said it, I tapped it"),
    (Provenance.PHONE, "By phone"),
    (Provenance.PROXY, "A caregiver, for the patient"),
)
MEMORY = (
    ("no", "Before the needle"),
    ("yes", "From memory, after it"),
)
CHOOSE = {"required": "Choose an answer, or “I can't tell”."}


class BaselineForm(forms.Form):
    provenance = forms.ChoiceField(
        label="Who answers",
        choices=MODES,
        widget=forms.RadioSelect,
        initial=Provenance.KIOSK,
    )

    def __init__(
        self,
        *args: Any,
        items: Sequence[Item],
        language: str,
        site_phrase: str,
        asks_memory: bool,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.items, self.language = items, language
        for item in items:
            self.fields[item.link_id] = forms.ChoiceField(
                label=item.wording(language, site_phrase),
                choices=item.choices(language),
                widget=forms.RadioSelect,
                error_messages=CHOOSE,
            )
        if asks_memory:
            self.fields["is_from_memory"] = forms.ChoiceField(
                label="When was this said?",
                choices=MEMORY,
                widget=forms.RadioSelect,
                error_messages={"required": "Say whether it was before the needle."},
            )

    @property
    def questions(self) -> list[tuple[BoundField, Item, str, str]]:
        """Each with the words at the ends of its scale."""
        return [
            (self[i.link_id], i, i.low[self.language], i.high[self.language])
            for i in self.items
        ]

    @property
    def taken(self) -> dict[str, Any]:
        """What the verb takes."""
        given = self.cleaned_data
        memory = given.get("is_from_memory")
        return {
            "answers": {i.link_id: number(given[i.link_id]) for i in self.items},
            "provenance": given["provenance"],
            "is_from_memory": None if memory is None else memory == "yes",
        }


def number(raw: str) -> Decimal | None:
    return None if raw == CANT_TELL else Decimal(raw)
