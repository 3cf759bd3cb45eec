"""Patients over the API."""

from datetime import date
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit
from clinic.access import Act
from clinic.api_fields import NothingSerializer, StrictSerializer, VisibleField
from clinic.api_views import PatientRowsViewSet
from clinic.models import Location
from patients.models import Caregiver, ContactPoint, OutsideClinician, Patient
from patients.record import (
    care_team,
    duplicates,
    holds,
    leaving,
    merging,
    registration,
)
from patients.record.api import bodies
from patients.record.api.patient_filters import PatientFilters


class EmailOfPatient(serializers.EmailField):
    def get_attribute(self, instance: Patient) -> str:
        return contact(instance, ContactPoint.System.EMAIL)


class PhoneOfPatient(serializers.CharField):
    def get_attribute(self, instance: Patient) -> str:
        return contact(instance, ContactPoint.System.PHONE)


class ConsentOfPatient(serializers.BooleanField):
    def get_attribute(self, instance: Patient) -> bool:
        return any(
            point.may_contact
            for point in instance.contact_points.all()
            if point.system == ContactPoint.System.EMAIL
        )


def contact(patient: Patient, system: str) -> str:
    held = (p.value for p in patient.contact_points.all() if p.system == system)
    return next(held, "")


class ClinicianSerializer(StrictSerializer, serializers.ModelSerializer):
    """A clinician outside; none at all where the field is null."""

    class Meta:
        model = OutsideClinician
        fields = list(care_team.FIELDS)


class ClinicianOfPatient(ClinicianSerializer):
    def get_attribute(self, instance: Patient) -> OutsideClinician | None:
        return care_team.of(instance).get(str(self.field_name))


class NewCaregiverSerializer(StrictSerializer, serializers.ModelSerializer):
    """Who comes with a new patient; under 18 that is the guardian, and is needed."""

    class Meta:
        model = Caregiver
        fields = [
            "name",
            "relationship",
            "phone",
            "email",
            "is_guardian",
            "may_answer_since",
        ]


class PatientSerializer(StrictSerializer, serializers.ModelSerializer):
    age = serializers.IntegerField(read_only=True, allow_null=True)
    email = EmailOfPatient(required=False, allow_blank=True, max_length=254)
    phone = PhoneOfPatient(required=False, allow_blank=True, max_length=254)
    may_contact = ConsentOfPatient(
        required=False, help_text="Agreed to be asked by e-mail how it goes."
    )
    referrer = ClinicianOfPatient(required=False, allow_null=True)
    primary_care = ClinicianOfPatient(required=False, allow_null=True)
    location = VisibleField(
        Location,
        required=False,
        allow_null=True,
        help_text="Where the patient is seen; its closed days count.",
    )
    is_on_hold = serializers.BooleanField(read_only=True)
    death_confirmed_by: serializers.Field = serializers.StringRelatedField()

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
            "preferred_channel",
            "location",
            "postal_address",
            "payer_class",
            "injury_on",
            "referrer",
            "primary_care",
            "origin",
            "hold_until",
            "hold_reason",
            "is_on_hold",
            "withdrawn_on",
            "deceased_on",
            "death_confirmed_by",
            "merged_into",
            "created_at",
        ]
        read_only_fields = ["hold_until", "hold_reason", "merged_into"]
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
    caregiver = NewCaregiverSerializer(required=False, allow_null=True, write_only=True)
    allow_duplicate = serializers.BooleanField(
        default=False,
        write_only=True,
        help_text="True registers somebody who may be here already, by name and birth "
        "date, phone or e-mail; else they are refused and who it may be is named.",
    )

    class Meta(PatientSerializer.Meta):
        fields = [*PatientSerializer.Meta.fields, "caregiver", "allow_duplicate"]
        read_only_fields = [
            *PatientSerializer.Meta.read_only_fields,
            "withdrawn_on",
            "deceased_on",
        ]
        extra_kwargs: ClassVar = PatientSerializer.Meta.extra_kwargs | {
            "birth_date": {"required": True, "allow_null": False}
        }


class PatientViewSet(PatientRowsViewSet):
    queryset = Patient.objects.select_related(
        "clinic", "death_confirmed_by"
    ).prefetch_related("contact_points", "outside_clinicians")
    serializer_class = PatientSerializer
    filterset_class = PatientFilters
    http_method_names = ["get", "head", "post", "patch"]
    acts: ClassVar = {
        "list": Act.READ_PATIENTS,
        "retrieve": Act.READ_PATIENTS,
        "create": Act.WRITE_PATIENTS,
        "partial_update": Act.WRITE_PATIENTS,
        "hold": Act.WRITE_PATIENTS,
        "release_hold": Act.WRITE_PATIENTS,
        "withdraw": Act.WRITE_PATIENTS,
        "take_back_withdrawal": Act.WRITE_PATIENTS,
        "confirm_death": Act.CONFIRM_DEATHS,
        "reverse_death": Act.CONFIRM_DEATHS,
        "merge": Act.MERGE_PATIENTS,
        "unmerge": Act.MERGE_PATIENTS,
    }

    @extend_schema(request=RegistrationSerializer, responses={201: PatientSerializer})
    def create(self, request: Request) -> Response:
        """Register a patient."""
        asked = self.checked(request, RegistrationSerializer)
        is_confirmed = asked.pop("allow_duplicate")
        try:
            patient = registration.register(
                self.clinic,
                by=self.caller,
                is_confirmed=is_confirmed,
                may_share_contacts=False,
                **asked,
            )
        except duplicates.LikelyDuplicateError as error:
            audit.record(
                by=self.caller,
                action="patients.listed",
                about=self.clinic,
                patients=[twin.pk for twin in error.patients],
            )
            said = "; ".join(f"MRN {t.patient.mrn} ({t.words})" for t in error.twins)
            raise serializers.ValidationError(
                {"allow_duplicate": [f"This may be somebody who is here: {said}."]}
            ) from error
        return self.shown(patient, code=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that the body names."""
        patient = self.get_object()
        changes = self.checked(request, changing=patient)
        return self.shown(registration.update(patient, by=self.caller, **changes))

    @extend_schema(responses=PatientSerializer)
    @action(detail=True, methods=["post"], serializer_class=bodies.HoldSerializer)
    def hold(self, request: Request, pk: str) -> Response:
        """Ask nothing up to and including a day; a second hold replaces the first."""
        return self._act(request, holds.hold)

    @extend_schema(responses=PatientSerializer)
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def release_hold(self, request: Request, pk: str) -> Response:
        """End the hold now; what became due meanwhile is asked."""
        return self._act(request, holds.release_hold)

    @extend_schema(responses=PatientSerializer)
    @action(detail=True, methods=["post"], serializer_class=bodies.WithdrawSerializer)
    def withdraw(self, request: Request, pk: str) -> Response:
        """The patient is not asked any more."""
        return self._act(request, leaving.withdraw)

    @extend_schema(responses=PatientSerializer)
    @action(detail=True, methods=["post"], serializer_class=bodies.ReturnSerializer)
    def take_back_withdrawal(self, request: Request, pk: str) -> Response:
        """Ask again: what was cancelled for it and is not over is planned again."""
        return self._act(request, leaving.take_back_withdrawal)

    @extend_schema(responses=PatientSerializer)
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def confirm_death(self, request: Request, pk: str) -> Response:
        """The second look at a death that `deceased_on` recorded."""
        return self._act(request, leaving.confirm_death)

    @extend_schema(responses=PatientSerializer)
    @action(detail=True, methods=["post"], serializer_class=bodies.ReversalSerializer)
    def reverse_death(self, request: Request, pk: str) -> Response:
        """Take a recorded death back, confirmed or not, and ask again."""
        return self._act(request, leaving.reverse_death)

    @extend_schema(responses=PatientSerializer)
    @action(detail=True, methods=["post"], serializer_class=bodies.MergeSerializer)
    def merge(self, request: Request, pk: str) -> Response:
        """Read another record as a part of this one; no row of either moves."""
        return self._act(request, merging.merge)

    @extend_schema(responses=PatientSerializer)
    @action(detail=True, methods=["post"], serializer_class=bodies.UnmergeSerializer)
    def unmerge(self, request: Request, pk: str) -> Response:
        """Let a record that was merged into this one stand by itself again."""
        patient = self.get_object()
        merged = self.checked(request)["merged"]
        if merged.merged_into_id != patient.pk:
            raise serializers.ValidationError(
                {"merged": [f"MRN {merged.mrn} is not merged into this record."]}
            )
        merging.unmerge(merged, by=self.caller)
        return self.shown(patient, PatientSerializer)

    def _act(self, request: Request, verb: Any) -> Response:
        patient = self.get_object()
        verb(patient, by=self.caller, **self.checked(request))
        return self.shown(patient, PatientSerializer)
