"""Plans and interventions over the API."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import clinics
from clinic.access import Act
from clinic.api_fields import StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from clinic.models import User
from patients.models import Complaint
from patients.record.filters import OfPatient
from plans.cautions.api import CautionActs, ReasonsField
from plans.course import interventions, lifecycle
from plans.models import Intervention, Modality, Plan, Protocol


class ProviderField(serializers.PrimaryKeyRelatedField):
    """Somebody who treats patients in the caller's clinic."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["queryset"] = User.objects.all()
        kwargs["pk_field"] = serializers.UUIDField(format="hex_verbose")
        kwargs["error_messages"] = {
            "does_not_exist": "No provider of your clinic has this id."
        }
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet:
        return clinics.providers(self.context["request"].user.membership.clinic)


class PlanSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = serializers.UUIDField(source="complaint.patient_id", read_only=True)
    complaint = VisibleField(Complaint)
    protocol = VisibleField(Protocol)
    provider = ProviderField(required=False, allow_null=True)
    procedure_on = serializers.DateField(
        required=False,
        write_only=True,
        help_text="The day of the procedure; later steps move with it.",
    )

    class Meta:
        model = Plan
        fields = [
            "id",
            "patient",
            "complaint",
            "protocol",
            "title",
            "modality",
            "treatment_key",
            "treatment_label",
            "provider",
            "status",
            "started_on",
            "procedure_on",
            "ended_on",
            "status_reason",
            "created_at",
        ]
        read_only_fields = [
            "title",
            "modality",
            "treatment_key",
            "treatment_label",
            "status",
            "ended_on",
            "status_reason",
        ]


class EndSerializer(StrictSerializer):
    status = serializers.ChoiceField(
        choices=[Plan.Status.COMPLETED, Plan.Status.STOPPED]
    )
    ended_on = serializers.DateField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class PlanFilters(django_filters.FilterSet):
    patient = OfPatient("complaint__patient")
    complaint = django_filters.UUIDFilter()
    protocol = django_filters.UUIDFilter()
    status = django_filters.ChoiceFilter(choices=Plan.Status.choices)
    modality = django_filters.ChoiceFilter(choices=Modality.choices)
    treatment_key = django_filters.CharFilter()
    started_from = django_filters.DateFilter("started_on", "gte")
    started_until = django_filters.DateFilter("started_on", "lte")
    ordering = Ordering(fields=["started_on", "created_at"])


class PlanViewSet(PatientRowsViewSet):
    queryset = Plan.objects.select_related("complaint__patient__clinic")
    serializer_class = PlanSerializer
    filterset_class = PlanFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PLANS,
        "retrieve": Act.READ_PLANS,
        "create": Act.WRITE_PLANS,
        "end": Act.WRITE_PLANS,
    }

    def create(self, request: Request) -> Response:
        """Start a plan from a protocol, with its steps as planned interventions."""
        plan = lifecycle.start(by=self.caller, **self.checked(request))
        return self.shown(plan, code=status.HTTP_201_CREATED)

    @extend_schema(responses=PlanSerializer)
    @action(detail=True, methods=["post"], serializer_class=EndSerializer)
    def end(self, request: Request, pk: str) -> Response:
        """Complete or stop a plan; the patient is still asked how it goes."""
        plan = self.get_object()
        lifecycle.end(plan, by=self.caller, **self.checked(request))
        return self.shown(plan, PlanSerializer)


class InterventionSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = serializers.UUIDField(source="plan.complaint.patient_id", read_only=True)
    performed_by: serializers.Field = serializers.StringRelatedField()

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
            "is_index",
            "planned_on",
            "performed_on",
            "performed_by",
            "detail",
            "created_at",
        ]
        read_only_fields = fields


class PerformSerializer(StrictSerializer, serializers.ModelSerializer):
    performed_on = serializers.DateField()
    caution_reasons = ReasonsField()

    class Meta:
        model = Intervention
        fields = ["performed_on", "side", "target", "detail", "caution_reasons"]


class InterventionFilters(django_filters.FilterSet):
    patient = OfPatient("plan__complaint__patient")
    plan = django_filters.UUIDFilter()
    status = django_filters.ChoiceFilter(choices=Intervention.Status.choices)
    modality = django_filters.ChoiceFilter(choices=Modality.choices)
    is_index = django_filters.BooleanFilter()
    planned_from = django_filters.DateFilter("planned_on", "gte")
    planned_until = django_filters.DateFilter("planned_on", "lte")
    performed_from = django_filters.DateFilter("performed_on", "gte")
    performed_until = django_filters.DateFilter("performed_on", "lte")
    ordering = Ordering(fields=["planned_on", "performed_on"])


class InterventionViewSet(CautionActs, PatientRowsViewSet):
    queryset = Intervention.objects.select_related(
        "plan__complaint__patient__clinic", "performed_by"
    )
    serializer_class = InterventionSerializer
    filterset_class = InterventionFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PLANS,
        "retrieve": Act.READ_PLANS,
        "perform": Act.RECORD_INTERVENTIONS,
        "cautions": Act.READ_CLINICAL,
    }

    @extend_schema(responses=InterventionSerializer)
    @action(detail=True, methods=["post"], serializer_class=PerformSerializer)
    def perform(self, request: Request, pk: str) -> Response:
        """Record that it was done; the follow-ups are planned from that day."""
        intervention = self.get_object()
        interventions.perform(intervention, by=self.caller, **self.checked(request))
        return self.shown(intervention, InterventionSerializer)
