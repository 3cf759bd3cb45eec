from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django import forms

from clinic.forms import DayField
from patients.models import Caregiver, Consent

PATIENT = "patient"


class GiveForm(forms.Form):
    """One yes to one or several things, on a day, by one person."""

    scopes = forms.MultipleChoiceField(
        label="Agreed to",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick what was agreed to."},
    )
    given_by = forms.ChoiceField(label="By")
    given_on = DayField(label="On")

    def __init__(
        self,
        *args: Any,
        offered: Collection[str],
        deciders: Sequence[Caregiver],
        is_minor: bool,
        today: date,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.deciders = {str(person.pk): person for person in deciders}
        self.fields["scopes"] = forms.MultipleChoiceField(
            label="Agreed to",
            choices=[(key, label) for key, label in choices() if key in offered],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Tick what was agreed to."},
        )
        patient = [] if is_minor else [(PATIENT, "The patient")]
        self.fields["given_by"] = forms.ChoiceField(
            label="By",
            choices=[*patient, *((key, str(p)) for key, p in self.deciders.items())],
        )
        self.initial.setdefault("given_on", today)

    def clean_given_by(self) -> Caregiver | None:
        return self.deciders.get(self.cleaned_data["given_by"])


class WithdrawConsentForm(forms.Form):
    scope = forms.ChoiceField(choices=Consent.Scope)
    withdrawn_on = DayField(required=False)


def choices() -> list[tuple[str, str]]:
    return [(str(key), str(label)) for key, label in Consent.Scope.choices]
