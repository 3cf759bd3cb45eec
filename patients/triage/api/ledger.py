"""The source ledger over the API: judgements with what was cited for and against."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from clinic.access import Act
from clinic.api_fields import StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients.catalogue import places
from patients.models import Evidence, Finding, SourceHypothesis, Study
from patients.models.complaint import NOTE_LENGTH
from patients.record.filters import OfPatient
from patients.triage.evidence import WORST_PAIN, Citation, Response

PAIN_SOURCES = list(places.pain_sources())
# Each names what is cited; one of them and no more.
CITED = ("finding", "study", "intervention", "words")


class EvidenceSerializer(serializers.ModelSerializer):
    is_withdrawn = serializers.BooleanField(
        read_only=True, help_text="What it cites was entered in error since."
    )

    class Meta:
        model = Evidence
        fields = ["id", "stance", "kind", "label", "finding", "study", "is_withdrawn"]
        read_only_fields = fields


class CitationSerializer(StrictSerializer):
    """One thing for or against: a finding, a study, an injection, or plain words."""

    stance = serializers.ChoiceField(choices=Evidence.Stance.choices)
    finding = VisibleField(Finding, required=False)
    study = VisibleField(Study, required=False)
    intervention = serializers.UUIDField(required=False)
    words = serializers.CharField(required=False, max_length=300)
    blocked = serializers.CharField(required=False, max_length=120)
    pain_before = serializers.IntegerField(
        required=False, min_value=0, max_value=WORST_PAIN
    )
    pain_after = serializers.IntegerField(
        required=False, min_value=0, max_value=WORST_PAIN
    )
    lasted = serializers.CharField(required=False, max_length=40)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = [name for name in CITED if name in attrs]
        if len(named) != 1:
            raise serializers.ValidationError(f"Give one of {', '.join(CITED)}.")
        if "intervention" in attrs and not {"pain_before", "pain_after"} <= set(attrs):
            raise serializers.ValidationError("Give the pain before and after.")
        return attrs


class JudgementSerializer(StrictSerializer):
    source = serializers.ChoiceField(choices=PAIN_SOURCES)  # type: ignore[assignment]
    certainty = serializers.ChoiceField(
        choices=SourceHypothesis.Certainty.choices, required=False
    )
    note = serializers.CharField(required=False, max_length=NOTE_LENGTH)
    evidence = CitationSerializer(many=True, required=False)
    seen = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        help_text=(
            "The entries that were weighed: these are superseded. Left out, all that "
            "stand for the source are."
        ),
    )


class SourceSerializer(StrictSerializer, serializers.ModelSerializer):
    source = serializers.ChoiceField(choices=PAIN_SOURCES)  # type: ignore[assignment]
    stated_by: serializers.Field = serializers.StringRelatedField()
    evidence = EvidenceSerializer(many=True, read_only=True)

    class Meta:
        model = SourceHypothesis
        fields = [
            "id",
            "complaint",
            "source",
            "label",
            "side",
            "certainty",
            "note",
            "stated_on",
            "stated_by",
            "superseded_on",
            "evidence",
        ]
        read_only_fields = fields


class SourceFilters(django_filters.FilterSet):
    patient = OfPatient("complaint__patient")
    complaint = django_filters.UUIDFilter()
    pain_site = django_filters.ChoiceFilter(
        "complaint__pain_site", choices=places.site_choices()
    )
    source = django_filters.ChoiceFilter(choices=[(key, key) for key in PAIN_SOURCES])
    certainty = django_filters.ChoiceFilter(choices=SourceHypothesis.Certainty.choices)
    is_standing = django_filters.BooleanFilter(
        method="standing", help_text="Neither replaced by a later entry nor refuted."
    )
    stated_from = django_filters.DateFilter("stated_on", "gte")
    stated_until = django_filters.DateFilter("stated_on", "lte")
    ordering = Ordering(fields=["stated_on"])

    def standing(self, queryset: QuerySet, name: str, wanted: bool) -> QuerySet:
        condition = SourceHypothesis.STANDING
        return queryset.filter(condition if wanted else ~condition)


class SourceViewSet(PatientRowsViewSet):
    queryset = SourceHypothesis.objects.select_related("complaint").prefetch_related(
        *SourceHypothesis.SHOWN_WITH
    )
    serializer_class = SourceSerializer
    filterset_class = SourceFilters
    acts: ClassVar = {"list": Act.READ_CLINICAL, "retrieve": Act.READ_CLINICAL}


def citations(given: list[dict[str, Any]]) -> list[Citation]:
    return [_citation(each) for each in given]


def _citation(given: dict[str, Any]) -> Citation:
    response = None
    if "intervention" in given:
        response = Response(
            given["intervention"],
            given.get("blocked", ""),
            given["pain_before"],
            given["pain_after"],
            given.get("lasted", ""),
        )
    return Citation(
        given["stance"],
        finding=given.get("finding"),
        study=given.get("study"),
        response=response,
        words=given.get("words", ""),
    )
