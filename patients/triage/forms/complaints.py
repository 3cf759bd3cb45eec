from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic.forms import SHORT_NOTE, DayField
from patients.catalogue import findings, places, regions
from patients.models.patient import validate_past
from patients.triage.intake import BOTH_SIDES, worst_of

SIDES = (
    ("left", "Left"),
    ("right", "Right"),
    (BOTH_SIDES, "Both sides: opens two complaints"),
)
PAIN_NOW = [("", "not asked"), *((str(n), str(n)) for n in range(11))]
# Fields that are findings of the first evaluation.
SAID = ("pain_site_now", "pain_back_now", "worse_with", "better_with", "tried")


def many_of(code: str, label: str) -> forms.MultipleChoiceField:
    """Check boxes for a finding of several choices."""
    return forms.MultipleChoiceField(
        label=label,
        choices=lambda: [
            (option.key, option.label)
            for option in findings.definitions()[code].options.values()
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ComplaintForm(forms.Form):
    """The intake: places on the body map, or one from a list, and what is said."""

    regions = forms.MultipleChoiceField(
        choices=lambda: [
            (value, value)
            for region in regions.regions().values()
            for value in region.values()
        ],
        required=False,
    )
    worst_region = forms.CharField(required=False, max_length=60)
    pain_site = forms.ChoiceField(
        label="Where does it hurt?",
        choices=lambda: [("", "Choose a place"), *places.site_choices()],
        required=False,
    )
    side = forms.ChoiceField(
        choices=SIDES,
        required=False,
        widget=forms.RadioSelect,
        help_text="Neck and back have no side: leave it empty.",
    )
    onset_on = DayField(
        label="When did it begin?", required=False, help_text="A guess will do."
    )
    pain_site_now = forms.ChoiceField(
        label="Pain there now", choices=PAIN_NOW, required=False, help_text="0 to 10."
    )
    pain_back_now = forms.ChoiceField(
        label="Pain in the back now",
        choices=PAIN_NOW,
        required=False,
        help_text="Also when it is 0: the two are compared.",
    )
    worse_with = many_of("worse_with", "What makes it worse")
    better_with = many_of("better_with", "What makes it better")
    tried = many_of("tried", "What was tried")
    note = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(SHORT_NOTE),
        help_text="In the patient's words.",
    )
    suspected_source = forms.ChoiceField(
        label="Where may it come from?",
        # An empty choice says "unknown" without an entry in the ledger.
        choices=lambda: [("", "Not known yet"), *named_sources()],
        required=False,
        help_text="Suspected, until evidence says more. It can be named later.",
    )

    def __init__(
        self, *args: Any, today: date, names_source: bool, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.today = today
        if not names_source:
            del self.fields["suspected_source"]

    def clean_side(self) -> str:
        return self.cleaned_data["side"] or "none"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("regions") and not given.get("pain_site"):
            self.add_error(
                "pain_site", "Mark on the map where it hurts, or choose a place here."
            )
        if given.get("regions"):
            self._check(lambda: worst_of(given["regions"], given["worst_region"]))
        onset_on = given.get("onset_on")
        self._check(lambda: validate_past("onset_on", onset_on, self.today))
        answers = {code: given.pop(code, "") for code in SAID}
        given["answers"] = {
            code: ",".join(said) if isinstance(said, list) else said
            for code, said in answers.items()
        }
        return given

    def _check(self, rule: Callable[[], object]) -> None:
        """A rule of the verb, asked beforehand: all that is wrong is said at once."""
        try:
            rule()
        except ValidationError as error:
            self.add_error(None, error)


def named_sources() -> list[Any]:
    unknown = places.GROUPS["unknown"]
    return [group for group in places.source_choices() if group[0] != unknown]
