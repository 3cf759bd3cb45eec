from typing import Any

from django import forms

from clinic.forms import DayField
from patients.models import Caregiver
from patients.record.forms.identity import address, telephone, worded


class CaregiverForm(forms.Form):
    name = forms.CharField(
        max_length=120, widget=forms.TextInput({"autocomplete": "off"})
    )
    relationship = forms.ChoiceField(
        choices=worded(Caregiver.Relationship), initial=Caregiver.Relationship.OTHER
    )
    phone = telephone()
    email = address()
    is_guardian = forms.BooleanField(
        label="Is the legal guardian and decides for the patient", required=False
    )
    may_answer_since = DayField(
        label="May answer for the patient since",
        required=False,
        help_text="The day the patient agreed to it. Left empty, this person may not.",
    )


class ChangeCaregiverForm(CaregiverForm):
    ended_on = DayField(
        label="Ended on",
        required=False,
        help_text="From this day this person has no part in it; the entry is kept.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            # A page from before somebody else's change must not take that back.
            field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        return {name: given[name] for name in self.changed_data if name in given}
