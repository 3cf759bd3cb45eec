"""Complaints over the API; a judgement on their source is an act of theirs."""

from typing import ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import access
from clinic.access import Act
from clinic.api_fields import ReasonSerializer, StrictSerializer, VisibleField
from clinic.api_views import PatientRowsViewSet
from patients.catalogue import places
from patients.models import Complaint, Evaluation, Patient, SourceHypothesis
from patients.triage import complaints, early_intervention, ledger
from patients.triage.api import ledger as ledger_api
from patients.triage.api.complaint_filters import ComplaintFilters
from patients.triage.api.ledger import (
    PAIN_SOURCES,
    JudgementSerializer,
    SourceSerializer,
)
from patients.triage.api.papers import LetterSerializer, NoteRenderer, NoteSerializer
from patients.triage.note import letter, written

BODY_SITES = list(places.body_sites())
LEDGER = tuple(f"hypotheses__{name}" for name in SourceHypothesis.SHOWN_WITH)


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


class ComplaintViewSet(PatientRowsViewSet):
    queryset = Complaint.objects.select_related("patient__clinic").prefetch_related(
        *LEDGER
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
        "note": Act.READ_CLINICAL,
        "letter": Act.READ_CLINICAL,
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

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "evaluation",
                OpenApiTypes.UUID,
                description="One of this complaint; the newest if left out.",
            )
        ],
        responses={
            (200, "application/json"): NoteSerializer,
            (200, "text/plain"): OpenApiTypes.STR,
        },
    )
    @action(
        detail=True,
        renderer_classes=[JSONRenderer, NoteRenderer],
        parameters=("evaluation", "format"),
    )
    def note(self, request: Request, pk: str) -> Response:
        """Evaluation, reasoning and diagnosis as plain text for a record system."""
        complaint = self.get_object()
        asked = request.query_params.get("evaluation", "")
        try:
            found = written.write(complaint, by=self.caller, form="api", asked=asked)
        except Evaluation.DoesNotExist:
            raise serializers.ValidationError(
                {"evaluation": ["This complaint has no evaluation with this id."]}
            ) from None
        return Response(NoteSerializer(found).data)

    @extend_schema(responses=LetterSerializer)
    @action(detail=True)
    def letter(self, request: Request, pk: str) -> Response:
        """What the letter to whoever sent the patient says."""
        found = letter.write(self.get_object(), by=self.caller)
        return Response(LetterSerializer(found).data)
