from datetime import time
from typing import Any

from django import forms

from clinic import zones
from clinic.forms import DayField
from clinic.models import Clinic, Location

CLOCK = "%H:%M"


class TimeOfDayField(forms.TimeField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=[CLOCK, "%H:%M:%S", "%I:%M %p"],
            widget=forms.TimeInput(format=CLOCK, attrs={"type": "time"}),
            error_messages={"invalid": "Give a time such as 09:00."},
            **options,
        )


class SettingsForm(forms.Form):
    name = forms.CharField(label="Clinic’s name", max_length=120)
    sender_name = forms.CharField(
        label="Sender’s name",
        max_length=60,
        help_text="Patients see it as the sender of each message. Whoever sees their "
        "phone sees it too: best is a name that says nothing of a treatment.",
    )
    phone = forms.CharField(
        label="Phone",
        max_length=32,
        required=False,
        help_text="Messages tell patients to call it with questions.",
    )
    sms_sender = forms.CharField(
        label="Text messages come from",
        max_length=40,
        required=False,
        help_text="A number such as +13125550100 or the id of a messaging service. "
        "Empty: no text messages are sent.",
    )
    zone = forms.ChoiceField(
        label="Time zone",
        help_text="Patients without a zone of their own are asked by this clock.",
        error_messages={
            "invalid_choice": "%(value)s is not a time zone. Choose one of the list."
        },
    )
    sends_from = TimeOfDayField(label="Messages go from")
    sends_until = TimeOfDayField(
        label="Until", help_text="By each patient’s own clock."
    )
    emergency_en = forms.CharField(
        label="Emergency line in English",
        max_length=200,
        help_text="Stands on each page for patients, who tap on it to call its number.",
    )
    emergency_es = forms.CharField(label="Emergency line in Spanish", max_length=200)
    capture_target = forms.IntegerField(
        label="Capture target, %",
        min_value=0,
        max_value=100,
        help_text="The share of follow-ups that are to be answered.",
    )

    def __init__(self, *args: Any, clinic: Clinic, **options: Any) -> None:
        options["initial"] = {name: getattr(clinic, name) for name in self.base_fields}
        super().__init__(*args, **options)
        self.clinic = clinic
        self.fields["zone"].choices = _zones(clinic)  # type: ignore[attr-defined]

    def clean_sends_until(self) -> time:
        """A browser shows minutes; seconds that nobody changed stay as they are."""
        until: time = self.cleaned_data["sends_until"]
        standing = self.clinic.sends_until
        is_same = until == standing.replace(second=0, microsecond=0)
        return standing if is_same else until


def _zones(clinic: Clinic) -> list[Any]:
    """A zone of an old name is kept where it stands."""
    groups: list[Any] = list(zones.grouped())
    listed = {name for _, places in groups for name, _ in places}
    if clinic.zone not in listed:
        groups.insert(0, (clinic.zone, clinic.zone))
    return groups


class LocationForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120)


class ClosedDaysForm(forms.Form):
    first_on = DayField(label="Closed on")
    last_on = DayField(label="To", required=False, help_text="Empty for a single day.")
    location = forms.ModelChoiceField(
        label="Where",
        queryset=Location.objects.none(),
        required=False,
        empty_label="The whole clinic",
    )
    name = forms.CharField(
        label="What for", max_length=80, required=False, help_text="Such as: holidays."
    )

    def __init__(self, *args: Any, locations: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["location"].queryset = locations  # type: ignore[attr-defined]
