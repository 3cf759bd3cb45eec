from datetime import date
from typing import Any, cast

from django import forms

from clinic import clinics
from clinic.forms import SHORT_NOTE, DayField
from clinic.models import Clinic, User
from patients.models import Side
from plans.models import Anchor, Plan, Protocol


class StartForm(forms.Form):
    protocol = forms.ModelChoiceField(
        Protocol.objects.none(),
        label="Treatment",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose a treatment."},
    )
    started_on = DayField(label="The plan starts on")
    procedure_on = DayField(
        label="The procedure is on",
        required=False,
        help_text="If the day is known. Left empty, the protocol's day is planned.",
    )
    provider = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Nobody in particular"
    )

    def __init__(
        self, *args: Any, clinic: Clinic, protocols: list[Protocol], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        offered = Protocol.objects.filter(pk__in=[p.pk for p in protocols])
        rows = {
            "protocol": offered.prefetch_related("steps", "timepoints"),
            "provider": clinics.providers(clinic),
        }
        for name, queryset in rows.items():
            cast(forms.ModelChoiceField, self.fields[name]).queryset = queryset

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        protocol = given.get("protocol")
        # Picked for a procedure before the treatment was changed to one without.
        if protocol and protocol.anchor != Anchor.INDEX_PROCEDURE:
            given["procedure_on"] = None
        return given


class PerformForm(forms.Form):
    performed_on = DayField(label="Done on")
    side = forms.ChoiceField(choices=Side)
    target = forms.CharField(
        max_length=120,
        required=False,
        help_text="What was treated, such as “plantar fascia” or “L5 nerve root”.",
    )
    detail = forms.CharField(
        max_length=4000, required=False, widget=forms.Textarea(SHORT_NOTE)
    )


class EndForm(forms.Form):
    status = forms.ChoiceField(
        label="How does it end?",
        choices=[
            (Plan.Status.COMPLETED, "Completed as planned"),
            (Plan.Status.STOPPED, "Stopped early"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it was completed or stopped."},
    )
    ended_on = DayField(label="Ended on")
    reason = forms.CharField(
        max_length=200,
        required=False,
        help_text="Needed where it is stopped early.",
    )


def day_not_after(day: date | None, today: date) -> date:
    """A planned day as the first guess of when it was done, if it has come."""
    return day if day is not None and day <= today else today
