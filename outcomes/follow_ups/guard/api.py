"""Pauses of all messages to patients over the API."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_views import ClinicViewSet
from outcomes.follow_ups.guard import pauses, releasing
from outcomes.models import SendingPause


class SendingPauseSerializer(StrictSerializer, serializers.ModelSerializer):
    class Meta:
        model = SendingPause
        fields = [
            "id",
            "cause",
            "reason",
            "evidence",
            "begun_at",
            "begun_by",
            "released_at",
            "released_by",
            "spread_minutes",
        ]
        read_only_fields = fields


class PauseSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=200)


class ReleaseSerializer(StrictSerializer):
    spread_minutes = serializers.ChoiceField(
        choices=releasing.SPREADS, default=releasing.USUAL
    )


class SendingPauseViewSet(ClinicViewSet):
    """While one stands, no patient of the clinic is written to."""

    queryset = SendingPause.objects.order_by("-begun_at", "pk")
    serializer_class = SendingPauseSerializer
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_FOLLOW_UPS,
        "retrieve": Act.READ_FOLLOW_UPS,
        "create": Act.PAUSE_MESSAGES,
        "release": Act.PAUSE_MESSAGES,
    }

    @extend_schema(request=PauseSerializer, responses={201: SendingPauseSerializer})
    def create(self, request: Request) -> Response:
        """Pause all messages to patients of the clinic."""
        said = self.checked(request, PauseSerializer)
        begun = pauses.pause(self.clinic, by=self.caller, **said)
        return self.shown(begun, code=status.HTTP_201_CREATED)

    @extend_schema(responses=SendingPauseSerializer)
    @action(detail=False, methods=["post"], serializer_class=ReleaseSerializer)
    def release(self, request: Request) -> Response:
        """Let them go again, what has waited spread over so many minutes."""
        spread = self.checked(request)["spread_minutes"]
        ended = pauses.release(self.clinic, spread=spread, by=self.caller)
        return self.shown(ended, SendingPauseSerializer)
