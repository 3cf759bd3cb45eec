"""How groups of patients do, for programs: the page's figures at every day."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import api_filters, audit
from clinic.access import Act
from clinic.api_fields import IntervalField
from clinic.api_views import ClinicView
from outcomes.dashboards import statistics
from outcomes.dashboards.figures import as_json, population
from outcomes.dashboards.figures.choices import ADDED, ChoicesForm
from outcomes.dashboards.figures.dimensions import ALL, DIMENSIONS


class SummarySerializer(serializers.Serializer):
    n = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    sd = serializers.FloatField(allow_null=True)
    ci = IntervalField(allow_null=True, min_length=2, max_length=2)


class RespondersSerializer(serializers.Serializer):
    rule = serializers.ChoiceField(choices=list(statistics.RULES))
    improved = serializers.IntegerField()
    answered = serializers.IntegerField()
    eligible = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    ci = IntervalField(allow_null=True, min_length=2, max_length=2)
    if_missing_failed = serializers.FloatField(allow_null=True)
    if_missing_succeeded = serializers.FloatField(allow_null=True)


class WorsenedSerializer(serializers.Serializer):
    worsened = serializers.IntegerField()
    answered = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    ci = IntervalField(allow_null=True, min_length=2, max_length=2)


class ChangeStepSerializer(serializers.Serializer):
    low = serializers.FloatField(help_text="Improved by this many points or more.")
    high = serializers.FloatField(help_text="And by less than these.")
    n = serializers.IntegerField()


class CellSerializer(SummarySerializer):
    """One group at one time point; the figures are left out where `is_hidden`."""

    timepoint = serializers.CharField()
    day = serializers.IntegerField()
    n = serializers.IntegerField(required=False)
    mean = serializers.FloatField(required=False, allow_null=True)
    sd = serializers.FloatField(required=False, allow_null=True)
    ci = IntervalField(required=False, allow_null=True, min_length=2, max_length=2)
    eligible = serializers.IntegerField(required=False)
    change = SummarySerializer(required=False)
    responders = RespondersSerializer(required=False, allow_null=True)
    worsened = WorsenedSerializer(required=False, allow_null=True)
    unchanged = serializers.IntegerField(required=False, allow_null=True)
    steps = ChangeStepSerializer(many=True, required=False)
    added = serializers.IntegerField(
        required=False, help_text="Answered after something else had been begun."
    )
    died = serializers.IntegerField(required=False)
    withdrew = serializers.IntegerField(required=False)
    baseline = SummarySerializer(required=False, help_text="Of the eligible.")
    answered_baseline = SummarySerializer(
        required=False, help_text="Of those among them who answered."
    )
    missing_baseline = SummarySerializer(
        required=False, help_text="Of those who did not answer."
    )
    is_hidden = serializers.BooleanField(
        required=False, help_text="Too few people for the caller's role."
    )


class GroupSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="Empty where nothing is recorded.")
    label = serializers.CharField()  # type: ignore[assignment]
    timepoints = CellSerializer(many=True)


class ExpectedSerializer(serializers.Serializer):
    """How far scores would fall if nothing worked: regression to the mean."""

    baseline = serializers.FloatField(allow_null=True)
    improvement = serializers.FloatField(allow_null=True)
    why_not = serializers.CharField()


class CohortSerializer(serializers.Serializer):
    measure = serializers.CharField()
    by = serializers.CharField()
    rule = serializers.CharField()
    stale = serializers.IntegerField(help_text="Courses that are counted anew.")
    expected = ExpectedSerializer()
    groups = GroupSerializer(many=True)
    together = GroupSerializer(allow_null=True)


class CohortQuerySerializer(serializers.Serializer):
    measure = serializers.CharField(
        required=False, help_text="The key of a measure; the clinic's first one else."
    )
    by = serializers.ChoiceField(
        choices=[ALL, *DIMENSIONS], default="treatment", help_text="What groups are."
    )
    rule = serializers.ChoiceField(
        choices=list(statistics.RULES),
        default=statistics.DEFAULT_RULE.key,
        help_text="When somebody counts as improved.",
    )
    baseline_from = serializers.FloatField(
        required=False, help_text="Only those who started at or above this value."
    )
    added = serializers.ChoiceField(
        choices=list(ADDED),
        required=False,
        help_text="What becomes of who had more treatment before the answer: they "
        "count, are left out (without), or count as not improved (failed).",
    )
    until = serializers.DateField(
        required=False, help_text="Only courses that began by this day."
    )

    def get_fields(self) -> dict[str, Any]:
        """Those whose names are no names of Python, and one for each dimension."""
        own = super().get_fields()
        own["from"] = serializers.DateField(
            required=False, help_text="Only courses that began on this day or later."
        )
        for key, dimension in DIMENSIONS.items():
            own[key] = serializers.CharField(
                required=False,
                help_text=f"Only one group of {dimension.by}; none: {dimension.none}.",
            )
        return own


class CohortView(ClinicView):
    acts: ClassVar = {"get": Act.READ_COHORT}

    @extend_schema(parameters=[CohortQuerySerializer], responses=CohortSerializer)
    def get(self, request: Request) -> Response:
        """How groups did on a measure: mean, change, improved and worse, who missed."""
        asked = request.query_params.dict()
        api_filters.refuse_unknown(request, set(ChoicesForm.base_fields) | EXTRA)
        found = population.read(self.caller, asked, every_day=True)
        audit.record(
            by=self.caller, action="cohort.read", about=self.clinic, asked=asked
        )
        return Response(as_json.of(found))


EXTRA = {"from", *DIMENSIONS}
