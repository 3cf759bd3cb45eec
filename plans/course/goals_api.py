"""Goals of plans over the API."""

from typing import ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import ReasonSerializer, StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients.record.filters import OfPatient
from plans.course import goals
from plans.models import Goal, Plan


class GoalSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = serializers.UUIDField(source="plan.complaint.patient_id", read_only=True)
    plan = VisibleField(Plan)

    class Meta:
        model = Goal
        fields = [
            "id",
            "patient",
            "plan",
            "measure",
            "comparison",
            "target",
            "due_on",
            "words",
            "status",
            "status_reason",
            "created_at",
        ]
        read_only_fields = ["status", "status_reason"]


class AdjustSerializer(StrictSerializer, serializers.ModelSerializer):
    """What is left out stays as it is."""

    class Meta:
        model = Goal
        fields = ["comparison", "target", "due_on", "words"]
        extra_kwargs: ClassVar = {name: {"required": False} for name in fields}


class GoalFilters(django_filters.FilterSet):
    patient = OfPatient("plan__complaint__patient")
    plan = django_filters.UUIDFilter()
    measure = django_filters.CharFilter()
    status = django_filters.ChoiceFilter(choices=Goal.Status.choices)
    due_from = django_filters.DateFilter("due_on", "gte")
    due_until = django_filters.DateFilter("due_on", "lte")
    ordering = Ordering(fields=["due_on", "created_at"])


class GoalViewSet(PatientRowsViewSet):
    queryset = Goal.objects.select_related("plan__complaint__patient__clinic")
    serializer_class = GoalSerializer
    filterset_class = GoalFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PLANS,
        "retrieve": Act.READ_PLANS,
        "create": Act.WRITE_PLANS,
        "adjust": Act.WRITE_PLANS,
        "drop": Act.WRITE_PLANS,
    }

    def create(self, request: Request) -> Response:
        """Set a goal of a plan."""
        goal = goals.add(by=self.caller, **self.checked(request))
        return self.shown(goal, code=status.HTTP_201_CREATED)

    @extend_schema(responses=GoalSerializer)
    @action(detail=True, methods=["post"], serializer_class=AdjustSerializer)
    def adjust(self, request: Request, pk: str) -> Response:
        """Change target, day or words."""
        goal = self.get_object()
        goals.adjust(goal, by=self.caller, **self.checked(request))
        return self.shown(goal, GoalSerializer)

    @extend_schema(responses=GoalSerializer)
    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def drop(self, request: Request, pk: str) -> Response:
        """Aim at it no more."""
        goal = self.get_object()
        goals.drop(goal, by=self.caller, **self.checked(request))
        return self.shown(goal, GoalSerializer)
