from datetime import date
from typing import Any, cast

from django import forms

from clinic import clinics
from clinic.forms import SHORT_NOTE, DayField
from clinic.models import Clinic, User
from plans.course import lifecycle
from plans.models import Anchor, Modality, Plan, Protocol, TreatedSide


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


class MoveForm(forms.Form):
    """One move of a plan's life; which ones there are depends on where it stands.

    Where somebody came for one of them, `chosen`, it is not asked for again.
    """

    move = forms.TypedChoiceField(
        label="What happens to the plan?",
        coerce=lifecycle.Move,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what happens to the plan."},
    )
    on = DayField(label="On", required=False)
    reason = forms.CharField(
        max_length=200,
        required=False,
        help_text="Needed to hold, stop or take back.",
    )
    hold_until = DayField(
        label="On hold until", required=False, help_text="Only for a hold, if known."
    )

    def __init__(
        self,
        *args: Any,
        plan: Plan,
        chosen: lifecycle.Move | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        cast(forms.TypedChoiceField, self.fields["move"]).choices = [
            (move.value, lifecycle.MOVES[move].words)
            for move in lifecycle.moves_from(plan.status)
        ]
        if chosen is None:
            return
        self.fields["move"].widget = forms.HiddenInput()
        self.fields["reason"].help_text = ""
        if chosen != lifecycle.Move.HOLD:
            del self.fields["hold_until"]


class RescheduleForm(forms.Form):
    day = DayField(label="New day")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=200, error_messages={"required": "Say why."}, label="Why"
    )


class TakeBackForm(ReasonForm):
    plan_again = forms.BooleanField(
        required=False, initial=True, label="It is still planned"
    )


class AddForm(forms.Form):
    """Something for this patient that the protocol does not have."""

    title = forms.CharField(max_length=120, label="What")
    modality = forms.ChoiceField(choices=Modality, widget=forms.RadioSelect)
    planned_on = DayField(label="Planned for")
    side = forms.ChoiceField(choices=TreatedSide)
    target = forms.CharField(max_length=120, required=False)
    is_repeat = forms.BooleanField(
        required=False,
        label="It repeats this plan’s procedure",
        help_text="Once performed, a new course of follow-ups begins and the one "
        "before it ends. If the procedure was cancelled or taken back, this takes its "
        "place.",
    )
    detail = forms.CharField(
        max_length=4000, required=False, widget=forms.Textarea(SHORT_NOTE)
    )


def day_not_after(day: date | None, today: date) -> date:
    """A planned day as the first guess of when it was done, if it has come."""
    return day if day is not None and day <= today else today
