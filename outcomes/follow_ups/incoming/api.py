"""What patients wrote back, over the API: listed, and marked as read."""

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit, clock
from clinic.access import Act
from clinic.api_fields import NothingSerializer, StrictSerializer
from clinic.api_views import PatientRowsViewSet
from outcomes.follow_ups.incoming import inbox
from outcomes.models import InboundMessage
from outcomes.models.messages import Channel
from patients.record.filters import OfPatient


class InboundMessageSerializer(StrictSerializer, serializers.ModelSerializer):
    read_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = InboundMessage
        fields = [
            "id",
            "patient",
            "channel",
            "sender",
            "text",
            "meaning",
            "received_at",
            "answered_at",
            "read_at",
            "read_by",
        ]
        read_only_fields = fields


class InboundMessageFilters(django_filters.FilterSet):
    patient = OfPatient()
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    meaning = django_filters.ChoiceFilter(choices=InboundMessage.Meaning.choices)
    is_read = django_filters.BooleanFilter("read_at", "isnull", exclude=True)


class InboundMessageViewSet(PatientRowsViewSet):
    """Unread first, and of each the newest first."""

    queryset = InboundMessage.objects.all()
    serializer_class = InboundMessageSerializer
    filterset_class = InboundMessageFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.CALL_PATIENTS,
        "retrieve": Act.CALL_PATIENTS,
        "read": Act.CALL_PATIENTS,
    }

    def get_queryset(self) -> QuerySet:
        return inbox.rows(self.request.user)

    def note_list(self, rows: Sequence[Any]) -> None:
        """Also whoever shares the number that a message came from."""
        lines = inbox.lines(self.clinic, rows)
        audit.record(
            by=self.caller,
            action="inbound_messages.listed",
            about=self.clinic,
            patients=[one.pk for line in lines for one in line.people],
        )

    @extend_schema(responses=InboundMessageSerializer)
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def read(self, request: Request, pk: str) -> Response:
        """Take it from the unread; who was first has read it."""
        message = self.get_object()
        self.checked(request)
        inbox.mark_read(message, by=self.caller, now=clock.now())
        return self.shown(message, InboundMessageSerializer)
