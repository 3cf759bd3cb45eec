"""What an act on a plan or an intervention would do, over the API; nothing is saved."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit
from clinic.access import Act
from clinic.api_fields import NothingSerializer, StrictSerializer
from clinic.api_views import PatientRowsViewSet
from clinic.consequences import Change, Effect, Kind
from plans.course import foreseen, lifecycle, start_preview


class AskingSerializer(serializers.Serializer):
    """A time point on the calendar."""

    label = serializers.CharField()  # type: ignore[assignment]
    who = serializers.CharField()
    opens_on = serializers.DateField()
    asks_on = serializers.DateField()
    closes_on = serializers.DateField()
    is_over = serializers.BooleanField(help_text="It is never asked.")


class InvitationsSerializer(serializers.Serializer):
    past = serializers.IntegerField(help_text="Always 0.")
    future = serializers.IntegerField()
    today = serializers.IntegerField(help_text="Of the future ones.")
    over = serializers.IntegerField(help_text="Time points that are never asked.")
    in_words = serializers.CharField()


class StartPreviewSerializer(serializers.Serializer):
    anchor_on = serializers.DateField()
    waits = serializers.BooleanField(
        help_text="All but the baseline is asked once the procedure is recorded."
    )
    invitations = InvitationsSerializer()
    askings = AskingSerializer(many=True)
    consequences = serializers.ListField(child=serializers.CharField())


class EffectRowSerializer(serializers.Serializer):
    """One thing that would change, with its day before and after."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    name = serializers.CharField()
    change = serializers.ChoiceField(choices=[change.value for change in Change])
    was = serializers.DateField(allow_null=True)
    becomes = serializers.DateField(allow_null=True)
    in_words = serializers.CharField(help_text="What the change is called.")


class EffectSerializer(serializers.Serializer):
    """What a change would do: counted in sentences, and each row by name."""

    consequences = serializers.ListField(
        child=serializers.CharField(), source="sentences"
    )
    rows = EffectRowSerializer(many=True)


class DaySerializer(StrictSerializer):
    day = serializers.DateField()


class PerformedOnSerializer(StrictSerializer):
    performed_on = serializers.DateField()


class PlanAgainSerializer(StrictSerializer):
    plan_again = serializers.BooleanField(default=True)


class MovePreviewSerializer(StrictSerializer):
    move = serializers.ChoiceField(choices=[move.value for move in lifecycle.Move])
    on = serializers.DateField(
        required=False, help_text="The day it begins or ends; today if left out."
    )
    hold_until = serializers.DateField(required=False, allow_null=True)

    def validate_move(self, value: str) -> lifecycle.Move:
        return lifecycle.Move(value)


class PlanPreviewActs(PatientRowsViewSet):
    """Acts of the view of plans that only say what another act would do."""

    @extend_schema(responses=StartPreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """What the same body would start: who is asked when, and what is over."""
        asked = self.checked(request)
        complaint = asked.pop("complaint")
        found = start_preview.of(complaint, **asked)
        audit.record(by=self.caller, action="complaint.read", about=complaint)
        return Response(StartPreviewSerializer(found).data)

    @extend_schema(responses=EffectSerializer)
    @action(detail=True, methods=["post"], serializer_class=MovePreviewSerializer)
    def preview_move(self, request: Request, pk: str) -> Response:
        """What the same body would plan, move or cancel; the reason may come later."""
        plan = self.get_object()
        found = foreseen.moved(plan, **self.checked(request))
        self.note_read(plan)
        return Response(EffectSerializer(found).data)


class InterventionPreviewActs:
    """The same for the view of interventions."""

    # What its table of acts says of them: whoever may do it may see what it would do.
    ACTS: ClassVar = {
        "preview_perform": Act.RECORD_INTERVENTIONS,
        "preview_reschedule": Act.WRITE_PLANS,
        "preview_cancel": Act.WRITE_PLANS,
        "preview_plan_again": Act.WRITE_PLANS,
        "preview_take_back": Act.RECORD_INTERVENTIONS,
    }

    @extend_schema(responses=EffectSerializer)
    @action(detail=True, methods=["post"], serializer_class=PerformedOnSerializer)
    def preview_perform(self: Any, request: Request, pk: str) -> Response:
        """What would count from that day, were it recorded as done."""
        intervention, given = self.get_object(), self.checked(request)
        found = foreseen.performed(intervention, given["performed_on"])
        return self._foreseen(intervention, found)

    @extend_schema(responses=EffectSerializer)
    @action(detail=True, methods=["post"], serializer_class=DaySerializer)
    def preview_reschedule(self: Any, request: Request, pk: str) -> Response:
        """What another day would move, cancel or put out of its window."""
        intervention, day = self.get_object(), self.checked(request)["day"]
        return self._foreseen(intervention, foreseen.rescheduled(intervention, day))

    @extend_schema(responses=EffectSerializer)
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def preview_cancel(self: Any, request: Request, pk: str) -> Response:
        """What would not be asked any more, or count from the one before."""
        intervention = self.get_object()
        self.checked(request)
        return self._foreseen(intervention, foreseen.cancelled(intervention))

    @extend_schema(responses=EffectSerializer)
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def preview_plan_again(self: Any, request: Request, pk: str) -> Response:
        """What would be asked again, were it planned after all."""
        intervention = self.get_object()
        self.checked(request)
        return self._foreseen(intervention, foreseen.planned_again(intervention))

    @extend_schema(responses=EffectSerializer)
    @action(detail=True, methods=["post"], serializer_class=PlanAgainSerializer)
    def preview_take_back(self: Any, request: Request, pk: str) -> Response:
        """What would wait again, or be cancelled, were it recorded by mistake."""
        intervention, given = self.get_object(), self.checked(request)
        return self._foreseen(intervention, foreseen.taken_back(intervention, **given))

    def _foreseen(self: Any, intervention: Any, found: Effect) -> Response:
        self.note_read(intervention)
        return Response(EffectSerializer(found).data)
