"""Imports of patients over the API: hand in a file, look, start, watch, stop."""

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import NothingSerializer, StrictSerializer
from clinic.api_filters import Ordering
from clinic.api_parsers import BoundedJSONParser, TooLargeError
from clinic.api_views import ClinicViewSet
from patients.models import PatientImport, RefusedRow
from patients.record.imports import choices, forms, reading, runs
from patients.record.imports.mapping import DAY_FORMATS
from patients.record.imports.refusals import ImportFileError
from patients.record.imports.uploads import Incoming, LimitedUpload


class ImportSerializer(serializers.ModelSerializer):
    started_by: serializers.Field = serializers.StringRelatedField()
    steps = serializers.IntegerField(
        read_only=True, help_text="How much there is to do; `done` of it is."
    )
    percent = serializers.IntegerField(read_only=True)
    counts = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        read_only=True,
        help_text="How many `patients` and `diagnoses` were new, changed, the same or "
        "refused, and what was `passed_over`.",
    )

    class Meta:
        model = PatientImport
        fields = [
            "id",
            "kind",
            "file_name",
            "state",
            "total",
            "steps",
            "done",
            "percent",
            "counts",
            "error",
            "started_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields


class ImportChoicesSerializer(StrictSerializer):
    """What is left out stands as it was guessed, or decided for such a list before."""

    columns = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="Of a list: our field to its column; all that are to be read.",
    )
    day_format = serializers.ChoiceField(choices=list(DAY_FORMATS), required=False)
    words = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True)),
        required=False,
        help_text='Of a list: what a word means, as {"sex": {"2": "female"}}; an empty '
        "text refuses the row.",
    )
    without_mrn = serializers.ChoiceField(choices=forms.WITHOUT_MRN, required=False)
    registers_twins = serializers.BooleanField(
        required=False,
        help_text="Somebody of the same name and birth date with another MRN is "
        "another person.",
    )
    mrn_system = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Of a FHIR file: the system of the identifier that is the MRN.",
    )


class FullImportSerializer(ImportSerializer):
    header = serializers.ListField(
        child=serializers.CharField(),
        source="contents.header",
        default=list,
        read_only=True,
        help_text="The columns of a list.",
    )
    types = serializers.DictField(
        child=serializers.IntegerField(),
        source="contents.types",
        default=dict,
        read_only=True,
        help_text="The resources of a FHIR file.",
    )
    systems = serializers.DictField(
        child=serializers.IntegerField(),
        source="contents.systems",
        default=dict,
        read_only=True,
        help_text="The systems of its patients' identifiers.",
    )
    mapping = ImportChoicesSerializer(
        help_text="How it is read: a guess until it is started."
    )

    class Meta(ImportSerializer.Meta):
        fields = [
            *ImportSerializer.Meta.fields,
            "header",
            "types",
            "systems",
            "mapping",
        ]
        read_only_fields = fields


class ImportFileSerializer(StrictSerializer):
    file = serializers.FileField(
        help_text="A CSV list in UTF-8, a FHIR R4 Bundle as JSON, or NDJSON; up to "
        "50 MB. What it is, is told by its content."
    )


class PreviewCellSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()
    is_wrong = serializers.BooleanField()


class PreviewLineSerializer(serializers.Serializer):
    number = serializers.IntegerField(help_text="As a spreadsheet numbers it.")
    outcome = serializers.CharField(help_text="new, changed, same or refused.")
    cells = PreviewCellSerializer(many=True)
    problems = serializers.ListField(child=serializers.CharField())
    changed = serializers.ListField(child=serializers.CharField())


class ImportPreviewSerializer(serializers.Serializer):
    mapping = ImportChoicesSerializer(help_text="What the choices come to.")
    missing = serializers.ListField(
        child=serializers.CharField(),
        help_text="Fields without a column, and without which it does not start.",
    )
    lines = PreviewLineSerializer(many=True)


class ProblemSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="Empty where it is about the whole row.")
    problem = serializers.CharField()


class RefusedRowSerializer(serializers.ModelSerializer):
    problems = ProblemSerializer(many=True)
    cells = serializers.ListField(
        child=serializers.CharField(),
        help_text="In the order of `header`; kept for a week.",
    )

    class Meta:
        model = RefusedRow
        fields = ["number", "resource", "problems", "cells"]
        read_only_fields = fields


class ImportFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=PatientImport.State.choices)
    kind = django_filters.ChoiceFilter(choices=PatientImport.Kind.choices)
    ordering = Ordering(fields=["created_at"])


class ImportViewSet(ClinicViewSet):
    queryset = PatientImport.objects.select_related("clinic", "started_by").order_by(
        "-created_at", "-pk"
    )
    serializer_class = ImportSerializer
    filterset_class = ImportFilters
    http_method_names = ["get", "head", "post"]
    # A file is handed in as a form; what is decided of it comes as JSON.
    parser_classes = [MultiPartParser]
    acts: ClassVar = dict.fromkeys(
        ("list", "retrieve", "create", "preview", "start", "stop", "refused"),
        Act.IMPORT_PATIENTS,
    )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.action == "create":
            # Before anything, the session's token among it, reads the body.
            self.handler = LimitedUpload(request._request)
            request._request.upload_handlers = [self.handler]
        super().initial(request, *args, **kwargs)

    @extend_schema(responses=FullImportSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One import: how far it is, what came of it, and how its file is read."""
        run = self.get_object()
        reading.note(run, "read", by=self.caller)
        return Response(FullImportSerializer(run).data)

    @extend_schema(
        request={"multipart/form-data": ImportFileSerializer},
        responses={201: FullImportSerializer, 413: OpenApiTypes.OBJECT},
    )
    def create(self, request: Request) -> Response:
        """Hand in a file; it is looked through, and nobody is registered yet."""
        upload = self.upload(request)
        try:
            run = runs.receive(
                self.clinic,
                by=self.caller,
                upload=upload.path,
                file_name=upload.name or "",
            )
        except ImportFileError as error:
            raise ValidationError({"file": [str(error)]}) from error
        return self.shown(run, FullImportSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses=ImportPreviewSerializer)
    @action(
        detail=True,
        methods=["post"],
        parser_classes=[BoundedJSONParser],
        serializer_class=ImportChoicesSerializer,
    )
    def preview(self, request: Request, pk: str) -> Response:
        """The first ten rows of a list as they would be stored; nothing is kept."""
        run = self.waiting()
        if run.kind == PatientImport.Kind.FHIR:
            raise ValidationError("`types` says what a FHIR file holds; start it.")
        mapping = choices.chosen(run, self.checked(request))
        found = reading.look(run, mapping, by=self.caller)
        shown = {
            "mapping": mapping,
            "missing": [known.key for known in mapping.missing()],
            "lines": found.lines,
        }
        return Response(ImportPreviewSerializer(shown).data)

    @extend_schema(responses=FullImportSerializer)
    @action(
        detail=True,
        methods=["post"],
        parser_classes=[BoundedJSONParser],
        serializer_class=ImportChoicesSerializer,
    )
    def start(self, request: Request, pk: str) -> Response:
        """From here on it goes in, in the background."""
        run = self.waiting()
        mapping = choices.chosen(run, self.checked(request))
        runs.confirm(run, by=self.caller, chosen=mapping)
        return self.shown(run, FullImportSerializer)

    @extend_schema(responses=FullImportSerializer)
    @action(
        detail=True,
        methods=["post"],
        parser_classes=[BoundedJSONParser],
        serializer_class=NothingSerializer,
    )
    def stop(self, request: Request, pk: str) -> Response:
        """Nothing more goes in, and the file is deleted; what is in stays."""
        run = self.get_object()
        self.checked(request)
        runs.stop(run, by=self.caller)
        return self.shown(run, FullImportSerializer)

    @extend_schema(responses=RefusedRowSerializer(many=True))
    @action(detail=True, filterset_class=None, parameters=("page", "page_size"))
    def refused(self, request: Request, pk: str) -> Response:
        """What did not go in, by its number, with the reasons."""
        run = self.get_object()
        page: Sequence[Any] = self.paginate_queryset(run.refused_rows.all()) or ()
        reading.note(run, "refused_rows_taken", by=self.caller, refused=page)
        shown = RefusedRowSerializer(page, many=True).data
        return self.get_paginated_response(shown)

    def upload(self, request: Request) -> Incoming:
        body = request.data
        if self.handler.is_too_large:
            raise TooLargeError(self.handler.too_large)
        read = ImportFileSerializer(data=body)
        read.is_valid(raise_exception=True)
        return read.validated_data["file"]

    def waiting(self) -> PatientImport:
        """It has not been started, and its file is here."""
        run: PatientImport = self.get_object()
        if run.state != PatientImport.State.UPLOADED:
            raise ValidationError(reading.CONFIRMED_BEFORE)
        if not reading.is_here(run):
            raise ValidationError(reading.GONE)
        return run
