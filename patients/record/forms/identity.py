"""The page that registers a patient and the one that edits: who, and who is beside."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.enums import Choices
from django.utils.text import capfirst

from clinic import clock, zones
from clinic.forms import DayField, say
from clinic.models import Clinic, Language, Location
from patients.models import Caregiver, Patient
from patients.models.patient import OF_AGE, validate_birth_date, years_between
from patients.record import care_team, caregivers

# A field's name says whose it is: caregiver_name, referrer_phone.
CAREGIVER_FIELDS = (
    "name",
    "relationship",
    "phone",
    "email",
    "is_guardian",
    "may_answer_since",
)


def worded(choices: type[Choices]) -> list[tuple[str, str]]:
    """For a select, each beginning with a capital letter."""
    return [(str(key), capfirst(str(label))) for key, label in choices.choices]


def text(length: int, **attributes: str) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attributes})
    return forms.CharField(max_length=length, required=False, widget=widget)


def telephone() -> forms.CharField:
    return text(40, type="tel")


def address() -> forms.EmailField:
    return forms.EmailField(
        label="E-mail",
        max_length=254,
        required=False,
        error_messages={"invalid": "Give an address such as marta@example.org."},
    )


class PersonFields(forms.Form):
    """The first screen: what is needed to know somebody and to ask them."""

    given_name = text(80)
    family_name = forms.CharField(
        max_length=80, widget=forms.TextInput({"autocomplete": "off"})
    )
    birth_date = DayField(help_text="The patient types it to open a survey.")
    sex = forms.ChoiceField(choices=worded(Patient.Sex), initial=Patient.Sex.UNKNOWN)
    email = address()
    phone = telephone()
    may_contact = forms.BooleanField(
        label="May we e-mail this patient to ask how it goes?",
        required=False,
        help_text="Ask the patient. Without a yes, nothing is sent.",
    )
    language = forms.ChoiceField(
        choices=Language,
        initial=Language.ENGLISH,
        help_text="Of messages and surveys.",
    )


class DetailFields(forms.Form):
    mrn = forms.CharField(
        label="MRN",
        max_length=40,
        required=False,
        help_text="Left empty, the next number is given.",
    )
    zone = forms.ChoiceField(label="Time zone", required=False)
    preferred_channel = forms.ChoiceField(
        label="Likes to be reached by",
        choices=worded(Patient.Channel),
        initial=Patient.Channel.EMAIL,
        help_text="Surveys go out by e-mail; this is for people who get in touch.",
    )
    location = forms.ModelChoiceField(
        Location.objects.none(),
        label="Seen at",
        required=False,
        empty_label="No one place",
        help_text="On the days that this place is closed, nothing routine is sent.",
    )
    postal_address = forms.CharField(
        label="Postal address",
        max_length=400,
        required=False,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off"}),
        help_text="For letters, as it stands on the envelope.",
    )
    payer_class = forms.ChoiceField(
        label="Who pays",
        choices=worded(Patient.PayerClass),
        initial=Patient.PayerClass.UNKNOWN,
    )
    injury_on = DayField(
        label="Date of injury",
        required=False,
        help_text="Of an accident that a payer asks about.",
    )


class CareTeamFields(forms.Form):
    referrer_name = text(120)
    referrer_practice = text(120)
    referrer_phone = telephone()
    referrer_address = forms.CharField(
        max_length=400, required=False, widget=forms.Textarea({"rows": 2})
    )
    primary_care_name = text(120)
    primary_care_practice = text(120)
    primary_care_phone = telephone()
    primary_care_address = forms.CharField(
        max_length=400, required=False, widget=forms.Textarea({"rows": 2})
    )


class CaregiverFields(forms.Form):
    caregiver_name = text(120)
    caregiver_relationship = forms.ChoiceField(
        choices=worded(Caregiver.Relationship), initial=Caregiver.Relationship.OTHER
    )
    caregiver_phone = telephone()
    caregiver_email = address()
    caregiver_is_guardian = forms.BooleanField(
        label="Is the legal guardian and decides for the patient", required=False
    )
    caregiver_may_answer_since = DayField(
        label="May answer for the patient since",
        required=False,
        help_text="The day the patient agreed to it. Left empty, this person may not.",
    )


class IdentityForm(PersonFields, DetailFields, CareTeamFields):
    # What is folded away, by the fields in it: a part with a slip is shown open.
    PARTS = {
        "details": tuple(DetailFields.base_fields),
        "care_team": tuple(CareTeamFields.base_fields),
    }

    def __init__(self, *args: Any, clinic: Clinic, **options: Any) -> None:
        super().__init__(*args, **options)
        self.clinic = clinic
        held = self.initial.get("zone")
        self.fields["zone"] = forms.ChoiceField(
            label="Time zone", required=False, choices=zone_choices(clinic, held)
        )
        self.offer_locations()
        for name in (*CareTeamFields.base_fields, *CaregiverFields.base_fields):
            if name in self.fields and self.fields[name].label is None:
                _, _, last = name.rpartition("_")
                self.fields[name].label = last.capitalize()

    def offer_locations(self) -> None:
        """Those of the clinic; the field goes where it has none."""
        offered = Location.objects.filter(clinic=self.clinic)
        if offered.exists():
            cast(forms.ModelChoiceField, self.fields["location"]).queryset = offered
        else:
            del self.fields["location"]

    @property
    def open_parts(self) -> list[str]:
        return [
            part
            for part, names in self.PARTS.items()
            if any(name in self.errors for name in names)
        ]

    @property
    def today(self) -> date:
        return clock.today(self.clinic.zone)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            # The verb looks too; here it is said together with the other slips.
            validate_birth_date(given.get("birth_date"), self.today)
        except ValidationError as error:
            say(self, error)
        has_address = given.get("email") or "email" in self.errors
        is_new_yes = given.get("may_contact") and "may_contact" in self.changed_data
        if is_new_yes and not has_address:
            self.add_error(
                "email", "Give the address to write to, or leave the consent empty."
            )
        for clinician in care_team.ROLES:
            self.check_named(clinician, given)
        return given

    def check_named(self, clinician: str, given: dict[str, Any]) -> None:
        said = gathered(clinician, care_team.FIELDS, given)
        if any(said.values()) and not said["name"]:
            self.add_error(f"{clinician}_name", "Give the name of the clinician.")


class RegistrationForm(IdentityForm, CaregiverFields):
    PARTS = {
        **IdentityForm.PARTS,
        "caregiver": tuple(CaregiverFields.base_fields),
    }

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        caregiver = gathered("caregiver", CAREGIVER_FIELDS, given)
        self.check_guardian(caregiver, given.get("birth_date"))
        whose = {
            name: gathered(name, care_team.FIELDS, given) for name in care_team.ROLES
        }
        return ungrouped(given) | whose | {"caregiver": caregiver}

    def check_guardian(self, caregiver: dict[str, Any], born: date | None) -> None:
        is_minor = born is not None and years_between(born, self.today) < OF_AGE
        is_told = any(
            value for name, value in caregiver.items() if name != "relationship"
        )
        if caregiver["name"]:
            is_reachable = caregiver["phone"] or caregiver["email"]
            slipped = {"caregiver_phone", "caregiver_email"} & set(self.errors)
            if (is_minor or caregiver["is_guardian"]) and not (is_reachable or slipped):
                self.add_error("caregiver_phone", caregivers.GUARDIAN_NEEDED)
        elif is_minor:
            self.add_error("caregiver_name", caregivers.GUARDIAN_NEEDED)
        elif is_told:
            self.add_error("caregiver_name", "Give the name of this person.")


class PatientForm(IdentityForm):
    """The same for a patient who is here already; gives what was changed only."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["mrn"].required = True
        # An import may not know it; what is known is not given up.
        self.fields["birth_date"].required = self.initial["birth_date"] is not None
        self.fields["mrn"].help_text = ""
        for field in self.fields.values():
            # What the page showed comes back with it: who has it open from before a
            # change by somebody else must not take that back.
            field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        changed = {name: given[name] for name in self.changed_data if name in given}
        clinicians = {
            name: gathered(name, care_team.FIELDS, given)
            for name in care_team.ROLES
            if any(field.startswith(f"{name}_") for field in changed)
        }
        return ungrouped(changed) | clinicians


def gathered(
    prefix: str, names: tuple[str, ...], given: dict[str, Any]
) -> dict[str, Any]:
    """The fields of one person beside the patient, by their names there."""
    return {name: given.get(f"{prefix}_{name}", "") for name in names}


def ungrouped(given: dict[str, Any]) -> dict[str, Any]:
    beside = (*CareTeamFields.base_fields, *CaregiverFields.base_fields)
    return {name: value for name, value in given.items() if name not in beside}


def zone_choices(clinic: Clinic, held: str | None) -> list[Any]:
    choices: list[Any] = [("", f"The clinic's ({clinic.zone})"), *zones.grouped()]
    known = {name for _, names in zones.grouped() for name, _ in names}
    if held and held not in known:
        choices.insert(1, (held, held))
    return choices
