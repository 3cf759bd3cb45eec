"""Measures, follow-ups, responses and the outcomes of groups over the API."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Prefetch
from rest_framework import serializers

from clinic import access
from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_filters import Ordering
from clinic.api_views import ClinicViewSet, PatientRowsViewSet
from outcomes.models import Answer, FollowUp, Measure, Provenance, Score
from outcomes.models import Response as Answers
from patients.record.filters import OfPatient


class MeasureSerializer(StrictSerializer, serializers.ModelSerializer):
    sources = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Measure
        fields = [
            "id",
            "key",
            "name",
            "short_name",
            "role",
            "minimum",
            "maximum",
            "better_is",
            "mic_points",
            "mic_percent",
            "is_asked_at_baseline",
            "origin",
            "sources",
        ]
        read_only_fields = fields


class MeasureFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    origin = django_filters.ChoiceFilter(choices=Measure.Origin.choices)


class MeasureViewSet(ClinicViewSet):
    queryset = Measure.objects.order_by("position", "name", "pk")
    serializer_class = MeasureSerializer
    filterset_class = MeasureFilters
    acts: ClassVar = {"list": Act.READ_COHORT, "retrieve": Act.READ_COHORT}


class FollowUpSerializer(StrictSerializer, serializers.ModelSerializer):
    complaint = serializers.UUIDField(
        source="episode.complaint_id", read_only=True, allow_null=True
    )
    plan = serializers.UUIDField(
        source="episode.plan_id", read_only=True, allow_null=True
    )

    class Meta:
        model = FollowUp
        fields = [
            "id",
            "patient",
            "complaint",
            "plan",
            "timepoint_key",
            "label",
            "offset_days",
            "opens_on",
            "due_on",
            "closes_on",
            "is_baseline",
            "is_safety",
            "who",
            "state",
            "state_reason",
            "answered_at",
            "examined_at",
            "completed_at",
        ]
        read_only_fields = fields

    def to_representation(self, instance: FollowUp) -> dict[str, Any]:
        """Who may not read complaints or plans is not told which ones either."""
        shown = super().to_representation(instance)
        caller = self.context["request"].user
        for name, act in (("complaint", Act.READ_CLINICAL), ("plan", Act.READ_PLANS)):
            if not access.can(caller, act):
                shown[name] = None
        return shown


class FollowUpFilters(django_filters.FilterSet):
    patient = OfPatient()
    complaint = django_filters.UUIDFilter("episode__complaint")
    plan = django_filters.UUIDFilter("episode__plan")
    state = django_filters.ChoiceFilter(choices=FollowUp.State.choices)
    timepoint_key = django_filters.CharFilter()
    is_baseline = django_filters.BooleanFilter()
    due_from = django_filters.DateFilter("due_on", "gte")
    due_until = django_filters.DateFilter("due_on", "lte")
    closes_from = django_filters.DateFilter("closes_on", "gte")
    closes_until = django_filters.DateFilter("closes_on", "lte")
    ordering = Ordering(fields=["due_on", "closes_on"])


class FollowUpViewSet(PatientRowsViewSet):
    queryset = FollowUp.objects.select_related("episode").order_by("due_on", "pk")
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilters
    acts: ClassVar = {"list": Act.READ_FOLLOW_UPS, "retrieve": Act.READ_FOLLOW_UPS}


class AnswerSerializer(serializers.ModelSerializer):
    question = serializers.CharField(source="link_id")

    class Meta:
        model = Answer
        fields = ["question", "value", "text", "answered_at"]
        read_only_fields = fields


class ScoreSerializer(serializers.ModelSerializer):
    measure: serializers.Field = serializers.SlugRelatedField(
        slug_field="key", read_only=True
    )

    class Meta:
        model = Score
        fields = ["measure", "site", "side", "value", "measured_on"]
        read_only_fields = fields


class ResponseSerializer(StrictSerializer, serializers.ModelSerializer):
    complaint = serializers.UUIDField(
        source="follow_up.episode.complaint_id", read_only=True
    )
    plan = serializers.UUIDField(source="follow_up.episode.plan_id", read_only=True)
    timepoint_key = serializers.CharField(
        source="follow_up.timepoint_key", read_only=True
    )
    instrument: serializers.Field = serializers.StringRelatedField()
    answers = AnswerSerializer(many=True, read_only=True)
    scores = ScoreSerializer(many=True, read_only=True)

    class Meta:
        model = Answers
        fields = [
            "id",
            "patient",
            "complaint",
            "plan",
            "follow_up",
            "timepoint_key",
            "instrument",
            "state",
            "revision",
            "provenance",
            "mode",
            "language",
            "opened_at",
            "sealed_at",
            "answered_on",
            "in_window",
            "is_recalled",
            "answers",
            "scores",
        ]
        read_only_fields = fields


class ResponseFilters(django_filters.FilterSet):
    patient = OfPatient()
    complaint = django_filters.UUIDFilter("follow_up__episode__complaint")
    plan = django_filters.UUIDFilter("follow_up__episode__plan")
    follow_up = django_filters.UUIDFilter()
    state = django_filters.ChoiceFilter(choices=Answers.State.choices)
    provenance = django_filters.ChoiceFilter(choices=Provenance.choices)
    answered_from = django_filters.DateFilter("answered_on", "gte")
    answered_until = django_filters.DateFilter("answered_on", "lte")
    ordering = Ordering(fields=["answered_on", "opened_at"])


class ResponseViewSet(PatientRowsViewSet):
    queryset = (
        Answers.objects.select_related("follow_up__episode", "instrument")
        .prefetch_related(
            "answers",
            Prefetch("scores", Score.objects.select_related("measure")),
        )
        .order_by("-opened_at", "pk")
    )
    serializer_class = ResponseSerializer
    filterset_class = ResponseFilters
    acts: ClassVar = {"list": Act.READ_ANSWERS, "retrieve": Act.READ_ANSWERS}
