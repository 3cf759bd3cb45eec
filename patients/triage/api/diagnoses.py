"""Diagnoses over the API."""

from typing import ClassVar

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients.catalogue import places
from patients.models import Complaint, Diagnosis, SourceHypothesis
from patients.models.searching import begins_with
from patients.record.filters import OfPatient
from patients.triage import code_checks, diagnoses, reasons


class DiagnosisSerializer(StrictSerializer, serializers.ModelSerializer):
    complaint = VisibleField(Complaint)
    code = serializers.CharField(max_length=20)
    title = serializers.CharField(
        max_length=255,
        required=False,
        help_text="The list's wording; yours where our list lacks the code.",
    )
    is_other_side = serializers.BooleanField(
        required=False,
        write_only=True,
        help_text="The code is of the other side than the complaint, on purpose.",
    )
    is_unrelated = serializers.BooleanField(
        required=False,
        write_only=True,
        help_text="What excludes it (Excludes1) has nothing to do with it.",
    )
    recorded_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = Diagnosis
        fields = [
            "id",
            "complaint",
            "code",
            "title",
            "release",
            "is_listed",
            "side",
            "is_other_side",
            "is_unrelated",
            "role",
            "certainty",
            "status",
            "status_reason",
            "recorded_on",
            "recorded_by",
            "created_at",
        ]
        read_only_fields = [
            "release",
            "is_listed",
            "status",
            "status_reason",
            "recorded_on",
        ]
        # The list of codes knows which one is on the complaint already.
        validators: ClassVar[list] = []


class RecordedDiagnosisSerializer(DiagnosisSerializer):
    warnings = serializers.SerializerMethodField(
        help_text="What was kept all the same and deserves a second look."
    )

    class Meta(DiagnosisSerializer.Meta):
        fields = [*DiagnosisSerializer.Meta.fields, "warnings"]

    def get_warnings(self, diagnosis: Diagnosis) -> list[str]:
        return code_checks.warnings(diagnosis)


class RevisionSerializer(StrictSerializer):
    certainty = serializers.ChoiceField(
        choices=Diagnosis.Certainty.choices, required=False
    )
    role = serializers.ChoiceField(choices=Diagnosis.Role.choices, required=False)
    status = serializers.ChoiceField(choices=Diagnosis.Status.choices, required=False)
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=reasons.LENGTH
    )
    is_unrelated = serializers.BooleanField(required=False)


class DiagnosisFilters(django_filters.FilterSet):
    patient = OfPatient("complaint__patient")
    complaint = django_filters.UUIDFilter()
    code = django_filters.CharFilter(
        method="code_begins", help_text="The beginning of a code, such as M54."
    )
    role = django_filters.ChoiceFilter(choices=Diagnosis.Role.choices)
    certainty = django_filters.ChoiceFilter(choices=Diagnosis.Certainty.choices)
    status = django_filters.ChoiceFilter(choices=Diagnosis.Status.choices)
    is_listed = django_filters.BooleanFilter()
    pain_site = django_filters.ChoiceFilter(
        "complaint__pain_site", choices=places.site_choices()
    )
    source = django_filters.ChoiceFilter(
        method="of_source",
        choices=[(key, key) for key in places.pain_sources()],
        help_text="A source that stands in the complaint's ledger.",
    )
    ordering = Ordering(fields=["recorded_on", "code"])

    def code_begins(self, queryset: QuerySet, name: str, text: str) -> QuerySet:
        return queryset.filter(begins_with("code", text.strip().upper()))

    def of_source(self, queryset: QuerySet, name: str, source: str) -> QuerySet:
        standing = SourceHypothesis.objects.filter(
            SourceHypothesis.STANDING, complaint=OuterRef("complaint"), source=source
        )
        return queryset.filter(Exists(standing))


class DiagnosisViewSet(PatientRowsViewSet):
    queryset = Diagnosis.objects.select_related("complaint", "recorded_by")
    serializer_class = DiagnosisSerializer
    filterset_class = DiagnosisFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.DIAGNOSE,
        "revise": Act.DIAGNOSE,
    }

    @extend_schema(responses={201: RecordedDiagnosisSerializer})
    def create(self, request: Request) -> Response:
        """Add an ICD-10-CM code to a complaint; its wording is kept with it."""
        made = diagnoses.diagnose(by=self.caller, **self.checked(request))
        return self.shown(made, RecordedDiagnosisSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses={200: RecordedDiagnosisSerializer})
    @action(detail=True, methods=["post"], serializer_class=RevisionSerializer)
    def revise(self, request: Request, pk: str) -> Response:
        """Change certainty, role or status; the code and its wording stay."""
        diagnosis = self.get_object()
        changes = self.checked(request)
        diagnoses.revise_diagnosis(diagnosis, by=self.caller, **changes)
        return self.shown(diagnosis, RecordedDiagnosisSerializer)
