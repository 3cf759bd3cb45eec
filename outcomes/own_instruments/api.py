"""Questionnaires over the API: what is asked, in which version, and bringing one."""

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_views import ClinicViewSet
from outcomes.instruments import definitions
from outcomes.instruments.brought import LARGEST
from outcomes.models import Instrument, InstrumentDraft
from outcomes.own_instruments import drafts, files


class InstrumentSerializer(StrictSerializer, serializers.ModelSerializer):
    published_by: serializers.Field = serializers.StringRelatedField()
    measures = serializers.SerializerMethodField()

    class Meta:
        model = Instrument
        fields = [
            "id",
            "key",
            "version",
            "title",
            "origin",
            "licence",
            "published_by",
            "created_at",
            "sha256",
            "measures",
        ]
        read_only_fields = fields

    def get_measures(self, row: Instrument) -> list[str]:
        """The keys of the scores that its answers make."""
        return list(definitions.of(row).measures)


class InstrumentFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    origin = django_filters.ChoiceFilter(choices=Instrument.Origin.choices)


class QuestionnaireFindingSerializer(serializers.Serializer[Any]):
    where = serializers.CharField()
    problem = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)
    is_refusal = serializers.BooleanField()


class InstrumentDraftSerializer(serializers.ModelSerializer):
    findings = QuestionnaireFindingSerializer(source="found", many=True, read_only=True)

    class Meta:
        model = InstrumentDraft
        fields = ["id", "key", "title", "source", "file_name", "findings"]
        read_only_fields = fields


class BringSerializer(StrictSerializer, serializers.Serializer[Any]):
    file = serializers.FileField(
        help_text="A FHIR R4 Questionnaire (JSON) or a REDCap data dictionary (CSV)."
    )
    form = serializers.CharField(default="", allow_blank=True, max_length=120)
    key = serializers.CharField(default="", allow_blank=True, max_length=40)

    def validate_file(self, file: Any) -> Any:
        if file.size > LARGEST:
            most = LARGEST // 1024 // 1024
            raise serializers.ValidationError(f"The file is larger than {most} MB.")
        return file


class InstrumentViewSet(ClinicViewSet):
    queryset = Instrument.objects.select_related("published_by").order_by(
        "title", "-version", "pk"
    )
    serializer_class = InstrumentSerializer
    filterset_class = InstrumentFilters
    http_method_names = ["get", "head", "options", "post"]
    acts: ClassVar = {
        "list": Act.READ_ANSWERS,
        "retrieve": Act.READ_ANSWERS,
        "versions": Act.READ_ANSWERS,
        "questionnaire": Act.READ_ANSWERS,
        "bring": Act.MANAGE_PROTOCOLS,
    }

    @extend_schema(responses=InstrumentSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """All versions of this questionnaire, the newest first."""
        row = self.get_object()
        rows = self.get_queryset().filter(key=row.key).order_by("-version")
        return Response(InstrumentSerializer(rows, many=True).data)

    @extend_schema(
        responses={200: {"type": "object", "additionalProperties": True}},
        filters=False,
    )
    @action(detail=True)
    def questionnaire(self, request: Request, pk: str) -> Response:
        """It as a FHIR R4 Questionnaire."""
        return Response(files.written(self.get_object()))

    @extend_schema(
        request=BringSerializer,
        responses={201: InstrumentDraftSerializer(many=True)},
        filters=False,
    )
    @action(
        detail=False,
        methods=["post"],
        url_path="import",
        parser_classes=[MultiPartParser],
    )
    def bring(self, request: Request) -> Response:
        """Bring a file as drafts; staff look at them and publish them on the pages."""
        given = self.checked(request, BringSerializer)
        made = drafts.bring(
            request.user.membership.clinic,  # type: ignore[union-attr]
            given["file"].read(),
            file_name=given["file"].name,
            form=given["form"],
            key=given["key"],
            by=request.user,  # type: ignore[arg-type]
        )
        return Response(InstrumentDraftSerializer(made, many=True).data, status=201)
