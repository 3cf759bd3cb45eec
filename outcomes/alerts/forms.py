from typing import Any

from django import forms

from clinic.forms import SHORT_NOTE, DayField
from clinic.models import Clinic
from clinic.settings_pages.forms import TimeOfDayField
from outcomes.alerts import chosen, rota
from outcomes.alerts.rules import Rule
from outcomes.models import Alert, OnCallContact, OnCallShift

MINUTES = (
    (15, "15 minutes"),
    (30, "30 minutes"),
    (60, "an hour"),
    (4 * 60, "4 hours"),
    (24 * 60, "a day"),
    (3 * 24 * 60, "3 days"),
    (7 * 24 * 60, "a week"),
)
URGENT_MINUTES = 60


class NothingForm(forms.Form):
    """A press of a button."""


class ActForm(forms.Form):
    action = forms.ChoiceField(label="What was done", choices=Alert.Action.choices)
    note = forms.CharField(
        label="In words",
        max_length=900,
        widget=forms.Textarea(SHORT_NOTE),
        help_text="Such as: called, pain is settling, comes in on Tuesday.",
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label="How it ended, or what else was done",
        max_length=900,
        widget=forms.Textarea(SHORT_NOTE),
    )


class SnoozeForm(forms.Form):
    minutes = forms.TypedChoiceField(label="Put off for", coerce=int)

    def __init__(self, *args: Any, alert: Alert, **options: Any) -> None:
        super().__init__(*args, **options)
        most = URGENT_MINUTES if alert.is_urgent else None
        self.fields["minutes"].choices = [  # type: ignore[attr-defined]
            one for one in MINUTES if most is None or one[0] <= most
        ]


class PersonField(forms.ModelChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=None, empty_label=None, **options)


class ShiftForm(forms.Form):
    user = PersonField(label="Who")
    kind = forms.ChoiceField(label="When", choices=OnCallShift.Kind.choices)
    place = forms.TypedChoiceField(
        label="Told", choices=OnCallShift.Place.choices, coerce=int
    )
    day = forms.TypedChoiceField(
        label="Day of the week",
        choices=[("", "none"), *OnCallShift.Day.choices],
        coerce=int,
        empty_value=None,
        required=False,
        help_text="For a shift of each week.",
    )
    first_on = DayField(
        label="From", required=False, help_text="For certain days, or an absence."
    )
    last_on = DayField(label="To", required=False, help_text="Empty for a single day.")
    begins_at = TimeOfDayField(label="Begins", initial="00:00")
    ends_at = TimeOfDayField(
        label="Ends",
        initial="00:00",
        help_text="No later than it begins: on the next day.",
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=rota.NOTE_LENGTH,
        help_text="Such as: stands in for Dr Ng.",
    )

    def __init__(self, *args: Any, clinic: Clinic, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["user"].queryset = rota.people(clinic)  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    user = PersonField(label="Who")
    phone = forms.CharField(label="Phone", max_length=32, required=False)
    first = forms.ChoiceField(
        label="Told of what is urgent by", choices=OnCallContact.First.choices
    )

    def __init__(self, *args: Any, clinic: Clinic, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["user"].queryset = rota.people(clinic)  # type: ignore[attr-defined]


class MinutesForm(forms.Form):
    second_after_minutes = forms.IntegerField(
        label="Minutes until the second person is told",
        min_value=1,
        max_value=240,
        help_text="Of an urgent alert that nobody looks at; as long again, and "
        "everybody who treats is told.",
    )


class RuleForm(forms.Form):
    """Only the figures that the rule has."""

    is_on = forms.BooleanField(label="On", required=False)
    number = forms.DecimalField(
        required=False, min_value=0, max_digits=6, decimal_places=2
    )
    days = forms.IntegerField(required=False, min_value=1, max_value=chosen.MOST_DAYS)

    def __init__(self, *args: Any, rule: Rule, **options: Any) -> None:
        options["initial"] = {
            "is_on": rule.is_on,
            "number": rule.number,
            "days": rule.days,
        }
        super().__init__(*args, **options)
        for name, words in (("number", rule.number_is), ("days", rule.days_are)):
            if not words:
                del self.fields[name]
            else:
                self.fields[name].label = words.capitalize()
                self.fields[name].required = True
        if rule.is_always_on:
            del self.fields["is_on"]
