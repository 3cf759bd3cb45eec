"""Appointments over the API: who comes when, and taking a schedule in."""

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import clock, uploads
from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_filters import Ordering
from clinic.api_parsers import TooLargeError
from clinic.api_views import PatientRowsViewSet
from patients.appointments import importing, sheets
from patients.appointments.choices import chosen
from patients.appointments.elsewhere import ElsewhereError
from patients.appointments.times import DAY_FORMATS
from patients.models import Appointment
from patients.record.filters import OfPatient
from patients.record.imports.refusals import ImportFileError


class AppointmentSerializer(serializers.ModelSerializer):
    patient = serializers.UUIDField(
        source="patient.kept_id",
        default=None,
        read_only=True,
        help_text="Null where nobody here has the MRN.",
    )
    location: serializers.Field = serializers.StringRelatedField()
    practitioner: serializers.Field = serializers.SerializerMethodField(
        help_text="Who it is with, a member of the clinic or a name of the file."
    )

    class Meta:
        model = Appointment
        fields = [
            "id",
            "patient",
            "mrn",
            "identifier",
            "source",
            "status",
            "kind",
            "description",
            "day",
            "starts_at",
            "ends_at",
            "location",
            "practitioner",
            "changed_at",
        ]
        read_only_fields = fields

    def get_practitioner(self, row: Appointment) -> str:
        return row.practitioner.name if row.practitioner else row.practitioner_name


class AppointmentFileSerializer(StrictSerializer):
    """What is left out is guessed, or stands as in the last file of such columns."""

    file = serializers.FileField(
        help_text="A CSV list with a row of column names, up to 4 MB."
    )
    columns = serializers.JSONField(
        required=False, help_text='Our field to its column: {"mrn": "Chart no"}.'
    )
    words = serializers.JSONField(
        required=False,
        help_text='What a word means: {"status": {"xp": "cancelled"}}.',
    )
    day_format = serializers.ChoiceField(choices=list(DAY_FORMATS), required=False)
    source = serializers.CharField(  # type: ignore[assignment]
        required=False,
        max_length=40,
        help_text="What numbers the appointments: same number, same appointment.",
    )
    preview = serializers.BooleanField(
        default=False, help_text="Say what would come of it and store nothing."
    )
    takes_unknown = serializers.BooleanField(
        default=False,
        help_text="It is ours although most of its MRNs are not known here.",
    )
    cancels_missing = serializers.BooleanField(
        default=False,
        help_text="Mark as cancelled what the same source had booked for these days "
        "and the file has not any more.",
    )


class RefusedAppointmentSerializer(serializers.Serializer):
    number = serializers.IntegerField(help_text="As a spreadsheet numbers it.")
    problems = serializers.ListField(child=serializers.CharField())


class ImportedAppointmentsSerializer(serializers.Serializer):
    counts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="How many were `new`, `changed`, the `same` or `refused`.",
    )
    days = serializers.ListField(child=serializers.DateField())
    unmatched = serializers.ListField(
        child=serializers.CharField(), help_text="MRNs that nobody here has."
    )
    missing = serializers.ListField(
        child=serializers.CharField(),
        help_text="Numbers of appointments of these days that are not in the file.",
    )
    unknown_locations = serializers.DictField(child=serializers.IntegerField())
    refused = RefusedAppointmentSerializer(many=True)


class AppointmentFilters(django_filters.FilterSet):
    day = django_filters.DateFilter()
    patient = OfPatient()
    status = django_filters.ChoiceFilter(choices=Appointment.Status.choices)
    kind = django_filters.ChoiceFilter(choices=Appointment.Kind.choices)
    is_unmatched = django_filters.BooleanFilter("patient", "isnull")
    ordering = Ordering(fields=["starts_at", "changed_at"])


class AppointmentViewSet(PatientRowsViewSet):
    queryset = Appointment.objects.select_related(
        "patient", "location", "practitioner"
    ).order_by("starts_at", "pk")
    serializer_class = AppointmentSerializer
    filterset_class = AppointmentFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PATIENTS,
        "retrieve": Act.READ_PATIENTS,
        "take_in": Act.IMPORT_APPOINTMENTS,
    }

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.action == "take_in":
            # Before anything, the session's token among it, reads the body.
            if not uploads.is_within(request._request, sheets.MOST_BYTES):
                raise TooLargeError(sheets.TOO_LARGE)
            request._request.upload_handlers = [
                uploads.InMemoryUpload(request._request)
            ]
        super().initial(request, *args, **kwargs)

    def note_list(self, rows: Sequence[Any]) -> None:
        # Whom nobody has registered is no patient of ours yet.
        super().note_list([row for row in rows if row.patient_id])

    @extend_schema(
        request={"multipart/form-data": AppointmentFileSerializer},
        responses={200: ImportedAppointmentsSerializer, 413: OpenApiTypes.OBJECT},
    )
    @action(
        detail=False,
        methods=["post"],
        url_path="import",
        url_name="import",
        parser_classes=[MultiPartParser],
        serializer_class=AppointmentFileSerializer,
        filterset_class=None,
    )
    def take_in(self, request: Request) -> Response:
        """Take a schedule in, or say what would come of it."""
        asked = self.checked(request)
        try:
            found = self._taken(asked)
        except ElsewhereError as error:
            raise ValidationError({"takes_unknown": [str(error)]}) from error
        except ImportFileError as error:
            raise ValidationError({"file": [str(error)]}) from error
        return Response(ImportedAppointmentsSerializer(told(found)).data)

    def _taken(self, asked: dict[str, Any]) -> importing.Foreseen:
        sheet = sheets.read(asked["file"].read())
        guess = sheets.guess(sheet, self.clinic, today=clock.today(self.clinic.zone))
        mapping = chosen(asked, guess, sheet.header)
        rows = importing.told(sheet, mapping, zone=self.clinic.zone)
        if asked["preview"]:
            found = importing.foresee(self.clinic, rows, source=mapping.source)
            importing.note_preview(found, self.clinic, by=self.caller)
            return found
        found = importing.take_in(
            self.clinic,
            rows,
            by=self.caller,
            source=mapping.source,
            takes_unknown=asked["takes_unknown"],
            cancels_missing=asked["cancels_missing"],
        )
        sheets.remember(self.clinic, mapping)
        return found


def told(found: importing.Foreseen) -> dict[str, Any]:
    return {
        "counts": found.counts,
        "days": found.days,
        "unmatched": [row.mrn for row in found.unmatched],
        "missing": [row.identifier for row in found.missing],
        "unknown_locations": found.unknown_locations,
        "refused": [
            {"number": line.number, "problems": [p.problem for p in line.problems]}
            for line in found.refused
        ],
    }
