"""Plans and interventions over the API."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import clinics, clock
from clinic.access import Act
from clinic.api_fields import (
    NothingSerializer,
    ReasonSerializer,
    StrictSerializer,
    VisibleField,
)
from clinic.api_filters import Ordering
from clinic.models import User
from patients.models import Complaint
from patients.record.filters import OfPatient
from plans.cautions.api import CautionActs, ReasonsField
from plans.course import confirmation, interventions, lifecycle, starting
from plans.course.preview_api import (
    DaySerializer,
    InterventionPreviewActs,
    MovePreviewSerializer,
    PlanPreviewActs,
)
from plans.models import Intervention, Modality, Plan, Protocol
from plans.procedures.api import DetailActs, ShownDetails
from plans.procedures.papers.api import PaperActs


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
            "hold_until",
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
            "hold_until",
            "status_reason",
        ]


class MoveSerializer(MovePreviewSerializer):
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


class PlanViewSet(PlanPreviewActs):
    queryset = Plan.objects.select_related("complaint__patient__clinic")
    serializer_class = PlanSerializer
    filterset_class = PlanFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PLANS,
        "retrieve": Act.READ_PLANS,
        "create": Act.WRITE_PLANS,
        "preview": Act.WRITE_PLANS,
        "preview_move": Act.WRITE_PLANS,
        "draft": Act.WRITE_PLANS,
        "move": Act.WRITE_PLANS,
    }

    def create(self, request: Request) -> Response:
        """Start a plan from a protocol, with its steps as planned interventions."""
        plan = starting.start(by=self.caller, **self.checked(request))
        return self.shown(plan, code=status.HTTP_201_CREATED)

    @extend_schema(responses={201: PlanSerializer})
    @action(detail=False, methods=["post"])
    def draft(self, request: Request) -> Response:
        """The same as an intention: nothing is asked until it starts."""
        plan = starting.draft(by=self.caller, **self.checked(request))
        return self.shown(plan, code=status.HTTP_201_CREATED)

    @extend_schema(responses=PlanSerializer)
    @action(detail=True, methods=["post"], serializer_class=MoveSerializer)
    def move(self, request: Request, pk: str) -> Response:
        """Propose, start, hold, resume, complete, stop, reopen or void a plan.

        Asking the patient how it goes does not end with the plan.
        """
        plan = self.get_object()
        lifecycle.move(plan, by=self.caller, **self.checked(request))
        return self.shown(plan, PlanSerializer)


class InterventionSerializer(
    ShownDetails, StrictSerializer, serializers.ModelSerializer
):
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
            "status_reason",
            "course",
            "series_number",
            "is_index",
            "planned_on",
            "performed_on",
            "performed_by",
            "patient_said",
            "patient_said_at",
            "detail",
            "created_at",
            *ShownDetails.SHOWN,
        ]
        read_only_fields = fields


class RescheduleSerializer(DaySerializer):
    caution_reasons = ReasonsField()
    seen = serializers.DateField(
        required=False,
        help_text="The day it stood on when this was decided; refused if it moved.",
    )


class TakeBackSerializer(ReasonSerializer):
    plan_again = serializers.BooleanField(default=True)


class AddSerializer(StrictSerializer, serializers.ModelSerializer):
    plan = VisibleField(Plan)
    planned_on = serializers.DateField()
    is_repeat = serializers.BooleanField(default=False)

    class Meta:
        model = Intervention
        fields = [
            "plan",
            "title",
            "modality",
            "kind",
            "side",
            "target",
            "planned_on",
            "is_repeat",
            "detail",
        ]


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
    to_confirm = django_filters.BooleanFilter(
        method="filter_to_confirm",
        help_text="Procedures of running plans whose planned day is over.",
    )
    ordering = Ordering(fields=["planned_on", "performed_on"])

    def filter_to_confirm(
        self, rows: QuerySet[Intervention], _: str, value: bool
    ) -> QuerySet[Intervention]:
        zone = self.request.user.membership.clinic.zone
        due = confirmation.past_their_day(rows, zone, clock.now())
        return due if value else rows.exclude(pk__in=due.values("pk"))


@extend_schema_view(
    perform=extend_schema(responses=InterventionSerializer),
    record_details=extend_schema(responses=InterventionSerializer),
    measure=extend_schema(responses=InterventionSerializer),
)
class InterventionViewSet(InterventionPreviewActs, DetailActs, PaperActs, CautionActs):
    queryset = Intervention.objects.select_related(
        "plan__complaint__patient__clinic", *DetailActs.RELATED
    ).prefetch_related(*DetailActs.LISTED)
    serializer_class = InterventionSerializer
    filterset_class = InterventionFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PLANS,
        "retrieve": Act.READ_PLANS,
        "create": Act.WRITE_PLANS,
        **DetailActs.ACTS,
        "reschedule": Act.WRITE_PLANS,
        **InterventionPreviewActs.ACTS,
        "cancel": Act.WRITE_PLANS,
        "take_back": Act.RECORD_INTERVENTIONS,
        "plan_again": Act.WRITE_PLANS,
        "cautions": Act.READ_CLINICAL,
        "passport": Act.READ_PLANS,
        "note": Act.READ_PLANS,
    }

    @extend_schema(request=AddSerializer, responses={201: InterventionSerializer})
    def create(self, request: Request) -> Response:
        """Plan something that the protocol does not have, or a repeat."""
        given = self.checked(request, AddSerializer)
        added = interventions.add(given.pop("plan"), by=self.caller, **given)
        return self.shown(added, code=status.HTTP_201_CREATED)

    @extend_schema(responses=InterventionSerializer)
    @action(detail=True, methods=["post"], serializer_class=RescheduleSerializer)
    def reschedule(self, request: Request, pk: str) -> Response:
        """Plan it for another day, or correct the day on which it was performed."""
        intervention = self.get_object()
        interventions.reschedule(intervention, by=self.caller, **self.checked(request))
        return self.shown(intervention, InterventionSerializer)

    @extend_schema(responses=InterventionSerializer)
    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def cancel(self, request: Request, pk: str) -> Response:
        """It will not happen; what counts from it is cancelled."""
        intervention = self.get_object()
        interventions.cancel(intervention, by=self.caller, **self.checked(request))
        return self.shown(intervention, InterventionSerializer)

    @extend_schema(responses=InterventionSerializer)
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def plan_again(self, request: Request, pk: str) -> Response:
        """It was cancelled and is to happen after all."""
        intervention = self.get_object()
        self.checked(request)
        interventions.plan_again(intervention, by=self.caller)
        return self.shown(intervention, InterventionSerializer)

    @extend_schema(responses=InterventionSerializer)
    @action(detail=True, methods=["post"], serializer_class=TakeBackSerializer)
    def take_back(self, request: Request, pk: str) -> Response:
        """It was recorded by mistake: kept as entered in error, and planned anew."""
        intervention = self.get_object()
        interventions.take_back(intervention, by=self.caller, **self.checked(request))
        return self.shown(intervention, InterventionSerializer)
