from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic import clock, zones
from clinic.forms import DayField, say
from clinic.models import Clinic, Language
from patients.models import Patient
from patients.models.patient import validate_birth_date

STAY_CANCELLED = (
    "follow-ups that were cancelled stay cancelled; start a new plan to ask again"
)


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=200)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)


class RegistrationForm(forms.Form):
    given_name = forms.CharField(
        max_length=80, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    family_name = forms.CharField(
        max_length=80, widget=forms.TextInput({"autocomplete": "off"})
    )
    birth_date = DayField(help_text="The patient types it to open a survey.")
    sex = forms.ChoiceField(choices=Patient.Sex, initial=Patient.Sex.UNKNOWN)
    mrn = forms.CharField(
        label="MRN",
        max_length=40,
        required=False,
        help_text="Left empty, the next number is given.",
    )
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        required=False,
        error_messages={"invalid": "Give an address such as marta@example.org."},
    )
    may_contact = forms.BooleanField(
        label="May we e-mail this patient to ask how it goes?",
        required=False,
        help_text="Ask the patient. Without a yes, nothing is sent.",
    )
    phone = forms.CharField(
        max_length=40, required=False, widget=forms.TextInput({"type": "tel"})
    )
    language = forms.ChoiceField(
        choices=Language,
        initial=Language.ENGLISH,
        help_text="Of messages and surveys.",
    )
    zone = forms.ChoiceField(label="Time zone", required=False)

    def __init__(self, *args: Any, clinic: Clinic, **options: Any) -> None:
        super().__init__(*args, **options)
        self.clinic = clinic
        held = self.initial.get("zone")
        self.fields["zone"] = forms.ChoiceField(
            label="Time zone", required=False, choices=zone_choices(clinic, held)
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            # The verb looks too; here it is said together with the other slips.
            today = clock.today(self.clinic.zone)
            validate_birth_date(given.get("birth_date"), today)
        except ValidationError as error:
            say(self, error)
        has_address = given.get("email") or "email" in self.errors
        if given.get("may_contact") and not has_address:
            self.add_error(
                "email", "Give the address to write to, or leave the consent empty."
            )
        return given


class PatientForm(RegistrationForm):
    """The same for a patient who is here already; gives what was changed only."""

    withdrawn_on = DayField(
        label="Withdrew on",
        required=False,
        help_text="From this day nobody asks the patient how it goes. Emptied later, "
        f"{STAY_CANCELLED}.",
    )
    deceased_on = DayField(label="Died on", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["mrn"].required = True
        # An import may not know it; what is known is not given up.
        self.fields["birth_date"].required = self.initial["birth_date"] is not None
        self.fields["mrn"].help_text = ""
        for field in self.fields.values():
            # What the page showed comes back with it: who has it open from before a
            # withdrawal, and saves a phone number, must not take that back.
            field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        return {name: given[name] for name in self.changed_data if name in given}


def zone_choices(clinic: Clinic, held: str | None) -> list[Any]:
    choices: list[Any] = [("", f"The clinic's ({clinic.zone})"), *zones.grouped()]
    known = {name for _, names in zones.grouped() for name, _ in names}
    if held and held not in known:
        choices.insert(1, (held, held))
    return choices
