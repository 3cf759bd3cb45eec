"""Intakes over the API: asked of a patient, and reviewed."""

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
from outcomes.intake import asking, reviewing
from outcomes.models import Intake
from patients.models import Complaint
from patients.record.filters import OfPatient


class IntakeSerializer(serializers.ModelSerializer):
    complaint = serializers.UUIDField(source="evaluation.complaint_id")
    asked_by: serializers.Field = serializers.StringRelatedField()
    reviewed_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = Intake
        fields = [
            "id",
            "patient",
            "complaint",
            "evaluation",
            "state",
            "state_reason",
            "language",
            "asked_at",
            "asked_by",
            "visit_on",
            "closes_at",
            "answered_at",
            "sent_at",
            "reviewed_at",
            "reviewed_by",
        ]
        read_only_fields = fields


class AskSerializer(StrictSerializer):
    complaint = VisibleField(Complaint)
    visit_on = serializers.DateField(
        required=False, allow_null=True, help_text="The link is good until then."
    )


class IntakeFilters(django_filters.FilterSet):
    patient = OfPatient()
    complaint = django_filters.UUIDFilter("evaluation__complaint")
    state = django_filters.ChoiceFilter(choices=Intake.State.choices)
    ordering = Ordering(fields=["asked_at", "answered_at", "visit_on"])


class IntakeViewSet(PatientRowsViewSet):
    queryset = Intake.objects.select_related(
        "evaluation", "asked_by", "reviewed_by"
    ).order_by("pk")
    serializer_class = IntakeSerializer
    filterset_class = IntakeFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.RECORD_FINDINGS,
        "review": Act.RECORD_FINDINGS,
    }

    @extend_schema(request=AskSerializer, responses={201: IntakeSerializer})
    def create(self, request: Request) -> Response:
        """Send the patient the questions about a complaint, by e-mail.

        The answers come into the complaint's draft evaluation as they are given.
        """
        intake = asking.ask(by=self.caller, **self.checked(request, AskSerializer))
        return self.shown(intake, code=status.HTTP_201_CREATED)

    @extend_schema(responses={200: IntakeSerializer})
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def review(self, request: Request, pk: str) -> Response:
        """Somebody has gone through what the patient sent."""
        intake = self.get_object()
        self.checked(request)
        reviewing.review(intake, by=self.caller)
        return self.shown(intake, IntakeSerializer)
