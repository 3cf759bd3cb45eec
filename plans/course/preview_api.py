"""What starting a plan would do, over the API; nothing is saved."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit
from clinic.api_views import PatientRowsViewSet
from plans.course import start_preview


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


class StartPreviewAct(PatientRowsViewSet):
    """An act for the view of plans, with the body that starts one."""

    @extend_schema(responses=StartPreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """What the same body would start: who is asked when, and what is over."""
        asked = self.checked(request)
        complaint = asked.pop("complaint")
        found = start_preview.of(complaint, **asked)
        audit.record(by=self.caller, action="complaint.read", about=complaint)
        return Response(StartPreviewSerializer(found).data)
