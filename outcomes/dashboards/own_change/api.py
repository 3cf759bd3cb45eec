from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import api_filters, audit
from clinic.access import Act
from clinic.api_views import ClinicView
from outcomes.dashboards.own_change import shown
from outcomes.dashboards.own_change.shown import Change
from outcomes.dashboards.statistics.mic import (
    A_LITTLE_BETTER,
    ABOUT_THE_SAME,
    SMALLEST_GROUP,
)
from outcomes.models import ImportantChange


class PublishedSerializer(serializers.Serializer):
    points = serializers.FloatField(allow_null=True)
    percent = serializers.FloatField(allow_null=True, help_text="Of the baseline.")
    points_here = serializers.FloatField(
        allow_null=True,
        help_text="The percentage of the mean baseline of those counted.",
    )


class OwnEstimateSerializer(serializers.Serializer):
    points = serializers.FloatField(help_text="Of improvement: positive is better.")
    ci = serializers.ListField(
        child=serializers.FloatField(),
        min_length=2,
        max_length=2,
        help_text="95 % interval, of a bootstrap.",
    )


class ImportantChangeSerializer(serializers.Serializer):
    measure = serializers.CharField()
    computed_at = serializers.DateTimeField(
        allow_null=True, help_text="Null: not counted yet."
    )
    why_not = serializers.ChoiceField(
        choices=ImportantChange.WhyNot.values,
        help_text="Why there is no estimate; empty where there is one.",
    )
    n = serializers.IntegerField(
        allow_null=True,
        help_text="Courses counted, whatever was answered. Null: too few to be shown.",
    )
    a_little_better = serializers.IntegerField(
        allow_null=True, help_text="Null: 1 to 9, for those who treat only."
    )
    about_the_same = serializers.IntegerField(allow_null=True)
    published = PublishedSerializer()
    mean_change = OwnEstimateSerializer(allow_null=True)
    roc = OwnEstimateSerializer(allow_null=True)
    sensitivity = serializers.FloatField(allow_null=True)
    specificity = serializers.FloatField(allow_null=True)
    mean_of_the_same = serializers.FloatField(allow_null=True)
    correlation = serializers.FloatField(
        allow_null=True, help_text="Spearman's, of answer and improvement."
    )
    is_anchor_weak = serializers.BooleanField()


class ImportantChangesSerializer(serializers.Serializer):
    smallest_group = serializers.IntegerField(
        help_text="How many of each of the two answers an estimate needs."
    )
    better_is_step = serializers.IntegerField(
        help_text="Of global change, 1 to 7: “A little better”."
    )
    same_is_step = serializers.IntegerField(help_text="“About the same”.")
    measures = ImportantChangeSerializer(many=True)


class ImportantChangeView(ClinicView):
    acts: ClassVar = {"get": Act.READ_COHORT}

    @extend_schema(responses=ImportantChangesSerializer)
    def get(self, request: Request) -> Response:
        """What change matters to this clinic's patients, as they call it themselves."""
        api_filters.refuse_unknown(request, ())
        found = shown.of_clinic(self.caller)
        audit.record(by=self.caller, action="important_change.read", about=self.clinic)
        return Response(
            {
                "smallest_group": SMALLEST_GROUP,
                "better_is_step": A_LITTLE_BETTER,
                "same_is_step": ABOUT_THE_SAME,
                "measures": [as_json(change) for change in found],
            }
        )


def as_json(change: Change) -> dict[str, Any]:
    return {
        "measure": change.measure.key,
        "computed_at": change.computed_at,
        "why_not": change.why_not,
        "n": change.n,
        "a_little_better": change.better.n,
        "about_the_same": change.same.n,
        "published": {
            "points": change.published.points,
            "percent": change.published.percent,
            "points_here": change.published.points_here,
        },
        "mean_change": _estimate(change.mean_change),
        "roc": _estimate(change.roc),
        "sensitivity": change.sensitivity,
        "specificity": change.specificity,
        "mean_of_the_same": change.same_mean,
        "correlation": change.correlation,
        "is_anchor_weak": change.is_anchor_weak,
    }


def _estimate(found: shown.Estimate | None) -> dict[str, Any] | None:
    return None if found is None else {"points": found.points, "ci": list(found.ci)}
