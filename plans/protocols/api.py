"""Protocols over the API: what each version says, and how versions differ."""

from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError as Refused
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit
from clinic.access import Act
from clinic.api_fields import NothingSerializer, StrictSerializer, VisibleField
from clinic.api_views import ClinicViewSet
from plans.course.preview_api import EffectRowSerializer
from plans.models import (
    Modality,
    Plan,
    Protocol,
    ProtocolGoal,
    ProtocolStep,
    ReminderRung,
    Timepoint,
)
from plans.protocols import comparison, drafts, moving, stored

# As many plans are compared with a version at one go.
MOST = 200


class StepSerializer(serializers.ModelSerializer):
    class Meta:
        model = ProtocolStep
        fields = [
            "position",
            "key",
            "title",
            "modality",
            "kind",
            "after",
            "offset_days",
            "repeats",
            "every_days",
            "who",
            "is_index",
            "detail",
        ]
        read_only_fields = fields


class TimepointSerializer(serializers.ModelSerializer):
    measures = serializers.ListField(child=serializers.CharField(), read_only=True)
    optional_measures = serializers.ListField(
        child=serializers.CharField(), read_only=True
    )
    sources = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Timepoint
        fields = [
            "key",
            "label",
            "offset_days",
            "open_day",
            "close_day",
            "ask_day",
            "who",
            "is_baseline",
            "is_safety",
            "is_yearly",
            "measures",
            "optional_measures",
            "purpose",
            "grounding",
            "status",
            "sources",
        ]
        read_only_fields = fields


class ProtocolGoalSerializer(serializers.ModelSerializer):
    class Meta:
        model = ProtocolGoal
        fields = ["position", "measure", "comparison", "target", "by_day", "words"]
        read_only_fields = fields


class RungSerializer(serializers.ModelSerializer):
    class Meta:
        model = ReminderRung
        fields = ["position", "channel", "after_days", "is_safety"]
        read_only_fields = fields


class ProtocolSerializer(StrictSerializer, serializers.ModelSerializer):
    steps = StepSerializer(many=True, read_only=True)
    timepoints = TimepointSerializer(many=True, read_only=True)
    goals = ProtocolGoalSerializer(many=True, read_only=True)
    rungs = RungSerializer(many=True, read_only=True)
    sources = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Protocol
        fields = [
            "id",
            "key",
            "version",
            "title",
            "modality",
            "condition",
            "summary",
            "anchor",
            "sources",
            "yearly_until",
            "steps",
            "timepoints",
            "goals",
            "rungs",
            "sha256",
            "published_at",
            "change_note",
            "retired_at",
        ]
        read_only_fields = fields


class DifferenceSerializer(serializers.Serializer):
    section = serializers.CharField()
    what = serializers.CharField()
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    sentence = serializers.CharField()


class OtherVersionSerializer(StrictSerializer):
    to = VisibleField(Protocol)


class PlanMoveSerializer(serializers.Serializer):
    plan = serializers.UUIDField(source="plan.pk")
    patient = serializers.UUIDField(source="plan.complaint.patient_id")
    version = serializers.IntegerField(source="plan.protocol.version")
    changes = serializers.ListField(child=serializers.CharField(), source="sentences")
    rows = EffectRowSerializer(many=True, source="effect.rows")
    refusal = serializers.CharField()


class MovePlansSerializer(StrictSerializer):
    plans = serializers.ListField(
        child=VisibleField(Plan), min_length=1, max_length=MOST
    )


class MovedSerializer(serializers.Serializer):
    moved = serializers.IntegerField()


class ProtocolFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    modality = django_filters.ChoiceFilter(choices=Modality.choices)
    is_retired = django_filters.BooleanFilter(
        "retired_at", lookup_expr="isnull", exclude=True
    )


class ProtocolViewSet(ClinicViewSet):
    queryset = Protocol.objects.prefetch_related(*stored.PARTS).order_by(
        "modality", "title", "-version", "pk"
    )
    serializer_class = ProtocolSerializer
    filterset_class = ProtocolFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PLANS,
        "retrieve": Act.READ_PLANS,
        "compare": Act.READ_PLANS,
        "retire": Act.MANAGE_PROTOCOLS,
        "bring_back": Act.MANAGE_PROTOCOLS,
        "plans_to_move": Act.MANAGE_PROTOCOLS,
        "move_plans": Act.MANAGE_PROTOCOLS,
    }

    @extend_schema(
        parameters=[OpenApiParameter("to", OpenApiTypes.UUID, required=True)],
        responses=DifferenceSerializer(many=True),
        filters=False,
    )
    @action(
        detail=True, pagination_class=None, filterset_class=None, parameters=("to",)
    )
    def compare(self, request: Request, pk: str) -> Response:
        """What is different in the version that `to` names, one change each."""
        old = self.get_object()
        asked = OtherVersionSerializer(
            data=request.query_params.dict(), context=self.get_serializer_context()
        )
        asked.is_valid(raise_exception=True)
        new = asked.validated_data["to"]
        found = comparison.differences(
            stored.definition_of(old), stored.definition_of(new)
        )
        return Response(DifferenceSerializer(found, many=True).data)

    @extend_schema(responses=ProtocolSerializer)
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def retire(self, request: Request, pk: str) -> Response:
        """Offer it no more for new plans; those that run go on with it."""
        return self._offered(request, drafts.retire)

    @extend_schema(responses=ProtocolSerializer)
    @action(
        detail=True,
        methods=["post"],
        serializer_class=NothingSerializer,
        url_path="bring-back",
    )
    def bring_back(self, request: Request, pk: str) -> Response:
        """Offer a retired one again."""
        return self._offered(request, drafts.bring_back)

    def _offered(self, request: Request, verb: Any) -> Response:
        protocol = self.get_object()
        self.checked(request)
        return self.shown(verb(protocol, by=self.caller), ProtocolSerializer)

    @extend_schema(responses=PlanMoveSerializer(many=True), filters=False)
    @action(
        detail=True,
        pagination_class=None,
        filterset_class=None,
        url_path="plans-to-move",
    )
    def plans_to_move(self, request: Request, pk: str) -> Response:
        """Plans that go by an older version, and what moving each would change."""
        protocol = self.get_object()
        movable = moving.movable(protocol, self.caller)
        plans = list(moving.with_steps(movable)[:MOST])
        audit.record(
            by=self.caller,
            action="protocol.plans_listed",
            about=protocol,
            patients=[plan.audit_subject for plan in plans],
        )
        moves = moving.preview(plans, protocol)
        return Response(PlanMoveSerializer(moves, many=True).data)

    @extend_schema(responses=MovedSerializer)
    @action(
        detail=True,
        methods=["post"],
        serializer_class=MovePlansSerializer,
        url_path="move-plans",
    )
    def move_plans(self, request: Request, pk: str) -> Response:
        """Move the named plans to this version, all of them or none."""
        protocol = self.get_object()
        chosen: Any = self.checked(request)["plans"]
        if len({plan.pk for plan in chosen}) < len(chosen):
            raise Refused({"plans": "A plan is named twice."})
        number = moving.move(chosen, protocol=protocol, by=self.caller)
        return Response({"moved": number})
