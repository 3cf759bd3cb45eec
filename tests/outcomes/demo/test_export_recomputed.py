"""docs/examples/recompute_outcomes.py on an export of the demo, to six digits."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from clinic.access import Role
from clinic.models import User
from outcomes.dashboards.export import files
from outcomes.dashboards.figures import as_json, funnel, population
from outcomes.models import OutcomeFact
from tests import factories
from tests.outcomes.exports import taking

pytestmark = pytest.mark.usefixtures("demo")
SCRIPT = Path(settings.BASE_DIR) / "docs/examples/recompute_outcomes.py"
CLOSE = {"rel": 1e-7, "abs": 1e-7}
MEASURES = ["pain_site", "pain_back", "activity_limits", "sane"]
BY = [
    *("treatment", "modality", "protocol", "diagnosis", "source", "payer", "age"),
    *("sex", "severity", "language", "channel", "all"),
]
RULES = ["pct30", "pct50", "points2", "mic", "both"]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("recompute_outcomes", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def user():
    found = User.objects.get(email="provider@lakeview.example")
    return found.enter(found.memberships.get().clinic)


@pytest.fixture
def run(user):
    return taking.export(factories.make_user(user.membership.clinic, Role.ADMIN))


@pytest.fixture
def data(run, script):
    return script.read(files.path_of(run))


def told(user, **asked):
    found = population.read(user, asked, every_day=True)
    return as_json.of(found)["groups"]


def same(one, other):
    """Numbers to six digits; lists as well."""
    assert (one is None) == (other is None)
    if one is not None:
        assert one == pytest.approx(other, **CLOSE)


def check_summary(own, shown):
    assert own["n"] == shown["n"]
    for name in ("mean", "sd", "ci"):
        same(own[name], shown[name])


def check_rates(own, shown):
    assert (own is None) == (shown is None)
    for name in own or ():
        same(own[name], shown[name])


def check_point(own, shown):
    check_summary(own, shown)
    check_summary(own["change"], shown["change"])
    assert own["eligible"] == shown["eligible"]
    if "steps" not in shown:
        return
    check_rates(own["responders"], shown["responders"])
    check_rates(own["worsened"], shown["worsened"])
    for name in ("added", "died", "withdrew"):
        assert own[name] == shown[name]
    for name in ("baseline", "answered_baseline", "missing_baseline"):
        check_summary(own[name], shown[name])
    steps = [step["n"] for step in shown["steps"] if step["n"]]
    assert list(own["steps"].values()) == steps


def check(groups, recomputed):
    """Every figure of every group and day; returns how many points were compared."""
    points = 0
    for group in groups:
        for point in group["timepoints"]:
            check_point(recomputed[group["key"]][point["day"]], point)
            points += 1
    return points


@pytest.mark.parametrize("measure", MEASURES)
def test_every_figure_by_every_grouping(user, script, data, measure):
    rows, measures = data
    for by in BY:
        own = script.figures(rows, measures.loc[measure], by)
        assert check(told(user, measure=measure, by=by), own)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_and_more_treatment(user, script, data, rule):
    rows, measures = data
    for measure in MEASURES[:3]:
        for added in ("", "without", "failed"):
            own = script.figures(rows, measures.loc[measure], "treatment", rule, added)
            shown = told(user, measure=measure, rule=rule, added=added)
            assert check(shown, own)


@pytest.mark.parametrize("by", ["provider", "location"])
def test_who_and_where_are_other_names_of_the_same_groups(user, script, data, by):
    rows, measures = data
    own = script.figures(rows, measures.loc["pain_site"], by)
    shown = told(user, measure="pain_site", by=by)
    assert not {group["key"] for group in shown if group["key"]} & set(own)

    def sizes(points):
        return sorted(points)

    told_sizes = [
        [(p["day"], p["n"], p["change"]["n"]) for p in group["timepoints"]]
        for group in shown
    ]
    own_sizes = [
        [
            (day, point["n"], point["change"]["n"])
            for day, point in days.items()
            if point["n"] or point["eligible"]
        ]
        for days in own.values()
    ]
    assert sizes(own_sizes) == sizes(told_sizes)


def test_a_choice_of_the_address_narrows_the_file(user, script):
    boss = factories.make_user(user.membership.clinic, Role.ADMIN)
    run = taking.export(boss, measure="pain_site", sex="female", baseline_from="4")
    rows, measures = script.read(files.path_of(run))
    own = script.figures(rows, measures.loc["pain_site"], "age")
    shown = told(user, measure="pain_site", by="age", sex="female", baseline_from="4")
    assert check(shown, own)
    assert set(rows["sex"]) == {"female"}


def test_all_facts_are_in_it_and_it_says_all_there_is(user, run):
    facts = OutcomeFact.objects.filter(clinic=user.membership.clinic)
    assert run.rows == facts.count() > 300
    assert len(taking.table_of(run)) == run.rows


def test_it_runs_as_a_program(run):
    command = [sys.executable, str(SCRIPT), str(files.path_of(run)), "--by", "sex"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["pain_site"]["female"]["0"]["n"] > 0


@pytest.mark.parametrize("cut", [5, 6.5])
def test_who_began_badly_and_how_far_they_would_fall_anyway(user, script, data, cut):
    rows, measures = data
    measure = measures.loc["pain_site"]
    asked = {"measure": "pain_site", "baseline_from": str(cut)}
    assert check(told(user, **asked), script.figures(rows, measure, baseline_from=cut))
    found = population.read(user, asked)
    assert found.expected.improvement
    same(script.expected_fall(rows, measure, cut), found.expected.improvement)


@pytest.mark.parametrize("day", [90, 182])
@pytest.mark.parametrize("rule", ["pct30", "points2"])
def test_the_limits_of_the_funnel(user, script, data, monkeypatch, day, rule):
    # The demo of the tests has few patients.
    for module in (script, funnel):
        monkeypatch.setattr(module, "SMALLEST", 3)
    rows, measures = data
    own = script.funnel(rows, measures.loc["pain_site"], day, rule)
    asked = {"measure": "pain_site", "rule": rule, "day": str(day)}
    found = funnel.read(user, population.read(user, asked))
    same(own["centre"], found.centre)
    shown = sorted(
        (one.responders.answered, one.responders.improved)
        + (one.warning.low_rate, one.warning.high_rate)
        + (one.alarm.low_rate, one.alarm.high_rate)
        for one in found.providers
    )
    assert shown
    recomputed = sorted(
        (one["answered"], one["improved"], *one["inner"], *one["outer"])
        for one in own["providers"].values()
    )
    for one, other in zip(recomputed, shown, strict=True):
        same(one, other)
