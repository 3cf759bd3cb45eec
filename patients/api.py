"""Patients, their complaints and diagnoses over the API."""

from datetime import date
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import access
from clinic.access import Act
from clinic.api_fields import StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients import catalogue, registration, triage
from patients.models import (
    Complaint,
    ContactPoint,
    Diagnosis,
    Patient,
    SourceHypothesis,
)
from patients.models.patient import PatientQuerySet, begins_with

PAIN_SOURCES = list(catalogue.pain_sources())
BODY_SITES = list(catalogue.body_sites())


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


class SourceSerializer(StrictSerializer, serializers.ModelSerializer):
    source = serializers.ChoiceField(choices=PAIN_SOURCES)  # type: ignore[assignment]
    stated_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = SourceHypothesis
        fields = [
            "id",
            "source",
            "label",
            "side",
            "certainty",
            "stated_on",
            "stated_by",
            "superseded_on",
        ]
        read_only_fields = ["label", "side", "stated_on", "superseded_on"]


class ComplaintSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = VisibleField(Patient)
    pain_site = serializers.ChoiceField(choices=BODY_SITES)
    site = serializers.SerializerMethodField(help_text="The site in words.")
    opened_on = serializers.DateField(required=False, help_text="Today if left out.")
    suspected_source = serializers.ChoiceField(
        choices=PAIN_SOURCES, required=False, write_only=True
    )
    sources = SourceSerializer(many=True, read_only=True, source="hypotheses")

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
            "created_at",
        ]
        read_only_fields = ["closed_on"]

    def get_site(self, complaint: Complaint) -> str:
        return complaint.site_phrase("en")


class ComplaintFilters(django_filters.FilterSet):
    patient = django_filters.UUIDFilter()
    pain_site = django_filters.ChoiceFilter(choices=catalogue.site_choices())
    side = django_filters.ChoiceFilter(
        choices=Complaint._meta.get_field("side").choices
    )
    is_closed = django_filters.BooleanFilter("closed_on", "isnull", exclude=True)
    opened_from = django_filters.DateFilter("opened_on", "gte")
    opened_until = django_filters.DateFilter("opened_on", "lte")
    ordering = Ordering(fields=["opened_on", "created_at"])


class ComplaintViewSet(PatientRowsViewSet):
    queryset = Complaint.objects.select_related("patient__clinic").prefetch_related(
        "hypotheses__stated_by"
    )
    serializer_class = ComplaintSerializer
    filterset_class = ComplaintFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.WRITE_COMPLAINTS,
        "sources": Act.DIAGNOSE,
    }

    def create(self, request: Request) -> Response:
        """Open a complaint: where it hurts, and where it may come from."""
        asked = self.checked(request)
        if "suspected_source" in asked:
            access.require(self.caller, Act.DIAGNOSE)
        complaint = triage.open_complaint(by=self.caller, **asked)
        return self.shown(complaint, code=status.HTTP_201_CREATED)

    @extend_schema(responses={201: ComplaintSerializer})
    @action(detail=True, methods=["post"], serializer_class=SourceSerializer)
    def sources(self, request: Request, pk: str) -> Response:
        """Name a pain source; an earlier entry for the same one is superseded."""
        complaint = self.get_object()
        triage.name_source(complaint, by=self.caller, **self.checked(request))
        return self.shown(complaint, ComplaintSerializer, status.HTTP_201_CREATED)


class DiagnosisSerializer(StrictSerializer, serializers.ModelSerializer):
    complaint = VisibleField(Complaint)
    recorded_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = Diagnosis
        fields = [
            "id",
            "complaint",
            "code",
            "title",
            "release",
            "role",
            "certainty",
            "status",
            "recorded_on",
            "recorded_by",
            "created_at",
        ]
        read_only_fields = ["title", "release", "status", "recorded_on"]
        # The list of codes knows which one is on the complaint already.
        validators: ClassVar[list] = []


class DiagnosisFilters(django_filters.FilterSet):
    patient = django_filters.UUIDFilter("complaint__patient")
    complaint = django_filters.UUIDFilter()
    code = django_filters.CharFilter(
        method="code_begins", help_text="The beginning of a code, such as M54."
    )
    role = django_filters.ChoiceFilter(choices=Diagnosis.Role.choices)
    certainty = django_filters.ChoiceFilter(choices=Diagnosis.Certainty.choices)
    status = django_filters.ChoiceFilter(choices=Diagnosis.Status.choices)
    ordering = Ordering(fields=["recorded_on", "code"])

    def code_begins(self, queryset: QuerySet, name: str, text: str) -> QuerySet:
        return queryset.filter(begins_with("code", text.strip().upper()))


class DiagnosisViewSet(PatientRowsViewSet):
    queryset = Diagnosis.objects.select_related("complaint", "recorded_by")
    serializer_class = DiagnosisSerializer
    filterset_class = DiagnosisFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.DIAGNOSE,
    }

    def create(self, request: Request) -> Response:
        """Add an ICD-10-CM code to a complaint; its wording is kept with it."""
        diagnosis = triage.diagnose(by=self.caller, **self.checked(request))
        return self.shown(diagnosis, code=status.HTTP_201_CREATED)
