"""Complaints over the API; a judgement on their source is an act of theirs."""

from typing import ClassVar

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
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
from patients.models.searching import begins_with
from patients.record.filters import OfPatient
from patients.triage import complaints, ledger, ledger_api
from patients.triage.ledger_api import (
    PAIN_SOURCES,
    JudgementSerializer,
    SourceSerializer,
)

BODY_SITES = list(places.body_sites())


class ComplaintSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = VisibleField(Patient)
    pain_site = serializers.ChoiceField(choices=BODY_SITES)
    site = serializers.SerializerMethodField(help_text="The site in words.")
    opened_on = serializers.DateField(required=False, help_text="Today if left out.")
    suspected_source = serializers.ChoiceField(
        choices=PAIN_SOURCES, required=False, write_only=True
    )
    sources = SourceSerializer(many=True, read_only=True, source="hypotheses")

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
            "created_at",
        ]
        read_only_fields = ["closed_on"]

    def get_site(self, complaint: Complaint) -> str:
        return complaint.site_phrase("en")


class ComplaintFilters(django_filters.FilterSet):
    patient = OfPatient()
    pain_site = django_filters.ChoiceFilter(choices=places.site_choices())
    side = django_filters.ChoiceFilter(
        choices=Complaint._meta.get_field("side").choices
    )
    is_closed = django_filters.BooleanFilter("closed_on", "isnull", exclude=True)
    opened_from = django_filters.DateFilter("opened_on", "gte")
    opened_until = django_filters.DateFilter("opened_on", "lte")
    source = django_filters.ChoiceFilter(
        method="of_source",
        choices=[(key, key) for key in PAIN_SOURCES],
        help_text="A source that stands in the ledger.",
    )
    code = django_filters.CharFilter(
        method="with_code", help_text="The beginning of the code of a diagnosis."
    )
    ordering = Ordering(fields=["opened_on", "created_at"])

    def of_source(self, queryset: QuerySet, name: str, source: str) -> QuerySet:
        standing = SourceHypothesis.objects.filter(
            SourceHypothesis.STANDING, complaint=OuterRef("pk"), source=source
        )
        return queryset.filter(Exists(standing))

    def with_code(self, queryset: QuerySet, name: str, text: str) -> QuerySet:
        found = Diagnosis.objects.filter(
            begins_with("code", text.strip().upper()),
            complaint=OuterRef("pk"),
            status=Diagnosis.Status.ACTIVE,
        )
        return queryset.filter(Exists(found))


class ComplaintViewSet(PatientRowsViewSet):
    queryset = Complaint.objects.select_related("patient__clinic").prefetch_related(
        *(f"hypotheses__{name}" for name in SourceHypothesis.SHOWN_WITH)
    )
    serializer_class = ComplaintSerializer
    filterset_class = ComplaintFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.WRITE_COMPLAINTS,
        "sources": Act.DIAGNOSE,
    }

    def create(self, request: Request) -> Response:
        """Open a complaint: where it hurts, and where it may come from."""
        asked = self.checked(request)
        if "suspected_source" in asked:
            access.require(self.caller, Act.DIAGNOSE)
        complaint = complaints.open_complaint(by=self.caller, **asked)
        return self.shown(complaint, code=status.HTTP_201_CREATED)

    @extend_schema(responses={201: ComplaintSerializer})
    @action(detail=True, methods=["post"], serializer_class=JudgementSerializer)
    def sources(self, request: Request, pk: str) -> Response:
        """Name a pain source; an earlier entry for the same one is superseded."""
        complaint = self.get_object()
        asked = self.checked(request)
        cited = ledger_api.citations(asked.pop("evidence", []))
        ledger.name_source(complaint, by=self.caller, citations=cited, **asked)
        return self.shown(complaint, ComplaintSerializer, status.HTTP_201_CREATED)
