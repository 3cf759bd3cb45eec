"""What is warned of before an intervention, over the API."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit, clock
from clinic.api_views import PatientRowsViewSet
from plans.cautions import passing


class CautionPassSerializer(serializers.Serializer):
    words = serializers.CharField(help_text="As they were shown then.")
    reason = serializers.CharField()
    passed_by: serializers.Field = serializers.StringRelatedField()
    passed_at = serializers.DateTimeField(source="created_at")


class CautionFlagSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    flag = serializers.CharField()
    tier = serializers.CharField()


class CautionSerializer(serializers.Serializer):
    key = serializers.CharField()
    words = serializers.CharField()
    action = serializers.CharField(help_text="What to do about it.")
    source_key = serializers.CharField(
        source="source", help_text="A key of our sources, or the words clinic policy."
    )
    stops = serializers.BooleanField()
    is_standing = serializers.BooleanField(
        help_text="False for what was passed and whose condition is gone."
    )
    needs_reason = serializers.BooleanField()
    red_flags = CautionFlagSerializer(source="flags", many=True)
    passed = CautionPassSerializer(allow_null=True)


class CautionSheetSerializer(serializers.Serializer):
    on = serializers.DateField()
    steroid_in_12_months = serializers.CharField(
        help_text="What was given here; empty where none was or none is asked."
    )
    cautions = CautionSerializer(many=True)


class CautionQuerySerializer(serializers.Serializer):
    on = serializers.DateField(
        required=False, help_text="The day of the intervention; today if left out."
    )


class ReasonsField(serializers.DictField):
    """By the key of a caution, why somebody goes on past it."""

    child = serializers.CharField(
        max_length=passing.REASON_LENGTH, allow_blank=True, trim_whitespace=True
    )

    def __init__(self, **kwargs: Any) -> None:
        words = "A reason for each caution that stands, by its key."
        super().__init__(**{"required": False, "help_text": words, **kwargs})


class CautionActs(PatientRowsViewSet):
    """Mixed into the interventions' own view set."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "on", str, description="A day as 2025-03-31; today if left out."
            )
        ],
        responses=CautionSheetSerializer,
    )
    @action(detail=True, methods=["get"], parameters=("on",))
    def cautions(self, request: Request, pk: str) -> Response:
        """What stands in the way of it on a day, and what was passed with a reason."""
        intervention = self.get_object()
        query = CautionQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        patient = intervention.plan.complaint.patient
        day = query.validated_data.get("on") or clock.today(patient.time_zone)
        found = passing.sheet(intervention, on=intervention.performed_on or day)
        audit.record(by=self.caller, action="cautions.read", about=intervention)
        shown = {
            "on": intervention.performed_on or day,
            "steroid_in_12_months": found.steroid_mg,
            "cautions": found.lines,
        }
        return Response(CautionSheetSerializer(shown).data)
