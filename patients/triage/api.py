"""Complaints, their sources and diagnoses over the API."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import access
from clinic.access import Act
from clinic.api_fields import StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients.catalogue import places
from patients.models import Complaint, Diagnosis, Patient, SourceHypothesis
from patients.models.patient import begins_with
from patients.record.filters import OfPatient
from patients.triage import complaints, diagnoses, early_intervention, ledger
from patients.triage.complaint_filters import ComplaintFilters

PAIN_SOURCES = list(places.pain_sources())
BODY_SITES = list(places.body_sites())


class SourceSerializer(StrictSerializer, serializers.ModelSerializer):
    source = serializers.ChoiceField(choices=PAIN_SOURCES)  # type: ignore[assignment]
    stated_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = SourceHypothesis
        fields = [
            "id",
            "source",
            "label",
            "side",
            "certainty",
            "stated_on",
            "stated_by",
            "superseded_on",
        ]
        read_only_fields = ["label", "side", "stated_on", "superseded_on"]


class ComplaintSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = VisibleField(Patient)
    pain_site = serializers.ChoiceField(choices=BODY_SITES)
    site = serializers.SerializerMethodField(help_text="The site in words.")
    opened_on = serializers.DateField(required=False, help_text="Today if left out.")
    suspected_source = serializers.ChoiceField(
        choices=PAIN_SOURCES, required=False, write_only=True
    )
    sources = SourceSerializer(many=True, read_only=True, source="hypotheses")
    deficit_days = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="While the clock runs."
    )

    class Meta:
        model = Complaint
        fields = [
            "id",
            "patient",
            "title",
            "pain_site",
            "side",
            "site",
            "onset_on",
            "opened_on",
            "closed_on",
            "note",
            "suspected_source",
            "sources",
            "deficit_kind",
            "deficit_since",
            "deficit_days",
            "deficit_ended_on",
            "deficit_end_reason",
            "created_at",
        ]
        read_only_fields = [
            "closed_on",
            "deficit_kind",
            "deficit_since",
            "deficit_ended_on",
            "deficit_end_reason",
        ]

    def get_site(self, complaint: Complaint) -> str:
        return complaint.site_phrase("en")


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=200)


class ComplaintViewSet(PatientRowsViewSet):
    queryset = Complaint.objects.select_related("patient__clinic").prefetch_related(
        "hypotheses__stated_by"
    )
    serializer_class = ComplaintSerializer
    filterset_class = ComplaintFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.WRITE_COMPLAINTS,
        "sources": Act.DIAGNOSE,
        "stop_clock": Act.ACT_ON_RED_FLAGS,
    }

    def create(self, request: Request) -> Response:
        """Open a complaint: where it hurts, and where it may come from."""
        asked = self.checked(request)
        if "suspected_source" in asked:
            access.require(self.caller, Act.DIAGNOSE)
        complaint = complaints.open_complaint(by=self.caller, **asked)
        return self.shown(complaint, code=status.HTTP_201_CREATED)

    @extend_schema(responses={201: ComplaintSerializer})
    @action(detail=True, methods=["post"], serializer_class=SourceSerializer)
    def sources(self, request: Request, pk: str) -> Response:
        """Name a pain source; an earlier entry for the same one is superseded."""
        complaint = self.get_object()
        ledger.name_source(complaint, by=self.caller, **self.checked(request))
        return self.shown(complaint, ComplaintSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses={200: ComplaintSerializer})
    @action(
        detail=True,
        methods=["post"],
        url_path="clock/stop",
        serializer_class=ReasonSerializer,
    )
    def stop_clock(self, request: Request, pk: str) -> Response:
        """The weakness was treated or is gone; the reason is kept."""
        complaint = self.get_object()
        early_intervention.stop(complaint, by=self.caller, **self.checked(request))
        return self.shown(complaint, ComplaintSerializer)


class DiagnosisSerializer(StrictSerializer, serializers.ModelSerializer):
    complaint = VisibleField(Complaint)
    recorded_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = Diagnosis
        fields = [
            "id",
            "complaint",
            "code",
            "title",
            "release",
            "role",
            "certainty",
            "status",
            "recorded_on",
            "recorded_by",
            "created_at",
        ]
        read_only_fields = ["title", "release", "status", "recorded_on"]
        # The list of codes knows which one is on the complaint already.
        validators: ClassVar[list] = []


class DiagnosisFilters(django_filters.FilterSet):
    patient = OfPatient("complaint__patient")
    complaint = django_filters.UUIDFilter()
    code = django_filters.CharFilter(
        method="code_begins", help_text="The beginning of a code, such as M54."
    )
    role = django_filters.ChoiceFilter(choices=Diagnosis.Role.choices)
    certainty = django_filters.ChoiceFilter(choices=Diagnosis.Certainty.choices)
    status = django_filters.ChoiceFilter(choices=Diagnosis.Status.choices)
    ordering = Ordering(fields=["recorded_on", "code"])

    def code_begins(self, queryset: QuerySet, name: str, text: str) -> QuerySet:
        return queryset.filter(begins_with("code", text.strip().upper()))


class DiagnosisViewSet(PatientRowsViewSet):
    queryset = Diagnosis.objects.select_related("complaint", "recorded_by")
    serializer_class = DiagnosisSerializer
    filterset_class = DiagnosisFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.DIAGNOSE,
    }

    def create(self, request: Request) -> Response:
        """Add an ICD-10-CM code to a complaint; its wording is kept with it."""
        diagnosis = diagnoses.diagnose(by=self.caller, **self.checked(request))
        return self.shown(diagnosis, code=status.HTTP_201_CREATED)
