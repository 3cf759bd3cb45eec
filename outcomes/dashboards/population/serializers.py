"""The shapes of the figures, as programs are told of them."""

from rest_framework import serializers

from clinic.api_fields import IntervalField
from outcomes.dashboards import statistics


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
    """One group at one time point; the figures are left out where `is_hidden`.

    Who may not see counts of 1 to 9 is not told n, mean, sd and ci after the start,
    steps, added, died and withdrew; nor responders where they would give a few away.
    """

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
    began_lower = serializers.IntegerField(
        help_text="Whom a lowest baseline leaves out."
    )
    stale = serializers.IntegerField(help_text="Courses that are counted anew.")
    expected = ExpectedSerializer()
    groups = GroupSerializer(many=True)
    together = GroupSerializer(allow_null=True)


class LimitsSerializer(serializers.Serializer):
    """Counts between which chance alone keeps a group of this size."""

    low = serializers.IntegerField()
    high = serializers.IntegerField()


class ProviderSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    improved = serializers.IntegerField()
    answered = serializers.IntegerField()
    rate = serializers.FloatField()
    limits_95 = LimitsSerializer()
    limits_998 = LimitsSerializer()


class ProvidersSerializer(serializers.Serializer):
    measure = serializers.CharField()
    day = serializers.IntegerField(allow_null=True)
    rule = serializers.CharField()
    centre = serializers.FloatField(
        allow_null=True, help_text="The rate of all together; null of nobody."
    )
    smallest = serializers.IntegerField(help_text="Fewer answers are left out.")
    left_out = serializers.IntegerField()
    providers = ProviderSerializer(many=True, help_text="By name, never by rate.")


class AnsweringSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    eligible = serializers.IntegerField()
    answered = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    ci = IntervalField(allow_null=True, min_length=2, max_length=2)
    died = serializers.IntegerField()
    withdrew = serializers.IntegerField()
    answered_baseline = SummarySerializer()
    missing_baseline = SummarySerializer()


class DayAnsweringSerializer(AnsweringSerializer):
    day = serializers.IntegerField()


class MeansApartSerializer(serializers.Serializer):
    """Missing less answered, with Welch's interval."""

    mean = serializers.FloatField(allow_null=True)
    ci = IntervalField(allow_null=True, min_length=2, max_length=2)


class DimensionSerializer(serializers.Serializer):
    by = serializers.CharField()
    groups = AnsweringSerializer(many=True)


class MissingSerializer(serializers.Serializer):
    measure = serializers.CharField()
    day = serializers.IntegerField(allow_null=True)
    days = DayAnsweringSerializer(many=True)
    dimensions = DimensionSerializer(many=True)
    baseline = MeansApartSerializer()
    last_known_change = MeansApartSerializer()
    results_look = serializers.ChoiceField(
        choices=["", "good", "poor", "unlike"],
        help_text="How the missing likely make results look: too good, too poor; "
        "unlike where they only began otherwise; empty where nothing is clear.",
    )
