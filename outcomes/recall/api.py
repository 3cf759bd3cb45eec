"""The recall over the API: who was treated with it, and whom to call."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import access, api_filters, audit
from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_views import PatientRowsViewSet
from outcomes.recall import contacts, rows
from outcomes.recall.forms import PURPOSE_LENGTH
from plans.harm import recall
from plans.harm.recall import By, Match
from plans.models import AdverseEvent, Intervention, LotUse

LONGEST = 120
WANTED = ("q", "by", "operator")
PARAMETERS = [
    OpenApiParameter(
        "q", str, required=True, description="What the notice names, or its beginning."
    ),
    OpenApiParameter(
        "by", str, enum=list(By), description="Of several ways it is found, this one."
    ),
    OpenApiParameter(
        "operator", UUID, description="Of several people of that name, this one."
    ),
]


class RecalledLotSerializer(serializers.ModelSerializer):
    was_expired = serializers.BooleanField(help_text="Before the day it was used.")

    class Meta:
        model = LotUse
        fields = ["kind", "name", "lot", "expires_on", "was_expired"]
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer):
    grade = serializers.IntegerField(source="worst_grade", allow_null=True)

    class Meta:
        model = AdverseEvent
        fields = ["id", "category", "onset_on", "status", "grade"]
        read_only_fields = fields


class PainSerializer(serializers.Serializer):
    """The latest answer of the plan's follow-up against its baseline, 0 to 10."""

    timepoint = serializers.CharField(source="label")
    baseline = serializers.FloatField()
    value = serializers.FloatField()
    change = serializers.FloatField()


class RecalledSerializer(serializers.ModelSerializer):
    patient = serializers.UUIDField(source="plan.complaint.patient.kept_id")
    performed_by: serializers.Field = serializers.StringRelatedField()
    lots = RecalledLotSerializer(many=True)
    adverse_events = EventSerializer(many=True)
    pain = PainSerializer(allow_null=True)

    class Meta:
        model = Intervention
        fields = [
            "id",
            "patient",
            "plan",
            "title",
            "modality",
            "side",
            "target",
            "status",
            "performed_on",
            "performed_by",
            "lots",
            "adverse_events",
            "pain",
        ]
        read_only_fields = fields


class WantedSerializer(StrictSerializer):
    q = serializers.CharField(max_length=LONGEST)
    by = serializers.ChoiceField(choices=list(By), required=False)
    operator = serializers.UUIDField(
        required=False, help_text="Of several people of that name, this one."
    )


class PurposeSerializer(WantedSerializer):
    purpose = serializers.CharField(
        max_length=PURPOSE_LENGTH, help_text="Kept with the patients shown."
    )


class ContactSerializer(serializers.Serializer):
    patient = serializers.UUIDField(source="patient.pk")
    mrn = serializers.CharField(source="patient.mrn")
    name = serializers.CharField(source="patient.__str__")
    phone = serializers.CharField()
    email = serializers.CharField()
    language = serializers.CharField(source="patient.language")
    state = serializers.CharField()
    treated_on = serializers.ListField(child=serializers.DateField(), source="days")


class RecallViewSet(PatientRowsViewSet):
    queryset = Intervention.objects.all()
    serializer_class = RecalledSerializer
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {"list": Act.READ_PLANS, "contacts": Act.READ_PLANS}
    parameters = ("page", "page_size")

    @extend_schema(parameters=PARAMETERS)
    def list(self, request: Request) -> Response:
        """What was done with a lot, kit, device or by an operator, the latest first."""
        api_filters.refuse_unknown(request, {*WANTED, "page", "page_size"})
        wanted = {
            key: value
            for key, value in request.query_params.dict().items()
            if key in WANTED
        }
        found = rows.with_all(self.recalled(wanted), self.caller)
        page = self.paginate_queryset(found) or []
        for row in rows.rows(page, self.caller):
            row.intervention.pain = row.pain  # type: ignore[attr-defined]
        audit.record(
            by=self.caller,
            action="recall.searched",
            about=self.clinic,
            patients=[row.plan.complaint.patient.kept_id for row in page],
            searched=wanted["q"],
        )
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request=PurposeSerializer, responses={200: ContactSerializer(many=True)}
    )
    def contacts(self, request: Request) -> Response:
        """Whom to call, each person once, by name; says why, which is kept."""
        access.require(self.caller, Act.READ_PATIENTS)
        given = self.checked(request, PurposeSerializer)
        purpose = given.pop("purpose")
        found = self.recalled(given)
        page = self.paginate_queryset(contacts.people(found, self.caller)) or []
        listed = contacts.of(page, found, self.caller)
        audit.record(
            by=self.caller,
            action="recall.contacts_read",
            about=self.clinic,
            patients=[contact.patient.pk for contact in listed],
            searched=given["q"],
            purpose=purpose,
        )
        return self.get_paginated_response(ContactSerializer(listed, many=True).data)

    def recalled(self, wanted: dict[str, Any]) -> QuerySet[Intervention]:
        """Of the way it is found; nothing where it is not, 400 where it is too much."""
        asked = WantedSerializer(data=wanted)
        asked.is_valid(raise_exception=True)
        ways = recall.matches(self.caller, asked.validated_data["q"])
        by, operator = map(asked.validated_data.get, ("by", "operator"))
        chosen: Sequence[Match] = [
            way
            for way in ways
            if by in (None, way.by) and operator in (None, way.operator)
        ]
        if not chosen:
            return Intervention.objects.none()
        if all(way.is_too_wide for way in chosen):
            raise serializers.ValidationError(
                {"q": [f"More than {recall.MOST_ALIKE} labels begin so; type more."]}
            )
        way = next(way for way in chosen if not way.is_too_wide)
        people = [one for one in chosen if one.operator]
        if way.operator and len(people) > 1:
            raise serializers.ValidationError(
                {
                    "operator": [
                        "Several people are named so; send one of "
                        + ", ".join(f"{one.operator} ({one.name})" for one in people)
                    ]
                }
            )
        return recall.interventions(self.caller, way)
