"""What staff type about calls, tasks and numbers."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from clinic.forms import DayField
from clinic.models import User
from outcomes.follow_ups.worklist import calls
from outcomes.models import ContactAttempt

Outcome = ContactAttempt.Outcome
NOTE_LENGTH = 300
STOPS = (
    (calls.PLAN, "No more messages and calls about this plan"),
    (calls.EVERYTHING, "No more at all: the patient leaves follow-up"),
)


class NoteForm(forms.Form):
    """Every form about a call names the last one that it was shown with."""

    seen = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        label="Note for the next caller",
        help_text="Nothing about health: everybody who calls reads it.",
    )


class CallForm(NoteForm):
    outcome = forms.ChoiceField(
        choices=[(each.value, each.label) for each in calls.SAID],
        error_messages={"required": "Say what came of the call."},
    )
    call_again_on = DayField(
        required=False,
        label="Call again on",
        help_text="Empty: the next working day.",
    )
    phone = forms.UUIDField(required=False, widget=forms.HiddenInput)


class RefusalForm(NoteForm):
    stop = forms.ChoiceField(
        label="What is to stop?",
        choices=STOPS,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what is to stop."},
    )


class DeathForm(NoteForm):
    deceased_on = DayField(
        required=False, label="Day of death", help_text="Empty: today."
    )


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ReassignForm(forms.Form):
    """From whom, and to whom; evenly over the others where nobody is named."""

    away = PersonField(
        label="From",
        queryset=User.objects.none(),
        required=False,
        empty_label="nobody: what is not assigned",
    )
    to = PersonField(
        label="To",
        queryset=User.objects.none(),
        required=False,
        empty_label="spread evenly over the others",
    )

    def __init__(
        self, *args: Any, holders: QuerySet[User], people: QuerySet[User], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["away"].queryset = holders  # type: ignore[attr-defined]
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class SentForm(forms.Form):
    q = forms.CharField(
        max_length=254,
        label="Phone number or e-mail address",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        error_messages={"required": "Type the number or the address."},
    )
