"""Caregivers and consents over the API."""

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients.catalogue import consents as wordings
from patients.models import Caregiver, Consent, Patient
from patients.record import caregivers, consents
from patients.record.filters import OfPatient


class CaregiverSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = VisibleField(Patient)

    class Meta:
        model = Caregiver
        fields = [
            "id",
            "patient",
            "name",
            "relationship",
            "phone",
            "email",
            "is_guardian",
            "may_answer_since",
            "ended_on",
            "created_at",
        ]
        read_only_fields = ["ended_on"]


class ChangeCaregiverSerializer(CaregiverSerializer):
    """Whose caregiver it is stays; `ended_on` ends it."""

    class Meta(CaregiverSerializer.Meta):
        read_only_fields = ["patient"]

    patient: serializers.Field = serializers.PrimaryKeyRelatedField(  # type: ignore[assignment]
        read_only=True
    )


class CaregiverFilters(django_filters.FilterSet):
    patient = OfPatient()
    is_guardian = django_filters.BooleanFilter()
    has_ended = django_filters.BooleanFilter("ended_on", "isnull", exclude=True)
    ordering = Ordering(fields=["name", "created_at"])


class CaregiverViewSet(PatientRowsViewSet):
    queryset = Caregiver.objects.select_related("patient__clinic").order_by(
        "created_at", "pk"
    )
    serializer_class = CaregiverSerializer
    filterset_class = CaregiverFilters
    http_method_names = ["get", "head", "post", "patch"]
    acts: ClassVar = {
        "list": Act.READ_PATIENTS,
        "retrieve": Act.READ_PATIENTS,
        "create": Act.WRITE_PATIENTS,
        "partial_update": Act.WRITE_PATIENTS,
    }

    def create(self, request: Request) -> Response:
        """Add somebody who looks after the patient, or answers for them."""
        caregiver = caregivers.add(by=self.caller, **self.checked(request))
        return self.shown(caregiver, code=status.HTTP_201_CREATED)

    @extend_schema(request=ChangeCaregiverSerializer, responses=CaregiverSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that the body names; `ended_on` ends it."""
        caregiver = self.get_object()
        changes = self.checked(request, ChangeCaregiverSerializer, changing=caregiver)
        return self.shown(caregivers.change(caregiver, by=self.caller, **changes))


class ConsentSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = VisibleField(Patient)
    given_by = VisibleField(Caregiver, required=False, allow_null=True)
    given_on = serializers.DateField(
        required=False, help_text="Today where it is left out."
    )
    wording_version = serializers.ChoiceField(
        choices=list(wordings.versions()),
        required=False,
        help_text="The current one where it is left out.",
    )
    recorded_by: serializers.Field = serializers.StringRelatedField()
    withdrawal_recorded_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = Consent
        fields = [
            "id",
            "patient",
            "scope",
            "wording_version",
            "given_on",
            "given_by",
            "recorded_by",
            "withdrawn_on",
            "withdrawal_recorded_by",
            "withdrawal_recorded_at",
            "created_at",
        ]
        read_only_fields = ["withdrawn_on", "withdrawal_recorded_at"]
        # The verb says in words when one stands already.
        validators: ClassVar[list[Any]] = []


class WithdrawalSerializer(StrictSerializer):
    withdrawn_on = serializers.DateField(
        required=False, help_text="Today where it is left out."
    )


class ConsentFilters(django_filters.FilterSet):
    patient = OfPatient()
    scope = django_filters.ChoiceFilter(choices=Consent.Scope.choices)
    is_in_force = django_filters.BooleanFilter("withdrawn_on", "isnull")
    ordering = Ordering(fields=["given_on", "created_at"])


class ConsentViewSet(PatientRowsViewSet):
    queryset = Consent.objects.select_related(
        "patient__clinic", "given_by", "recorded_by", "withdrawal_recorded_by"
    )
    serializer_class = ConsentSerializer
    filterset_class = ConsentFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PATIENTS,
        "retrieve": Act.READ_PATIENTS,
        "create": Act.WRITE_PATIENTS,
        "withdraw": Act.WRITE_PATIENTS,
    }

    def create(self, request: Request) -> Response:
        """Give a consent: to a channel, or to a purpose that answers may serve."""
        consent = consents.give(by=self.caller, **self.checked(request))
        return self.shown(consent, code=status.HTTP_201_CREATED)

    @extend_schema(responses=ConsentSerializer)
    @action(detail=True, methods=["post"], serializer_class=WithdrawalSerializer)
    def withdraw(self, request: Request, pk: str) -> Response:
        """End this consent; the others stand."""
        consent = self.get_object()
        if consent.withdrawn_on is not None:
            raise serializers.ValidationError(
                {"withdrawn_on": ["This consent has ended already."]}
            )
        consents.withdraw(
            consent.patient,
            by=self.caller,
            scope=consent.scope,
            **self.checked(request),
        )
        return self.shown(consent, ConsentSerializer)
