"""Treatments outside the clinic over the API."""

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
from patients.models import Complaint
from patients.record.filters import OfPatient
from plans.course import elsewhere
from plans.models import Modality, TreatmentElsewhere


class ElsewhereSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = serializers.UUIDField(source="patient_id", read_only=True)
    complaint = VisibleField(Complaint)
    reported_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = TreatmentElsewhere
        fields = [
            "id",
            "patient",
            "complaint",
            "what",
            "modality",
            "began_on",
            "precision",
            "note",
            "reported_by",
            "status",
            "status_reason",
            "created_at",
        ]
        read_only_fields = ["status", "status_reason"]


class ElsewhereFilters(django_filters.FilterSet):
    patient = OfPatient("patient")
    complaint = django_filters.UUIDFilter()
    modality = django_filters.ChoiceFilter(choices=Modality.choices)
    status = django_filters.ChoiceFilter(choices=TreatmentElsewhere.Status.choices)
    ordering = Ordering(fields=["began_on", "created_at"])


class ElsewhereViewSet(PatientRowsViewSet):
    queryset = TreatmentElsewhere.objects.select_related("reported_by")
    serializer_class = ElsewhereSerializer
    filterset_class = ElsewhereFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PLANS,
        "retrieve": Act.READ_PLANS,
        "create": Act.RECORD_INTERVENTIONS,
        "take_back": Act.RECORD_INTERVENTIONS,
    }

    def create(self, request: Request) -> Response:
        """Report what the patient had outside the clinic."""
        treatment = elsewhere.report(by=self.caller, **self.checked(request))
        return self.shown(treatment, code=status.HTTP_201_CREATED)

    @extend_schema(responses=ElsewhereSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="take-back",
        serializer_class=ReasonSerializer,
    )
    def take_back(self, request: Request, pk: str) -> Response:
        """It was reported by mistake."""
        treatment = self.get_object()
        elsewhere.take_back(treatment, by=self.caller, **self.checked(request))
        return self.shown(treatment, ElsewhereSerializer)
