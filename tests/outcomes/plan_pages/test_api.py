from datetime import timedelta

import pytest

from clinic import audit
from clinic.models import AuditEvent
from outcomes.plan_pages import attainment
from outcomes.plan_pages.api import GOAL_STATES
from plans.course import goals, interventions
from tests import courses, factories
from tests.api_client import with_token
from tests.outcomes.plan_pages.test_plan_page import busy
from tests.outcomes.plan_pages.test_repeat_injection import answer


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def treated(complaint):
    """PRP a month ago; pain 8 before it, 5 after ten days."""
    plan = factories.make_plan(complaint, started_days_ago=33)
    factories.make_performed(plan)
    answer(complaint, "pain_site", 31, 8)
    answer(complaint, "pain_site", 20, 5)
    return plan


def attained(api, plan):
    return api.get(f"/api/v1/plans/{plan.pk}/attainment/").json()


def lanes_of(api, plan):
    found = api.get(f"/api/v1/plans/{plan.pk}/timeline/").json()
    return {lane["key"]: lane for lane in found["lanes"]}


def day(plan, days_ago):
    return factories.days_ago(plan.clinic, days_ago).isoformat()


def test_a_goal_tells_state_share_last_value_and_baseline(api, treated):
    plan = treated
    plan.goals.all().delete()
    goal = factories.make_goal(plan, target=2, words="walk the dog")
    found = attained(api, plan)
    assert (found["plan"], found["begun_on"]) == (str(plan.pk), day(plan, 30))
    (line,) = found["goals"]
    assert (line["goal"], line["measure"]) == (str(goal.pk), "pain_site")
    assert (line["words"], line["status"]) == ("walk the dog", "open")
    assert (line["state"], line["in_words"]) == ("on_the_way", "on the way, 50 % of it")
    assert (line["target"], line["level"], line["share"]) == (2, 2, 0.5)
    assert line["baseline"] == {"on": day(plan, 31), "value": 8}
    assert line["latest"] == {"on": day(plan, 20), "value": 5}
    assert (line["reached_on"], line["is_late"]) == (None, False)


def test_a_goal_that_was_reached_says_since_when(api, treated, complaint):
    treated.goals.all().delete()
    factories.make_goal(treated, target=2)
    answer(complaint, "pain_site", 4, 1)
    (line,) = attained(api, treated)["goals"]
    assert (line["state"], line["reached_on"]) == ("reached", day(treated, 4))
    assert line["share"] > 1


def test_without_a_value_nothing_is_claimed(api, complaint):
    plan = factories.make_plan(complaint)
    plan.goals.all().delete()
    factories.make_goal(plan, comparison="less_by_percent", target=50)
    (line,) = attained(api, plan)["goals"]
    assert line["state"] == "no_baseline"
    assert {line[name] for name in ("level", "baseline", "latest", "share")} == {None}


def test_a_dropped_goal_comes_last_and_says_so(api, treated, physician):
    treated.goals.all().delete()
    dropped = factories.make_goal(treated)
    goals.drop(dropped, reason="Not wanted", by=physician)
    factories.make_goal(treated, target=1)
    lines = attained(api, treated)["goals"]
    assert [line["status"] for line in lines] == ["open", "dropped"]
    assert lines[1]["in_words"] == "dropped"


def test_every_state_has_a_key():
    assert len(dict(GOAL_STATES)) == len(attainment.State)


def test_the_time_axis_comes_as_lanes(api, treated):
    plan = treated
    factories.make_goal(plan, target=2)
    found = api.get(f"/api/v1/plans/{plan.pk}/timeline/").json()
    assert (found["started_on"], found["day_0"]) == (day(plan, 33), day(plan, 30))
    lanes = {lane["key"]: lane for lane in found["lanes"]}
    (done,) = [e for e in lanes["prp"]["entries"] if e["state"] == "done"]
    assert (done["begins_on"], done["ends_on"]) == (day(plan, 30),) * 2
    assert (done["look"], done["is_index"]) == ("filled", True)
    assert done["in_words"].endswith("done")
    assert [e["value"] for e in lanes["answers"]["entries"]] == [8, 5]
    assert (lanes["answers"]["kind"], lanes["answers"]["level"]) == ("values", 2)


def test_a_follow_up_stands_with_its_window_and_its_day(api, treated):
    (asked, *_) = lanes_of(api, treated)["follow_ups"]["entries"]
    row = treated.episodes.get().follow_ups.get(label=asked["label"])
    window = (asked["begins_on"], asked["due_on"], asked["ends_on"])
    assert window == tuple(
        on.isoformat() for on in (row.opens_on, row.due_on, row.closes_on)
    )


def test_lanes_without_an_entry_are_left_out(api, complaint):
    lanes = lanes_of(api, factories.make_plan(complaint))
    assert "elsewhere" not in lanes and "answers" not in lanes
    assert all(lane["entries"] for lane in lanes.values())


@pytest.mark.parametrize("part", ["attainment", "timeline"])
def test_reading_is_on_record_and_costs_few_queries(
    api, complaint, admin, part, django_assert_max_num_queries
):
    plan = busy(complaint, admin)
    for days in range(5):
        factories.make_goal(plan, due_on=plan.started_on + timedelta(days=90 + days))
    with django_assert_max_num_queries(25):
        assert api.get(f"/api/v1/plans/{plan.pk}/{part}/").status_code == 200
    event = AuditEvent.objects.filter(action="plan.read").get()
    assert event.subjects.get().patient_id == complaint.patient_id


@pytest.mark.parametrize("part", ["attainment", "timeline"])
def test_an_id_that_is_none_and_an_unknown_parameter(api, treated, part):
    assert api.get(f"/api/v1/plans/null/{part}/").status_code == 404
    address = f"/api/v1/plans/{treated.pk}/{part}/"
    assert list(api.get(address, {"since": "x"}).json()) == ["since"]


# --- Before an injection is repeated -------------------------------------------------


def repeated(api, intervention):
    return api.get(f"/api/v1/interventions/{intervention.pk}/repeat/")


def test_relief_function_and_weeks_on_the_same_scale(api, complaint):
    plan = factories.make_plan(complaint, started_days_ago=114)
    done = factories.make_performed(plan, days=100)
    for key, days_ago, value in (
        ("pain_site", 105, 8),
        ("pain_site", 86, 2),
        ("pain_site", 10, 6),
        ("activity_limits", 105, 6),
        ("activity_limits", 10, 3),
    ):
        answer(complaint, key, days_ago, value)
    found = repeated(api, done).json()
    assert [row["id"] for row in found["injections"]] == [str(done.pk)]
    pain, function = found["pain"], found["function"]
    assert (pain["percent_now"], pain["percent_best"]) == (25, 75)
    assert (pain["before"]["value"], pain["now"]["value"]) == (8, 6)
    assert (pain["minimum"], pain["maximum"], pain["change"]) == (0, 10, "25 % less")
    assert pain["best"] == {
        "value": 2,
        "measured_on": day(plan, 86),
        "provenance": "phone",
        "is_recalled": False,
    }
    assert function["percent_now"] == 50
    lasted = found["lasted"]
    assert (lasted["weeks"], lasted["days"], lasted["below_days"]) == (2, 14, 90)
    assert lasted["in_words"] == "2 weeks to 12 weeks"
    assert [row["days"] for row in found["answers"]] == [-5, 14, 90]
    assert [row["function"] for row in found["answers"]] == [6, None, 3]
    assert "not effects of it" in found["caveat"]


def test_conservative_weeks_before_the_injection(api, complaint):
    habits = factories.make_plan(complaint, "lifestyle", started_days_ago=170)
    step = habits.interventions.filter(modality="lifestyle")[0]
    interventions.perform(step, performed_on=habits.started_on, by=audit.SYSTEM)
    plan = factories.make_plan(complaint, started_days_ago=114)
    found = repeated(api, factories.make_performed(plan, days=100)).json()
    assert found["conservative_weeks_before"] == 10
    assert [care["weeks"] for care in found["care_before"]] == [10]


def test_where_none_was_done_there_are_no_numbers(api, complaint):
    plan = factories.make_plan(complaint)
    found = repeated(api, plan.interventions.get(is_index=True)).json()
    assert (found["injections"], found["answers"]) == ([], [])
    assert found["pain"] is None and found["function"] is None
    assert found["lasted"]["weeks"] is None


def test_only_an_injection_is_repeated_and_reading_is_on_record(api, complaint):
    plan = courses.answered(complaint).follow_up.episode.plan
    other = factories.make_plan(complaint, "lifestyle").interventions.all()[0]
    assert repeated(api, other).status_code == 404
    assert not AuditEvent.objects.filter(action="repeat_injection.read").exists()
    done = plan.interventions.get(is_index=True)
    found = repeated(api, done).json()
    assert (found["patient"], found["complaint"]) == (
        str(complaint.patient_id),
        str(complaint.pk),
    )
    event = AuditEvent.objects.get(action="repeat_injection.read")
    assert event.about_id == str(done.pk)


def test_the_queries_of_a_repeat_do_not_grow(
    api, complaint, admin, django_assert_max_num_queries
):
    plan = busy(complaint, admin)
    for days_ago in range(1, 25):
        answer(complaint, "pain_site", days_ago, 3)
    done = plan.interventions.get(is_index=True)
    with django_assert_max_num_queries(20):
        assert len(repeated(api, done).json()["answers"]) > 10
