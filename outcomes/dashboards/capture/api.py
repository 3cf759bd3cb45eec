"""How many answer, for programs, and the follow-ups behind each number."""

from dataclasses import asdict
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from clinic import api_filters, audit, clock
from clinic.access import Act
from clinic.api_fields import IntervalField
from clinic.api_views import ClinicView, PatientRowsViewSet
from outcomes.api import FollowUpSerializer
from outcomes.dashboards.capture import listing, page
from outcomes.dashboards.capture import steps as capture_steps
from outcomes.dashboards.capture.choices import (
    CellForm,
    ChoicesForm,
    dimensions_of,
)
from outcomes.dashboards.capture.counts import Counts, Lift, Report
from outcomes.dashboards.sources.api import keys_of
from outcomes.models import FollowUp


class CountsSerializer(serializers.Serializer):
    eligible = serializers.IntegerField(help_text="In care when the window closed.")
    sent = serializers.IntegerField(help_text="A provider accepted a message.")
    delivered = serializers.IntegerField(help_text="A receipt says so.")
    no_receipt = serializers.IntegerField(help_text="Sent, and nobody knows more.")
    answered = serializers.IntegerField(help_text="Within the window.")
    partial = serializers.IntegerField(  # type: ignore[assignment]
        help_text="Begun only, or by three taps."
    )
    late = serializers.IntegerField(help_text="After the window's close.")
    missed = serializers.IntegerField()
    rate = serializers.FloatField(
        allow_null=True, help_text="Answered of eligible; null where these are too few."
    )
    ci = IntervalField(allow_null=True, min_length=2, max_length=2)
    bounds = IntervalField(
        allow_null=True,
        min_length=2,
        max_length=2,
        help_text="Answered in time, and in any way.",
    )


class CaptureGroupSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    counts = CountsSerializer(allow_null=True, help_text="Null: hidden from your role.")


class TablesSerializer(serializers.Serializer):
    timepoint = CaptureGroupSerializer(many=True, required=False)
    protocol = CaptureGroupSerializer(many=True, required=False)
    provider = CaptureGroupSerializer(many=True, required=False)
    language = CaptureGroupSerializer(many=True, required=False)
    channel = CaptureGroupSerializer(many=True, required=False)


class ApartSerializer(serializers.Serializer):
    never_asked = serializers.IntegerField(allow_null=True)
    on_hold = serializers.IntegerField(allow_null=True)
    withdrew = serializers.IntegerField(allow_null=True)
    died = serializers.IntegerField(allow_null=True)
    cancelled = serializers.IntegerField(allow_null=True)
    not_over = serializers.IntegerField(allow_null=True)


class LadderStepSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="Kind, channel and rung.")
    label = serializers.CharField()  # type: ignore[assignment]
    days = serializers.FloatField(help_text="After they were asked, on average.")
    silent = serializers.IntegerField(help_text="Had not answered when it went.")
    answered = serializers.IntegerField(help_text="After it and before the next.")
    cumulative = serializers.IntegerField(help_text="Answered by then.")


class LiftSerializer(serializers.Serializer):
    eligible = serializers.IntegerField()
    unprompted = serializers.IntegerField(help_text="Before any message or call.")
    steps = LadderStepSerializer(many=True)


class ClinicCountsSerializer(serializers.Serializer):
    due = serializers.IntegerField(help_text="Of which the window closed.")
    done = serializers.IntegerField()
    missed = serializers.IntegerField()


class ClinicGroupSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    counts = ClinicCountsSerializer(
        allow_null=True, help_text="Null: hidden from your role."
    )


class ClinicPartSerializer(serializers.Serializer):
    """Examinations and block responses, which no patient is written to about."""

    total = ClinicCountsSerializer(allow_null=True)
    timepoint = ClinicGroupSerializer(many=True)
    provider = ClinicGroupSerializer(many=True)


class CaptureSerializer(serializers.Serializer):
    begins_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField()
    target = serializers.IntegerField(help_text="In percent.")
    wanted = serializers.IntegerField(
        allow_null=True, help_text="More answers that would reach it."
    )
    total = CountsSerializer(allow_null=True)
    tables = TablesSerializer()
    apart = ApartSerializer(help_text="Not eligible, by why.")
    lift = LiftSerializer(allow_null=True)
    clinic = ClinicPartSerializer(
        allow_null=True, help_text="Null where a channel is asked for."
    )
    follow_ups = serializers.URLField(
        allow_null=True, help_text="The list of those that are counted."
    )


def parameters(form: type[ChoicesForm]) -> list[OpenApiParameter]:
    """What the form takes, for the document: read off the form that checks it."""
    return [
        OpenApiParameter(
            name,
            OpenApiTypes.DATE if isinstance(each, forms.DateField) else str,
            description=str(each.label or ""),
            enum=keys_of(each) if isinstance(each, forms.ChoiceField) else None,
        )
        for name, each in form().fields.items()
        if name != "page"
    ]


class CaptureView(ClinicView):
    acts: ClassVar = {"get": Act.READ_CAPTURE}

    @extend_schema(parameters=parameters(ChoicesForm), responses=CaptureSerializer)
    def get(self, request: Request) -> Response:
        """How many of those that were asked answered, by group and by reminder."""
        form = checked(ChoicesForm, self)
        is_fixed = not page.sees_rows(self.caller)
        if is_fixed and not form.is_of_everything:
            raise serializers.ValidationError(
                "Your role sees all follow-ups together over all time; a narrower "
                "choice could single out a person."
            )
        choices = page.FIXED if is_fixed else form.chosen
        today = clock.today(self.clinic.zone)
        found = page.read(self.caller, choices, today)
        audit.record(
            by=self.caller,
            action="capture.read",
            about=self.clinic,
            asked=choices.address(),
        )
        behind = reverse("api:capture-follow-ups", request=request)
        own = page.read_clinic(self.caller, choices, today)
        words = page.labels(found, choices, self.clinic, own)
        target, total = self.clinic.capture_target, found.total
        return Response(
            {
                "begins_on": choices.first_day(today),
                "ends_on": choices.last_day(today),
                "target": target,
                "wanted": total.wanted(target) if total else None,
                **as_json(found, words),
                "clinic": clinic_json(own, words),
                "follow_ups": None if is_fixed else behind + choices.address(),
            }
        )


class CaptureFollowUpsViewSet(PatientRowsViewSet):
    queryset = FollowUp.objects.all()
    serializer_class = FollowUpSerializer
    acts: ClassVar = {"list": Act.READ_FOLLOW_UPS}

    @extend_schema(parameters=parameters(CellForm))
    def list(self, request: Request) -> Response:
        """The follow-ups behind a number of the report, the newest first."""
        return super().list(request)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        form = checked(CellForm, self, "page_size")
        today = clock.today(self.clinic.zone)
        found = listing.listed(self.caller, form, today)
        return found.select_related("episode").order_by("-closes_on", "-pk")


def checked(form_class: type[Any], view: ClinicView, *more: str) -> Any:
    form = form_class(view.request.query_params, dimensions=dimensions_of(view.caller))
    api_filters.refuse_unknown(view.request, {*form.fields, *more})
    if not form.is_valid():
        raise serializers.ValidationError(
            {name: [str(each) for each in said] for name, said in form.errors.items()}
        )
    return form


def as_json(found: Report, words: page.Words) -> dict[str, Any]:
    return {
        "total": counts_json(found.total),
        "tables": {
            name: [
                {
                    "key": row.key,
                    "label": words.get(name, {}).get(row.key, row.key),
                    "counts": counts_json(row.counts),
                }
                for row in rows
            ]
            for name, rows in found.tables.items()
        },
        "apart": {fate.value: n for fate, n in found.apart.items()},
        "lift": lift_json(found.lift),
    }


def counts_json(counts: Counts | None) -> dict[str, Any] | None:
    if counts is None:
        return None
    is_rated = not counts.is_too_few
    return asdict(counts) | {
        "rate": counts.rate if is_rated else None,
        "ci": counts.ci if is_rated else None,
        "bounds": counts.bounds if is_rated else None,
    }


def lift_json(found: Lift | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "eligible": found.eligible,
        "unprompted": found.unprompted,
        "steps": [
            {
                "key": step.key,
                "label": capture_steps.words(step.key),
                "days": step.days,
                "silent": step.silent,
                "answered": step.answered,
                "cumulative": step.cumulative,
            }
            for step in found.steps
        ],
    }


def clinic_json(own: Report | None, words: page.Words) -> dict[str, Any] | None:
    if own is None:
        return None
    tables = {
        name: [
            {
                "key": row.key,
                "label": words.get(name, {}).get(row.key, row.key),
                "counts": clinic_counts_json(row.counts),
            }
            for row in rows
        ]
        for name, rows in own.tables.items()
    }
    return {"total": clinic_counts_json(own.total), **tables}


def clinic_counts_json(counts: Counts | None) -> dict[str, int] | None:
    if counts is None:
        return None
    return {"due": counts.eligible, "done": counts.answered, "missed": counts.missed}
