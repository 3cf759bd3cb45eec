"""Evaluations over the API: a draft takes findings cell by cell, until it is signed."""

from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import clock
from clinic.access import Act
from clinic.api_fields import ReasonSerializer, StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients.models import Complaint, Evaluation, Finding, RedFlag
from patients.record.filters import OfPatient
from patients.triage import checklist, evaluations
from patients.triage.api.evaluation_shapes import (
    BlockSerializer,
    ChecklistsSerializer,
    EntriesSerializer,
    FindingSerializer,
    SavedSerializer,
    SignatureSerializer,
    checklists_json,
    entries_of,
    saved_json,
)


class EvaluationSerializer(StrictSerializer, serializers.ModelSerializer):
    complaint = VisibleField(Complaint)
    patient = serializers.UUIDField(source="complaint.patient_id", read_only=True)
    examined_on = serializers.DateField(required=False, help_text="Today if left out.")
    started_by: serializers.Field = serializers.StringRelatedField()
    signed_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = Evaluation
        fields = [
            "id",
            "complaint",
            "patient",
            "examined_on",
            "state",
            "state_reason",
            "catalogue_version",
            "revision",
            "started_by",
            "signed_by",
            "signed_at",
            "created_at",
        ]
        read_only_fields = [
            "state",
            "state_reason",
            "catalogue_version",
            "revision",
            "signed_at",
        ]


class FullEvaluationSerializer(EvaluationSerializer):
    findings = FindingSerializer(many=True, read_only=True)

    class Meta(EvaluationSerializer.Meta):
        fields = [*EvaluationSerializer.Meta.fields, "findings"]


class EvaluationFilters(django_filters.FilterSet):
    patient = OfPatient("complaint__patient")
    complaint = django_filters.UUIDFilter()
    state = django_filters.ChoiceFilter(choices=Evaluation.State.choices)
    examined_from = django_filters.DateFilter("examined_on", "gte")
    examined_until = django_filters.DateFilter("examined_on", "lte")
    ordering = Ordering(fields=["examined_on", "created_at"])


class EvaluationViewSet(PatientRowsViewSet):
    queryset = Evaluation.objects.select_related(
        "complaint__patient__clinic", "started_by", "signed_by"
    )
    serializer_class = EvaluationSerializer
    filterset_class = EvaluationFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.RECORD_FINDINGS,
        "record": Act.RECORD_FINDINGS,
        "normal": Act.RECORD_FINDINGS,
        "sign": Act.SIGN_EVALUATIONS,
        "enter_in_error": Act.SIGN_EVALUATIONS,
        "checklist": Act.READ_CLINICAL,
    }

    def get_queryset(self) -> QuerySet:
        found = super().get_queryset()
        if self.action in ("list", "checklist"):
            return found
        standing = Finding.objects.filter(replaced_in=None).select_related("entered_by")
        return found.prefetch_related(Prefetch("findings", standing))

    @extend_schema(responses=FullEvaluationSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One evaluation with its findings; what nobody recorded has no entry."""
        row = self.get_object()
        self.note_read(row)
        return Response(self.full(row))

    @extend_schema(responses={201: FullEvaluationSerializer})
    @transaction.atomic
    def create(self, request: Request) -> Response:
        """Start an evaluation, or go on with the draft that the complaint has open."""
        asked = self.checked(request)
        draft = evaluations.start(by=self.caller, **asked)
        if asked.get("examined_on", draft.examined_on) != draft.examined_on:
            day = clock.in_words(draft.examined_on)
            raise ValidationError(
                {"examined_on": f"A draft of {day} is open; sign it first."}
            )
        return self.shown(draft, FullEvaluationSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses=SavedSerializer)
    @action(detail=True, methods=["post"], serializer_class=EntriesSerializer)
    def record(self, request: Request, pk: str) -> Response:
        """Enter findings; null takes one back, which leaves it not recorded.

        `seen` is the revision that the entries were made upon. What somebody else
        has changed since stays, and is told as a conflict. A wrong cell is named and
        nothing is saved.
        """
        evaluation = self.get_object()
        asked = self.checked(request)
        entries = entries_of(asked["findings"])
        saved = evaluations.record(
            evaluation, by=self.caller, entries=entries, seen=asked.get("seen")
        )
        return Response(saved_json(saved))

    @extend_schema(responses=SavedSerializer)
    @action(detail=True, methods=["post"], serializer_class=BlockSerializer)
    def normal(self, request: Request, pk: str) -> Response:
        """Record as normal, and so as examined, what of a block is still blank."""
        evaluation = self.get_object()
        saved = evaluations.mark_normal(
            evaluation, by=self.caller, **self.checked(request)
        )
        return Response(saved_json(saved))

    @extend_schema(responses=FullEvaluationSerializer)
    @action(detail=True, methods=["post"], serializer_class=SignatureSerializer)
    def sign(self, request: Request, pk: str) -> Response:
        """Stand for it as a clinician; from then on it stays as it is."""
        evaluation = self.get_object()
        evaluations.sign(evaluation, by=self.caller, **self.checked(request))
        return self.shown(evaluation, FullEvaluationSerializer)

    @extend_schema(responses=FullEvaluationSerializer)
    @action(
        detail=True,
        methods=["post"],
        serializer_class=ReasonSerializer,
        url_path="enter-in-error",
    )
    def enter_in_error(self, request: Request, pk: str) -> Response:
        """Mark it as about somebody or something else; kept, and counted nowhere."""
        evaluation = self.get_object()
        evaluations.enter_in_error(evaluation, by=self.caller, **self.checked(request))
        return self.shown(evaluation, FullEvaluationSerializer)

    @extend_schema(responses=ChecklistsSerializer)
    @action(detail=True, methods=["get"])
    def checklist(self, request: Request, pk: str) -> Response:
        """The low-back origin checklist: transparent, unvalidated, for staff only.

        No sides where the complaint's site has none; no points while an emergency
        or same-day red flag is open.
        """
        evaluation = self.get_object()
        self.note_read(evaluation)
        raised = (
            RedFlag.objects.visible_to(self.caller)
            .of_person(evaluation.complaint.patient)
            .filter(state__in=RedFlag.STANDING)
        )
        values = evaluations.values(evaluation)
        found = checklist.of_evaluation(evaluation, values, raised)
        return Response(checklists_json(found))

    def full(self, row: Evaluation) -> dict[str, Any]:
        context = self.get_serializer_context()
        return FullEvaluationSerializer(row, context=context).data
