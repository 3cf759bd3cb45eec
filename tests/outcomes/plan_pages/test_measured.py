from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from outcomes.plan_pages import lifestyle, measured
from outcomes.plan_pages.attainment import Value
from plans.models import LifestyleMeasurement

DAY = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("days", "minutes", "week"),
    [(5, 30, 150), (0, None, 0), (None, 30, None), (3, None, None), (3, 0, 0)],
)
def test_minutes_a_week_are_days_by_minutes(days, minutes, week):
    assert measured.minutes_a_week(days, minutes) == week


def test_bmi_is_weight_by_height_squared():
    assert measured.bmi(Decimal(81), Decimal(180)) == Decimal("25.0")


def taken(intervention, **fields):
    return LifestyleMeasurement(intervention_id=intervention, measured_on=DAY, **fields)


def test_without_a_height_there_is_no_bmi():
    known, unknown = uuid4(), uuid4()
    rows = [taken(known, weight_kg=81), taken(unknown, weight_kg=70)]
    course = measured.course([], rows, {known: Decimal(180)})
    assert [each.value for each in course["weight_kg"]] == [81, 70]
    assert [each.value for each in course["bmi"]] == [25]


def test_what_was_not_measured_is_no_zero():
    assert measured.course([], [taken(uuid4())], {}) == {}


def test_the_chart_holds_values_and_goal():
    values = {"weight_kg": [Value(DAY, Decimal(92)), Value(DAY, Decimal(86))]}
    chart = lifestyle.chart(
        values, {"weight_kg": Decimal(80)}, begun_on=DAY, chart_id="x"
    )
    goal = chart.views[0].panels[0].level("goal").level
    assert (goal.kind, goal.bound) == ("goal", "80 or less")
    assert lifestyle.chart({}, {}, begun_on=DAY, chart_id="x") is None
