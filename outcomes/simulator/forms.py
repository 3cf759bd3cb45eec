from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic import clock, zones
from clinic.forms import DayField
from clinic.models import Clinic, Language, Location
from outcomes.simulator.staging import Pretended
from plans.models import Anchor, Protocol

REACHES = {
    "email_sms": ("E-mail, and text messages too", ("email", "sms")),
    "sms_email": ("Text messages, and e-mail too", ("sms", "email")),
    "email": ("E-mail only", ("email",)),
    "sms": ("Text messages only", ("sms",)),
    "letter": ("Letters, and e-mail too", ("letter", "email")),
    "call": ("Wants to be called; e-mail is open", ("email",)),
    "nothing": ("No way of writing to them", ()),
}
ANSWERS = {
    "never": ("never", None),
    "at_once": ("the first message", 0),
    "reminded": ("the first reminder", 1),
}
BEFORE_PROCEDURE = 14
FURTHEST_DAYS = 730
# Ten years of follow-ups and two of moving lie within what a calendar can hold.
YEARS = range(1990, 2101)


def _choices(known: dict[str, tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(key, words) for key, (words, _) in known.items()]


class SimulationForm(forms.Form):
    """Sent with GET: it changes nothing, and its address can be kept."""

    started_on = DayField(label="The plan starts on")
    procedure_on = DayField(label="Procedure on", required=False)
    moves_by = forms.IntegerField(
        label="What if it moves by (days)",
        required=False,
        min_value=-FURTHEST_DAYS,
        max_value=FURTHEST_DAYS,
    )
    reach = forms.ChoiceField(label="Reached by", choices=_choices(REACHES))
    answers = forms.ChoiceField(label="Answers", choices=_choices(ANSWERS))
    language = forms.ChoiceField(label="Language", choices=Language)
    zone = forms.ChoiceField(label="Time zone", choices=zones.grouped)
    location = forms.ModelChoiceField(
        label="Location",
        queryset=Location.objects.none(),
        required=False,
        empty_label="the clinic",
    )

    def __init__(
        self, data: Any = None, *, protocol: Protocol, clinic: Clinic, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.protocol, self.clinic = protocol, clinic
        places = Location.objects.filter(clinic=clinic)
        location = self.fields["location"]
        assert isinstance(location, forms.ModelChoiceField)  # noqa: S101
        location.queryset = places
        if not places:
            del self.fields["location"]
        if protocol.anchor != Anchor.INDEX_PROCEDURE:
            del self.fields["procedure_on"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("started_on", "procedure_on"):
            day = given.get(name)
            if day and day.year not in YEARS:
                words = f"Give a day between {YEARS[0]} and {YEARS[-1]}."
                raise ValidationError({name: words})
        began, procedure = given.get("started_on"), given.get("procedure_on")
        if began and procedure and procedure < began:
            raise ValidationError(
                {"procedure_on": "The procedure is on or after the plan's start."}
            )
        moved = given.get("moves_by") or 0
        if began and procedure and (procedure - began).days + moved < 0:
            raise ValidationError(
                {"moves_by": "That would move it before the plan's start."}
            )
        return given

    @property
    def pretended(self) -> Pretended:
        given = self.cleaned_data
        return Pretended(
            zone=given["zone"],
            channels=REACHES[given["reach"]][1],
            prefers_call=given["reach"] == "call",
            started_on=given["started_on"],
            procedure_on=given.get("procedure_on"),
            lets_pass=ANSWERS[given["answers"]][1],
            location=given.get("location"),
        )


def defaults(protocol: Protocol, clinic: Clinic) -> dict[str, Any]:
    """What stands in the form at first."""
    today = clock.today(clinic.zone)
    found = {
        "started_on": today.isoformat(),
        "reach": "email_sms",
        "answers": "never",
        "language": Language.ENGLISH.value,
        "zone": clinic.zone,
    }
    if protocol.anchor == Anchor.INDEX_PROCEDURE:
        day = today + timedelta(days=BEFORE_PROCEDURE)
        found["procedure_on"] = day.isoformat()
    return found
