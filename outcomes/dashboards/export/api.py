"""Exports of outcomes over the API: ask for one, watch it, take it."""

from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_filters import Ordering
from clinic.api_views import ClinicViewSet
from outcomes.dashboards.export import giving, runs
from outcomes.dashboards.figures import choices
from outcomes.models import OutcomeExport
from patients.triage.api.studies import AsItIs


class ExportSerializer(serializers.ModelSerializer):
    started_by: serializers.Field = serializers.StringRelatedField()
    percent = serializers.IntegerField(read_only=True)
    is_there = serializers.BooleanField(
        read_only=True, help_text="The file can be taken."
    )
    choices = serializers.DictField(read_only=True, help_text="Of whom the file tells.")

    class Meta:
        model = OutcomeExport
        fields = [
            "id",
            "purpose",
            "choices",
            "is_suppressed",
            "state",
            "total",
            "done",
            "percent",
            "rows",
            "size",
            "is_there",
            "error",
            "started_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields
        extra_kwargs: ClassVar = {
            "total": {"help_text": "Courses; `done` of them are written."},
            "size": {"help_text": "Bytes of the finished file."},
            "is_suppressed": {
                "help_text": "Courses of combinations that few share are left out."
            },
        }


class AskedExportSerializer(StrictSerializer):
    purpose = serializers.CharField(
        max_length=runs.PURPOSE_LENGTH,
        error_messages=dict.fromkeys(
            ("required", "blank", "null"), "Say what the file is for."
        ),
        help_text="What the file is for; kept in the audit trail. Name no patient.",
    )
    choices = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="Of whom, by the names of `outcomes/cohort/`: a `measure` (every one "
        "else), `from` and `until`, `baseline_from`, `added`, or a group such as "
        "`treatment`.",
    )


class ExportFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=OutcomeExport.State.choices)
    ordering = Ordering(fields=["created_at"])


class ExportViewSet(ClinicViewSet):
    queryset = OutcomeExport.objects.select_related("started_by").order_by(
        "-created_at", "-pk"
    )
    serializer_class = ExportSerializer
    filterset_class = ExportFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = dict.fromkeys(
        ("list", "retrieve", "create", "file"), Act.EXPORT_OUTCOMES
    )

    @extend_schema(request=AskedExportSerializer, responses={201: ExportSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a file of de-identified outcomes; it is written in the background."""
        body = self.checked(request, AskedExportSerializer)
        asked: dict[str, Any] = body.get("choices", {})
        _refuse_unknown(asked)
        run = runs.start(self.caller, self.clinic, purpose=body["purpose"], data=asked)
        return self.shown(run, ExportSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, content_negotiation_class=AsItIs)
    def file(self, request: Request, pk: str) -> HttpResponseBase:
        """The archive, as an attachment; kept for a week."""
        run: OutcomeExport = self.get_object()
        if run.is_under_way:
            raise ValidationError(runs.NOT_READY)
        response = giving.given_out(run, by=self.caller) if run.is_there else None
        if response is None:
            raise NotFound(runs.GONE)
        return response


def _refuse_unknown(asked: dict[str, Any]) -> None:
    wrong = sorted(set(asked) - choices.NAMES)
    if wrong:
        known = ", ".join(sorted(choices.NAMES))
        raise ValidationError(
            {"choices": f"No choice {', '.join(wrong)}; there are: {known}."}
        )
