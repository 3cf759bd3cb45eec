"""Alerts over the API: the inbox and what is done about each."""

from typing import ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import NothingSerializer, StrictSerializer
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from outcomes.alerts import inbox, rules
from outcomes.models import Alert, AlertEvent, AlertNotice
from patients.record.filters import OfPatient

RULES = [(rule.key, rule.name) for rule in rules.shipped().rules.values()]
SEVERITIES = [(label, label) for label in Alert.Severity.labels]


class AlertEventSerializer(serializers.ModelSerializer):
    by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = AlertEvent
        fields = ["at", "kind", "by", "note"]


class AlertNoticeSerializer(serializers.ModelSerializer):
    """Who was told; the number or address is nobody's business here."""

    to: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = AlertNotice
        fields = ["to", "why", "channel", "state", "created_at", "sent_at"]


class AlertSerializer(serializers.ModelSerializer):
    severity = serializers.ChoiceField(
        choices=SEVERITIES, source="get_severity_display"
    )
    measure: serializers.Field = serializers.SlugRelatedField(
        slug_field="key", read_only=True
    )
    acknowledged_by: serializers.Field = serializers.StringRelatedField()
    acted_by: serializers.Field = serializers.StringRelatedField()
    closed_by: serializers.Field = serializers.StringRelatedField()
    waited = serializers.DurationField(help_text="Until somebody looked, or until now.")
    notices = AlertNoticeSerializer(many=True)
    events = AlertEventSerializer(many=True)

    class Meta:
        model = Alert
        fields = [
            "id",
            "patient",
            "complaint",
            "rule",
            "rules_version",
            "severity",
            "reason",
            "measure",
            "response",
            "red_flag",
            "adverse_event",
            "state",
            "raised_at",
            "waited",
            "snoozed_until",
            "acknowledged_at",
            "acknowledged_by",
            "acted_at",
            "acted_by",
            "action",
            "closed_at",
            "closed_by",
            "notices",
            "events",
        ]
        read_only_fields = fields


class AlertActSerializer(StrictSerializer):
    action = serializers.ChoiceField(choices=Alert.Action.choices)
    note = serializers.CharField(max_length=900)


class AlertNoteSerializer(StrictSerializer):
    note = serializers.CharField(max_length=900)


class AlertSnoozeSerializer(StrictSerializer):
    minutes = serializers.IntegerField(min_value=1, max_value=14 * 24 * 60)


class AlertFilters(django_filters.FilterSet):
    patient = OfPatient()
    rule = django_filters.ChoiceFilter(choices=RULES)
    severity = django_filters.ChoiceFilter(
        choices=SEVERITIES, method="of_severity", label="How urgent it is."
    )
    state = django_filters.ChoiceFilter(choices=Alert.State.choices)
    raised_from = django_filters.IsoDateTimeFilter("raised_at", "gte")
    ordering = Ordering(fields=["severity", "raised_at"])

    def of_severity(self, rows, name, value):  # type: ignore[no-untyped-def]
        return rows.filter(severity=rules.SEVERITIES[value])


class AlertViewSet(PatientRowsViewSet):
    queryset = (
        Alert.objects.for_pages()
        .select_related("measure")
        .prefetch_related("events__by")
        .order_by("severity", "raised_at", "pk")
    )
    serializer_class = AlertSerializer
    filterset_class = AlertFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_ALERTS,
        "retrieve": Act.READ_ALERTS,
        "acknowledge": Act.ACKNOWLEDGE_ALERTS,
        "act": Act.ACT_ON_ALERTS,
        "notes": Act.ACT_ON_ALERTS,
        "close": Act.ACT_ON_ALERTS,
        "snooze": Act.ACT_ON_ALERTS,
    }

    @extend_schema(responses={200: AlertSerializer})
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Look at it: nobody else is told; refused where somebody does already."""
        alert = self.get_object()
        self.checked(request)
        inbox.acknowledge(alert, by=self.caller)
        return self.shown(alert, AlertSerializer)

    @extend_schema(responses={200: AlertSerializer})
    @action(detail=True, methods=["post"], serializer_class=AlertActSerializer)
    def act(self, request: Request, pk: str) -> Response:
        """Say what was done; of a red flag it acknowledges the flag."""
        alert = self.get_object()
        inbox.act(alert, by=self.caller, **self.checked(request))
        return self.shown(alert, AlertSerializer)

    @extend_schema(responses={201: AlertSerializer})
    @action(detail=True, methods=["post"], serializer_class=AlertNoteSerializer)
    def notes(self, request: Request, pk: str) -> Response:
        """Add what else was done or heard."""
        alert = self.get_object()
        inbox.add_note(alert, by=self.caller, **self.checked(request))
        return self.shown(alert, AlertSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses={200: AlertSerializer})
    @action(detail=True, methods=["post"], serializer_class=AlertNoteSerializer)
    def close(self, request: Request, pk: str) -> Response:
        """Say how it ended; of a red flag only once somebody has acted on it."""
        alert = self.get_object()
        inbox.close(alert, by=self.caller, **self.checked(request))
        return self.shown(alert, AlertSerializer)

    @extend_schema(responses={200: AlertSerializer})
    @action(detail=True, methods=["post"], serializer_class=AlertSnoozeSerializer)
    def snooze(self, request: Request, pk: str) -> Response:
        """Put it off: an hour at most where it is urgent, 14 days otherwise."""
        alert = self.get_object()
        inbox.snooze(alert, by=self.caller, **self.checked(request))
        return self.shown(alert, AlertSerializer)
