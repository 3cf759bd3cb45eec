"""How far a plan's goals are and what stands on its time axis, over the API."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_views import PatientRowsViewSet
from outcomes.plan_pages import aims, gathered, measured, plan_page
from outcomes.plan_pages.aims import GoalLine
from outcomes.plan_pages.attainment import State
from outcomes.plan_pages.gathered import Gathered
from outcomes.plan_pages.timeline import Kind
from plans.models import Comparison, Goal, Plan

GOAL_STATES = [(state.name.lower(), str(state)) for state in State]
LANE_KINDS = {
    Kind.MARKS: "days",
    Kind.WINDOWS: "spans of days",
    Kind.VALUES: "values of a measure",
}


class GoalStateField(serializers.ChoiceField):
    """The key of a state; its words are for people and may change."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=GOAL_STATES, **kwargs)

    def to_representation(self, value: Any) -> str:
        return State(value).name.lower()


class GoalValueSerializer(serializers.Serializer):
    on = serializers.DateField()
    value = serializers.FloatField(help_text="In the unit of the goal.")


class GoalAttainmentSerializer(serializers.Serializer):
    """A goal as it was set, and how far it is by what was answered or measured."""

    goal = serializers.UUIDField(source="goal.pk")
    measure = serializers.CharField(source="goal.measure")
    title = serializers.CharField(help_text="Of the measure.")
    unit = serializers.CharField(help_text="Of all values here; empty: it has none.")
    comparison = serializers.ChoiceField(
        source="goal.comparison", choices=Comparison.choices
    )
    target = serializers.FloatField(
        source="goal.target",
        help_text="In the unit, but in % where the comparison is by percent.",
    )
    target_in_words = serializers.CharField(source="target_words")
    due_on = serializers.DateField(source="goal.due_on")
    words = serializers.CharField(source="goal.words", help_text="The patient's own.")
    status = serializers.ChoiceField(source="goal.status", choices=Goal.Status.choices)
    state = GoalStateField(
        source="found.state", help_text="As measured, of a dropped goal too."
    )
    in_words = serializers.CharField(source="state", help_text="As the page says it.")
    level = serializers.FloatField(
        source="found.level",
        allow_null=True,
        help_text="What counts as reached, in the unit; null: no baseline to tell.",
    )
    baseline = GoalValueSerializer(
        source="found.baseline",
        allow_null=True,
        help_text="The last value in the 30 days up to day 0.",
    )
    latest = GoalValueSerializer(source="found.latest", allow_null=True)
    share = serializers.FloatField(
        source="found.share",
        allow_null=True,
        help_text=(
            "Of the way from the start to the level, 1 is all of it; below 0 it is "
            "further away than at the start. Null: there is nothing to count from."
        ),
    )
    reached_on = serializers.DateField(
        source="found.reached_on", allow_null=True, help_text="For the first time."
    )
    is_late = serializers.BooleanField(
        source="found.is_late", help_text="First reached after its day."
    )


class AttainmentSerializer(serializers.Serializer):
    plan = serializers.UUIDField(source="plan.pk")
    begun_on = serializers.DateField(help_text="The day that goals count from.")
    goals = GoalAttainmentSerializer(many=True)


class TimelineEntrySerializer(serializers.Serializer):
    label = serializers.CharField(source="what")  # type: ignore[assignment]
    detail = serializers.CharField(help_text="Such as where.")
    state = serializers.CharField(help_text="The word that the page shows.")
    look = serializers.ChoiceField(
        choices=plan_page.EXPLAINED, help_text="How the page draws it."
    )
    begins_on = serializers.DateField(source="on")
    ends_on = serializers.DateField(source="last", help_text="The same for one day.")
    due_on = serializers.DateField(
        source="due", allow_null=True, help_text="The day inside that counts."
    )
    value = serializers.FloatField(
        allow_null=True, help_text="On the scale of the lane's measure."
    )
    is_index = serializers.BooleanField(help_text="Follow-ups count from it.")
    in_words = serializers.CharField(
        source="spoken", help_text="All of it as one sentence."
    )


class TimelineLaneSerializer(serializers.Serializer):
    """Entries of one kind; `level` is what a goal wants a measure to reach."""

    key = serializers.CharField(help_text="A modality, or such as `follow_ups`.")
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(LANE_KINDS.items()))
    level = serializers.FloatField(
        allow_null=True, help_text="On the scale of the lane's measure."
    )
    entries = TimelineEntrySerializer(many=True)


class TimelineSerializer(serializers.Serializer):
    plan = serializers.UUIDField(source="found.plan.pk")
    today = serializers.DateField(
        source="found.today", help_text="In the patient's time zone."
    )
    started_on = serializers.DateField(source="found.plan.started_on")
    day_0 = serializers.DateField(
        source="found.episode.anchor_on",
        allow_null=True,
        help_text="Of the first course.",
    )
    lanes = TimelineLaneSerializer(many=True, help_text="Those that hold something.")


class PlanPageViewSet(PatientRowsViewSet):
    """What the page of a plan works out; the plan itself is at `plans/`."""

    queryset = Plan.objects.select_related(
        *("protocol", "provider"),
        *("complaint__patient__clinic", "complaint__patient__merged_into__clinic"),
    )
    serializer_class = AttainmentSerializer
    acts: ClassVar = {"attainment": Act.READ_PLANS, "timeline": Act.READ_PLANS}

    @extend_schema(responses=AttainmentSerializer)
    @action(detail=True, methods=["get"])
    def attainment(self, request: Request, pk: str) -> Response:
        """How far each goal is: the open ones first, by the day they are due.

        Values from answers are there for who may read answers.
        """
        found = self.gathered()
        shown = {
            "plan": found.plan,
            "begun_on": found.begun_on,
            "goals": goal_lines(found),
        }
        return Response(AttainmentSerializer(shown).data)

    @extend_schema(responses=TimelineSerializer)
    @action(detail=True, methods=["get"])
    def timeline(self, request: Request, pk: str) -> Response:
        """What is planned and done, asked and answered, in lanes over the same days.

        Answers and red flags are there for who may read them.
        """
        found = self.gathered()
        lanes = plan_page.lanes_of(found, levels(found))
        shown = {"found": found, "lanes": [lane for lane in lanes if lane.entries]}
        return Response(TimelineSerializer(shown).data)

    def gathered(self) -> Gathered:
        plan = self.get_object()
        found = gathered.gather(self.caller, plan)
        self.note_read(plan)
        return found


def goal_lines(found: Gathered) -> list[GoalLine]:
    values = measured.course(found.scores, found.measurements, found.heights)
    return aims.lines(found.goals, values, begun_on=found.begun_on, today=found.today)


def levels(found: Gathered) -> Mapping[str, Decimal]:
    return aims.levels(goal_lines(found))
