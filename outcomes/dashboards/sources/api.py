"""The report on pain sources for programs, and the complaints behind its numbers."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from clinic import access, api_filters, audit
from clinic.access import Act
from clinic.api_views import ClinicView, PatientRowsViewSet
from outcomes.dashboards import diagnosis_categories
from outcomes.dashboards.sources import counts, rows
from outcomes.dashboards.sources.choices import (
    BACKWARDS,
    CHANGED,
    FALLEN,
    KEPT,
    KINDS,
    KNOWN,
    LACKING,
    NONE,
    STEPS,
    CellForm,
    Choices,
    ChoicesForm,
    kind_of,
)
from outcomes.dashboards.sources.counts import Change, Changes, Matrix, Report, Span
from outcomes.dashboards.sources.listing import source_label
from patients.catalogue import places
from patients.models import Complaint
from patients.triage.api.complaints import LEDGER, ComplaintSerializer

Number = Callable[..., dict[str, Any]]


class NumberSerializer(serializers.Serializer):
    n = serializers.IntegerField()
    complaints = serializers.URLField(help_text="The list of those it counts.")


class SourceCountSerializer(NumberSerializer):
    source = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="Null: none is named, or none is confirmed."
    )
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=list(KINDS))


class SiteSerializer(serializers.Serializer):
    site = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    total = NumberSerializer()
    sources = SourceCountSerializer(many=True)


class ChangeSerializer(NumberSerializer):
    first = serializers.CharField()
    first_label = serializers.CharField()
    final = serializers.CharField(allow_null=True, help_text="Null: none stands now.")
    final_label = serializers.CharField()
    of = serializers.IntegerField(help_text="How many began as `first`.")


class ChangesSerializer(serializers.Serializer):
    total = serializers.IntegerField(help_text="Complaints that have a first word.")
    changed = NumberSerializer()
    kept = NumberSerializer()
    fallen = NumberSerializer(help_text="None of what was named stands any more.")
    without = NumberSerializer(help_text="Complaints without a first word.")
    lines = ChangeSerializer(many=True)


class SpanSerializer(serializers.Serializer):
    key = serializers.ChoiceField(choices=list(STEPS))
    label = serializers.CharField()  # type: ignore[assignment]
    known = NumberSerializer(help_text="The days of these are in the figures.")
    median = serializers.FloatField(allow_null=True, help_text="In days.")
    quartiles = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, min_length=2, max_length=2
    )
    lacking = NumberSerializer(help_text="A date is not recorded.")
    backwards = NumberSerializer(help_text="The later date comes first.")


class SourcesReportSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    known = NumberSerializer(help_text="A source is named, or confirmed.")
    from_back = NumberSerializer(help_text="It lies in the low back or pelvis.")
    sources = SourceCountSerializer(many=True)
    sites = SiteSerializer(many=True)
    ledger = ChangesSerializer(help_text="The first named source, and the last.")
    diagnoses = ChangesSerializer(
        help_text="The first diagnosis of the source, and the last, by category."
    )
    spans = SpanSerializer(many=True)


def parameters(form: type[ChoicesForm]) -> list[OpenApiParameter]:
    """What the form takes, for the document: read off the form that checks it."""
    return [
        OpenApiParameter(
            name,
            OpenApiTypes.DATE if isinstance(field, forms.DateField) else str,
            description=str(field.label or ""),
            enum=keys_of(field) if isinstance(field, forms.ChoiceField) else None,
        )
        for name, field in form().fields.items()
        if name != "page"
    ]


def keys_of(field: forms.ChoiceField) -> list[str]:
    keys: list[str] = []
    for key, label in cast(Iterable[Any], field.choices):
        grouped = isinstance(label, list | tuple)
        keys += [inner for inner, _ in label] if grouped else [key]
    return [key for key in keys if key]


class OfReport(ClinicView):
    """Counts of few people stand here, so it is for those who treat them only."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        access.require(self.caller, Act.READ_PLANS)

    def asked(self, form_class: type[ChoicesForm], *more: str) -> Any:
        api_filters.refuse_unknown(self.request, {*form_class().fields, *more})
        form = form_class(self.request.query_params)
        if not form.is_valid():
            faults = {
                name: [str(each) for each in said] for name, said in form.errors.items()
            }
            raise serializers.ValidationError(faults)
        return form


class SourcesReportView(OfReport):
    acts: ClassVar = {"get": Act.READ_CLINICAL}

    @extend_schema(
        parameters=parameters(ChoicesForm), responses=SourcesReportSerializer
    )
    def get(self, request: Request) -> Response:
        """Where pain came from: sites against sources, first words against last."""
        choices: Choices = self.asked(ChoicesForm).chosen
        found = counts.report(rows.rows(self.caller, choices))
        audit.record(
            by=self.caller,
            action="sources.read",
            about=self.clinic,
            asked=choices.address(),
        )
        behind = reverse("api:sources-report-complaints", request=request)

        def number(n: int, **cell: str) -> dict[str, Any]:
            return {"n": n, "complaints": behind + choices.address(**cell)}

        return Response(as_json(found, choices, number))


class SourceComplaintsViewSet(OfReport, PatientRowsViewSet):
    queryset = Complaint.objects.all()
    serializer_class = ComplaintSerializer
    acts: ClassVar = {"list": Act.READ_CLINICAL}

    @extend_schema(parameters=parameters(CellForm))
    def list(self, request: Request) -> Response:
        """The complaints behind a number of the report, the newest first."""
        return super().list(request)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        form: CellForm = self.asked(CellForm, "page_size")
        found = rows.listed(self.caller, form.chosen, form.cell)
        shown = found.select_related("patient__clinic").prefetch_related(*LEDGER)
        return shown.order_by("-opened_on", "-pk")


def as_json(found: Report, choices: Choices, number: Number) -> dict[str, Any]:
    matrix = found.matrix
    return {
        "total": matrix.total,
        "known": number(matrix.named, kind=KNOWN),
        "from_back": number(matrix.of_kind("back"), kind="back"),
        "sources": [
            source_json(key, choices, number(matrix.of_source(key), source=key or NONE))
            for key in matrix.sources
        ],
        "sites": [site_json(site, matrix, choices, number) for site in matrix.sites],
        "ledger": changes_json(
            found.ledger, number, ("ledger", "first_source", "source"), source_label
        ),
        "diagnoses": changes_json(
            found.diagnoses,
            number,
            ("diagnosis", "first_diagnosis", "final_diagnosis"),
            diagnosis_categories.words,
        ),
        "spans": [span_json(span, number) for span in found.spans],
    }


def source_json(
    key: str | None, choices: Choices, counted: dict[str, Any]
) -> dict[str, Any]:
    label = source_label(key) or choices.unnamed
    return {"source": key, "label": label, "kind": kind_of(key), **counted}


def site_json(
    site: str, matrix: Matrix, choices: Choices, number: Number
) -> dict[str, Any]:
    return {
        "site": site,
        "label": places.body_sites()[site].label_en,
        "total": number(matrix.of_site(site), site=site),
        "sources": [
            source_json(key, choices, number(n, site=site, source=key or NONE))
            for key in matrix.sources
            if (n := matrix.counts[site, key])
        ],
    }


def changes_json(
    found: Changes,
    number: Number,
    names: Sequence[str],
    label: Callable[[str], str],
) -> dict[str, Any]:
    """The names are what the address calls the change, the first word and the last."""
    how, first, final = names

    def line(change: Change) -> dict[str, Any]:
        where = {first: change.first, final: change.final or NONE}
        return {
            "first": change.first,
            "first_label": label(change.first),
            "final": change.final,
            "final_label": label(change.final) if change.final else "",
            "of": change.of,
            **number(change.n, **where),
        }

    return {
        "total": found.total,
        "changed": number(found.changed, **{how: CHANGED}),
        "kept": number(found.kept, **{how: KEPT}),
        "fallen": number(found.fallen, **{how: FALLEN}),
        "without": number(found.without, **{first: NONE}),
        "lines": [line(change) for change in found.lines],
    }


def span_json(span: Span, number: Number) -> dict[str, Any]:
    return {
        "key": span.key,
        "label": span.label,
        "known": number(span.n, step=span.key, dates=KNOWN),
        "median": span.median,
        "quartiles": span.quartiles,
        "lacking": number(span.lacking, step=span.key, dates=LACKING),
        "backwards": number(span.backwards, step=span.key, dates=BACKWARDS),
    }
