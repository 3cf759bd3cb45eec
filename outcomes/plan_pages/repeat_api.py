"""What an injection did, before it is repeated, over the API."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_views import PatientRowsViewSet
from outcomes.dashboards.one_patient import course
from outcomes.models import Measure, Provenance, Score
from outcomes.plan_pages import repeat_injection, repeat_reading
from outcomes.plan_pages.conservative_care import Care
from outcomes.plan_pages.repeat_injection import RepeatInjection
from plans.models import Intervention

ON_ITS_SCALE = "On the scale of its measure."
LESS = "How much less it is than before; negative: more."


class InjectionSerializer(serializers.ModelSerializer):
    levels = serializers.ListField(child=serializers.CharField())
    performed_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = Intervention
        fields = [
            "id",
            "plan",
            "title",
            "modality",
            "performed_on",
            "performed_by",
            "target",
            "side",
            "levels",
        ]
        read_only_fields = fields


class ExposureSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    modality = serializers.CharField()
    on = serializers.DateField()


class FoundScoreSerializer(serializers.ModelSerializer):
    value = serializers.FloatField(help_text=ON_ITS_SCALE)
    provenance = serializers.ChoiceField(choices=Provenance.choices)
    is_recalled = serializers.SerializerMethodField()

    class Meta:
        model = Score
        fields = ["value", "measured_on", "provenance", "is_recalled"]
        read_only_fields = fields

    def get_is_recalled(self, score: Score) -> bool:
        return course.is_recalled(score)


class ComparedMeasureSerializer(serializers.Serializer):
    """One measure before and after, on the same scale."""

    measure = serializers.CharField(source="measure.key")
    title = serializers.CharField()
    minimum = serializers.FloatField(
        source="measure.minimum", help_text="Where its scale begins."
    )
    maximum = serializers.FloatField(
        source="measure.maximum", help_text="Where its scale ends."
    )
    better_is = serializers.ChoiceField(
        source="measure.better_is", choices=Measure.Better.choices
    )
    before = FoundScoreSerializer(
        allow_null=True, help_text="The last in the 30 days up to the injection."
    )
    best = FoundScoreSerializer(allow_null=True)
    now = FoundScoreSerializer(allow_null=True, help_text="The last answer.")
    percent_best = serializers.FloatField(allow_null=True, help_text=f"%. {LESS}")
    percent_now = serializers.FloatField(allow_null=True, help_text=f"%. {LESS}")
    change = serializers.CharField(help_text="The last answer's, in words.")


class ReliefLastedSerializer(serializers.Serializer):
    """For how long half or more of the pain was gone."""

    weeks = serializers.IntegerField(
        allow_null=True, help_text="Whole weeks, at least; null: not known, or never."
    )
    days = serializers.IntegerField(allow_null=True, help_text="Days, at least.")
    below_days = serializers.IntegerField(
        source="below", allow_null=True, help_text="Days it cannot have lasted longer."
    )
    in_words = serializers.CharField(source="words")
    why = serializers.CharField()


class ConservativeCareSerializer(serializers.Serializer):
    """Therapy or a change of habits before the injection."""

    title = serializers.CharField()
    began_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True, help_text="Null: it goes on.")
    weeks = serializers.SerializerMethodField(
        help_text="Whole weeks before the injection."
    )
    detail = serializers.CharField()

    def get_weeks(self, care: Care) -> int:
        return care.weeks_before(self.context["before"])


class AnsweredDaySerializer(serializers.Serializer):
    """What was answered on one day."""

    on = serializers.DateField()
    days = serializers.IntegerField(
        help_text="Days since the last injection; 0 or below: before."
    )
    timepoint = serializers.CharField(source="label")
    source_in_words = serializers.CharField(source="source")
    in_window = serializers.BooleanField()
    pain = serializers.FloatField(
        source="pain.value", allow_null=True, help_text=ON_ITS_SCALE
    )
    function = serializers.FloatField(
        source="function.value", allow_null=True, help_text=ON_ITS_SCALE
    )
    percent = serializers.FloatField(allow_null=True, help_text=f"Pain, in %. {LESS}")


class RepeatInjectionSerializer(serializers.Serializer):
    intervention = serializers.UUIDField(source="asked.pk")
    patient = serializers.UUIDField(source="asked.plan.complaint.patient.kept_id")
    plan = serializers.UUIDField(source="asked.plan_id")
    complaint = serializers.UUIDField(source="asked.plan.complaint_id")
    today = serializers.DateField(help_text="In the patient's time zone.")
    injections = InjectionSerializer(
        many=True, help_text="The last one or the last series; empty: none was done."
    )
    following = InjectionSerializer(
        allow_null=True, help_text="The next needle; answers after it are left out."
    )
    added = ExposureSerializer(
        many=True, help_text="Begun since, and at work in the later answers too."
    )
    pain = ComparedMeasureSerializer(allow_null=True)
    function = ComparedMeasureSerializer(allow_null=True)
    lasted = ReliefLastedSerializer()
    conservative_weeks_before = serializers.IntegerField(
        source="weeks_before",
        help_text="Whole weeks of therapy or changed habits before the injection.",
    )
    conservative_weeks_since = serializers.IntegerField(
        source="weeks_since", help_text="The same, in whole weeks since."
    )
    care_before = serializers.SerializerMethodField()
    answers = AnsweredDaySerializer(many=True, source="rows")
    caveat = serializers.SerializerMethodField()

    @extend_schema_field(ConservativeCareSerializer(many=True))
    def get_care_before(self, found: RepeatInjection) -> Any:
        cares = [care for care, _ in found.care_before]
        context = {"before": found.first_on}
        return ConservativeCareSerializer(cares, many=True, context=context).data

    def get_caveat(self, found: RepeatInjection) -> str:
        return repeat_injection.CAVEAT


class RepeatInjectionViewSet(PatientRowsViewSet):
    queryset = Intervention.objects.select_related(
        "plan__complaint__patient__clinic",
        "plan__complaint__patient__merged_into__clinic",
    )
    serializer_class = RepeatInjectionSerializer
    acts: ClassVar = {"repeat": Act.READ_ANSWERS}

    @action(detail=True, methods=["get"])
    def repeat(self, request: Request, pk: str) -> Response:
        """What the injection did, or the last one like it: relief, and for how long.

        Of a planned one it is the last course like it that was done before.
        """
        asked = self.get_object()
        if not asked.is_needle:
            raise NotFound("Only an injection is repeated.")
        found = repeat_reading.read(asked, by=self.caller)
        return Response(self.get_serializer(found).data)
