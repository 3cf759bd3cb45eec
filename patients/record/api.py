"""Patients over the API."""

from datetime import date
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients.models import ContactPoint, Patient
from patients.models.patient import PatientQuerySet
from patients.record import registration


class EmailOfPatient(serializers.EmailField):
    def get_attribute(self, instance: Patient) -> str:
        return contact(instance, ContactPoint.System.EMAIL)


class PhoneOfPatient(serializers.CharField):
    def get_attribute(self, instance: Patient) -> str:
        return contact(instance, ContactPoint.System.PHONE)


class ConsentOfPatient(serializers.BooleanField):
    def get_attribute(self, instance: Patient) -> bool:
        return any(point.may_contact for point in instance.contact_points.all())


def contact(patient: Patient, system: str) -> str:
    held = (p.value for p in patient.contact_points.all() if p.system == system)
    return next(held, "")


class PatientSerializer(StrictSerializer, serializers.ModelSerializer):
    age = serializers.IntegerField(read_only=True, allow_null=True)
    email = EmailOfPatient(required=False, allow_blank=True, max_length=254)
    phone = PhoneOfPatient(required=False, allow_blank=True, max_length=254)
    may_contact = ConsentOfPatient(
        required=False, help_text="Agreed to be asked by e-mail how it goes."
    )

    class Meta:
        model = Patient
        fields = [
            "id",
            "mrn",
            "given_name",
            "family_name",
            "birth_date",
            "age",
            "sex",
            "zone",
            "language",
            "email",
            "phone",
            "may_contact",
            "origin",
            "withdrawn_on",
            "deceased_on",
            "created_at",
        ]
        extra_kwargs: ClassVar = {
            "mrn": {"required": False, "help_text": "Given out where there is none."},
            "birth_date": {"required": True},
        }

    def validate_birth_date(self, day: date | None) -> date | None:
        # An import may not know it; what is known is not given up.
        if day is None and self.instance and self.instance.birth_date:
            self.fields["birth_date"].fail("null")
        return day

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        held = contact(self.instance, "email") if self.instance else ""
        if attrs.get("may_contact") and not attrs.get("email", held):
            raise serializers.ValidationError(
                {"email": ["Give the address to write to, or leave the consent out."]}
            )
        return attrs


class RegistrationSerializer(PatientSerializer):
    class Meta(PatientSerializer.Meta):
        read_only_fields = ["withdrawn_on", "deceased_on"]
        extra_kwargs: ClassVar = PatientSerializer.Meta.extra_kwargs | {
            "birth_date": {"required": True, "allow_null": False}
        }


class PatientFilters(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search", help_text="Beginnings of names or of the MRN, in any order."
    )
    mrn = django_filters.CharFilter(method="with_mrn")
    birth_date = django_filters.DateFilter()
    origin = django_filters.ChoiceFilter(choices=Patient.Origin.choices)
    ordering = Ordering(fields=["family_name", "birth_date", "created_at"])

    def search(self, queryset: PatientQuerySet, name: str, text: str) -> QuerySet:
        return queryset.search(text)

    def with_mrn(self, queryset: PatientQuerySet, name: str, text: str) -> QuerySet:
        return queryset.with_mrn(text)


class PatientViewSet(PatientRowsViewSet):
    queryset = Patient.objects.select_related("clinic").prefetch_related(
        "contact_points"
    )
    serializer_class = PatientSerializer
    filterset_class = PatientFilters
    http_method_names = ["get", "head", "post", "patch"]
    acts: ClassVar = {
        "list": Act.READ_PATIENTS,
        "retrieve": Act.READ_PATIENTS,
        "create": Act.WRITE_PATIENTS,
        "partial_update": Act.WRITE_PATIENTS,
    }

    @extend_schema(request=RegistrationSerializer, responses={201: PatientSerializer})
    def create(self, request: Request) -> Response:
        """Register a patient."""
        asked = self.checked(request, RegistrationSerializer)
        patient = registration.register(self.clinic, by=self.caller, **asked)
        return self.shown(patient, code=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that the body names."""
        patient = self.get_object()
        changes = self.checked(request, changing=patient)
        return self.shown(registration.update(patient, by=self.caller, **changes))
