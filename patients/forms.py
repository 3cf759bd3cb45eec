from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic import clock, zones
from clinic.forms import SHORT_NOTE, DayField, say
from clinic.models import Clinic, Language
from patients import catalogue
from patients.models import Diagnosis, Patient, SourceHypothesis
from patients.models.patient import validate_birth_date

STAY_CANCELLED = (
    "follow-ups that were cancelled stay cancelled; start a new plan to ask again"
)
BOTH_SIDES = "both"
SIDES = (
    ("left", "Left"),
    ("right", "Right"),
    (BOTH_SIDES, "Both sides: makes two complaints"),
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


class ComplaintForm(forms.Form):
    pain_site = forms.ChoiceField(
        label="Where does it hurt?",
        choices=lambda: [("", "Choose a place"), *catalogue.site_choices()],
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

    def __init__(self, *args: Any, names_source: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not names_source:
            del self.fields["suspected_source"]

    def clean_side(self) -> str:
        side = self.cleaned_data["side"]
        if side == BOTH_SIDES:
            raise ValidationError(
                "Each side has its own course, so pain on both sides makes two "
                "complaints: save the left one now, then open one for the right."
            )
        return side or "none"


class SourceForm(forms.Form):
    source = forms.ChoiceField(
        label="Where may it come from?",
        choices=lambda: [("", "Choose a source"), *catalogue.source_choices()],
    )
    certainty = forms.ChoiceField(
        choices=SourceHypothesis.Certainty,
        initial=SourceHypothesis.Certainty.SUSPECTED,
        widget=forms.RadioSelect,
        label="How sure is it?",
    )


class DiagnosisForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        error_messages={"required": "Choose a code: press Record beside it."},
    )
    role = forms.ChoiceField(
        choices=Diagnosis.Role,
        initial=Diagnosis.Role.SOURCE,
        widget=forms.RadioSelect,
        label="What does it name?",
    )
    certainty = forms.ChoiceField(
        choices=Diagnosis.Certainty,
        initial=Diagnosis.Certainty.PROVISIONAL,
        widget=forms.RadioSelect,
        label="How sure is it?",
    )


def named_sources() -> list[Any]:
    unknown = catalogue.GROUPS["unknown"]
    return [group for group in catalogue.source_choices() if group[0] != unknown]


def zone_choices(clinic: Clinic, held: str | None) -> list[Any]:
    choices: list[Any] = [("", f"The clinic's ({clinic.zone})"), *zones.grouped()]
    known = {name for _, names in zones.grouped() for name, _ in names}
    if held and held not in known:
        choices.insert(1, (held, held))
    return choices
