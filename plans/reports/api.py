"""The report on plans for programs."""

from typing import Any, ClassVar

from django.forms import Form
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import api_filters, audit
from clinic.access import Act
from clinic.api_views import ClinicView
from plans.reports import counts
from plans.reports.choices import ChoicesForm
from plans.reports.counts import FEW, Done, Group, Report, Sessions

COURSES = (
    "Of therapy, and begun. A protocol's step `recheck` or `review` is a look back and "
    "no course, unless sessions are recorded of it."
)


class CountsSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    by_status = serializers.DictField(child=serializers.IntegerField())


class PlanGroupSerializer(CountsSerializer):
    id = serializers.UUIDField(allow_null=True, help_text="Null: without one.")
    label = serializers.CharField()  # type: ignore[assignment]


class SessionsSerializer(serializers.Serializer):
    provider = serializers.UUIDField(allow_null=True, help_text="Null: nobody.")
    label = serializers.CharField()  # type: ignore[assignment]
    courses = serializers.IntegerField(help_text=COURSES)
    recorded = serializers.IntegerField(help_text="Whose sessions the sums count.")
    prescribed = serializers.IntegerField()
    due = serializers.IntegerField(help_text="Attended and missed.")
    attended = serializers.IntegerField()
    percent = serializers.IntegerField(
        allow_null=True, help_text=f"Null below {FEW} recorded courses."
    )


class WaitSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Treated since their first diagnosis.")
    untreated = serializers.IntegerField()
    before = serializers.IntegerField(help_text="Treated before the diagnosis.")
    median = serializers.FloatField(
        allow_null=True, help_text=f"In days; null below {FEW}."
    )
    quartiles = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, min_length=2, max_length=2
    )


class ModalitySerializer(CountsSerializer):
    modality = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    completeness = serializers.IntegerField(
        allow_null=True,
        help_text="Median percent of the required and recommended fields recorded, "
        f"of those performed; null below {FEW}. What is learnt days afterwards counts "
        "from its day on.",
    )
    due_later = serializers.IntegerField(
        help_text="Of those performed, how many have fields whose day has not come."
    )


class PlanReportSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    protocols = PlanGroupSerializer(many=True)
    providers = PlanGroupSerializer(many=True, help_text="By name.")
    sessions = SessionsSerializer(many=True)
    diagnosis_to_treatment = WaitSerializer()
    interventions = ModalitySerializer(many=True)


class PlanReportView(ClinicView):
    acts: ClassVar = {"get": Act.READ_PLANS}

    @extend_schema(
        parameters=[
            OpenApiParameter("started_from", OpenApiTypes.DATE),
            OpenApiParameter("started_until", OpenApiTypes.DATE),
            OpenApiParameter(
                "provider",
                str,
                description="The id of a provider, or `none` for plans without one.",
            ),
        ],
        responses=PlanReportSerializer,
    )
    def get(self, request: Request) -> Response:
        """Plans by protocol and provider, sessions, days to treatment, modalities."""
        form = ChoicesForm(request.query_params, user=self.caller)
        api_filters.refuse_unknown(request, set(form.fields))
        _check(form)
        found = counts.report(self.caller, form.chosen)
        audit.record(
            by=self.caller,
            action="plan_report.read",
            about=self.clinic,
            asked=form.chosen.query,
        )
        return Response(as_json(found))


def _check(form: Form) -> None:
    if not form.is_valid():
        raise ValidationError(
            {name: [str(one) for one in said] for name, said in form.errors.items()}
        )


def as_json(found: Report) -> dict[str, Any]:
    wait = found.wait
    return {
        "total": found.plans,
        "protocols": [_group(group) for group in found.protocols],
        "providers": [_group(group) for group in found.providers],
        "sessions": [_sessions(line) for line in found.sessions],
        "diagnosis_to_treatment": {
            "n": wait.n,
            "untreated": wait.untreated,
            "before": wait.before,
            "median": wait.median,
            "quartiles": wait.quartiles,
        },
        "interventions": [_done(done) for done in found.modalities],
    }


def _group(group: Group) -> dict[str, Any]:
    return {"id": group.id, "label": group.label, **_counts(group)}


def _counts(line: Group | Done) -> dict[str, Any]:
    return {"total": line.total, "by_status": dict(line.counts)}


def _sessions(line: Sessions) -> dict[str, Any]:
    names = ("label", "courses", "recorded", "prescribed", "due", "attended", "percent")
    return {
        "provider": line.id,
        **{name: getattr(line, name) for name in names},
    }


def _done(done: Done) -> dict[str, Any]:
    return {
        "modality": done.modality,
        "label": done.label,
        "completeness": done.percent,
        "due_later": done.due_later,
        **_counts(done),
    }
