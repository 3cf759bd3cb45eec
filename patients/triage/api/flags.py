"""Red flags and baselines over the API."""

from typing import ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import NothingSerializer, StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients.catalogue import red_flags
from patients.models import Patient, RedFlag, RedFlagBaseline, RedFlagEvent
from patients.record.filters import OfPatient
from patients.triage import flag_baselines, flags
from patients.triage.forms.flags import usual_states

KEYS = [(rule.key, rule.pathology) for rule in red_flags.red_flags().values()]


class RedFlagEventSerializer(serializers.ModelSerializer):
    by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = RedFlagEvent
        fields = ["at", "kind", "tier", "by", "note"]


class RedFlagSerializer(serializers.ModelSerializer):
    pathology = serializers.CharField(source="rule.pathology")
    found = serializers.CharField(help_text="What was found, in words.")
    what_to_do = serializers.CharField(source="rule.action")
    acknowledged_by: serializers.Field = serializers.StringRelatedField()
    closed_by: serializers.Field = serializers.StringRelatedField()
    acted_on_after = serializers.DurationField(
        allow_null=True, help_text="Time to the first action."
    )
    events = RedFlagEventSerializer(many=True)

    class Meta:
        model = RedFlag
        fields = [
            "id",
            "patient",
            "complaint",
            "evaluation",
            "flag",
            "pathology",
            "found",
            "tier",
            "state",
            "informant",
            "raised_at",
            "what_to_do",
            "acknowledged_at",
            "acknowledged_by",
            "action",
            "acted_on_after",
            "closed_at",
            "closed_by",
            "events",
            "created_at",
        ]
        read_only_fields = fields


class ActionSerializer(StrictSerializer):
    action = serializers.CharField(max_length=flags.NOTE_LENGTH)


class NoteSerializer(StrictSerializer):
    note = serializers.CharField(max_length=flags.NOTE_LENGTH)


class RedFlagFilters(django_filters.FilterSet):
    patient = OfPatient()
    complaint = django_filters.UUIDFilter()
    flag = django_filters.ChoiceFilter(choices=KEYS)
    tier = django_filters.ChoiceFilter(choices=RedFlag.Tier.choices)
    state = django_filters.ChoiceFilter(choices=RedFlag.State.choices)
    raised_from = django_filters.IsoDateTimeFilter("raised_at", "gte")
    ordering = Ordering(fields=["tier", "raised_at"])


class RedFlagViewSet(PatientRowsViewSet):
    queryset = RedFlag.objects.for_pages().order_by("tier", "raised_at", "pk")
    serializer_class = RedFlagSerializer
    filterset_class = RedFlagFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "acknowledge": Act.ACT_ON_RED_FLAGS,
        "notes": Act.ACT_ON_RED_FLAGS,
        "close": Act.ACT_ON_RED_FLAGS,
    }

    @extend_schema(responses={200: RedFlagSerializer})
    @action(detail=True, methods=["post"], serializer_class=ActionSerializer)
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Say what was done; refused where somebody has acted already, with who."""
        flag = self.get_object()
        flags.acknowledge(flag, by=self.caller, **self.checked(request))
        return self.shown(flag, RedFlagSerializer)

    @extend_schema(responses={201: RedFlagSerializer})
    @action(detail=True, methods=["post"], serializer_class=NoteSerializer)
    def notes(self, request: Request, pk: str) -> Response:
        """Add what else was done or heard while the flag stands."""
        flag = self.get_object()
        flags.add_note(flag, by=self.caller, **self.checked(request))
        return self.shown(flag, RedFlagSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses={200: RedFlagSerializer})
    @action(detail=True, methods=["post"], serializer_class=NoteSerializer)
    def close(self, request: Request, pk: str) -> Response:
        """Say how it ended; only once somebody has acted on it."""
        flag = self.get_object()
        flags.close(flag, by=self.caller, **self.checked(request))
        return self.shown(flag, RedFlagSerializer)


class BaselineSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = VisibleField(Patient)
    flag = serializers.ChoiceField(choices=usual_states())
    recorded_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = RedFlagBaseline
        fields = [
            "id",
            "patient",
            "flag",
            "stands_since",
            "note",
            "recorded_by",
            "ended_on",
            "created_at",
        ]
        read_only_fields = ["ended_on"]
        # The verb ends an older one; the constraint is about those in force.
        validators: ClassVar[list] = []


class BaselineFilters(django_filters.FilterSet):
    patient = OfPatient()
    flag = django_filters.ChoiceFilter(choices=KEYS)
    is_ended = django_filters.BooleanFilter("ended_on", "isnull", exclude=True)
    ordering = Ordering(fields=["stands_since", "created_at"])


class BaselineViewSet(PatientRowsViewSet):
    queryset = RedFlagBaseline.objects.select_related("recorded_by").order_by("pk")
    serializer_class = BaselineSerializer
    filterset_class = BaselineFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.ACT_ON_RED_FLAGS,
        "end": Act.ACT_ON_RED_FLAGS,
    }

    def create(self, request: Request) -> Response:
        """Date how it has long been: from then on only new or worse is a flag."""
        made = flag_baselines.record(by=self.caller, **self.checked(request))
        return self.shown(made, code=status.HTTP_201_CREATED)

    @extend_schema(responses={200: BaselineSerializer})
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def end(self, request: Request, pk: str) -> Response:
        """It is not so any more: any yes counts again."""
        baseline = self.get_object()
        self.checked(request)
        flag_baselines.end(baseline, by=self.caller)
        return self.shown(baseline, BaselineSerializer)
