"""Every figure of the demo clinic beside pandas and statsmodels, to six digits."""

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from clinic.models import User
from outcomes.dashboards import time_axis
from outcomes.dashboards.figures import as_json, population
from outcomes.models import EpisodeProfile, ImportantChange, Measure, OutcomeFact

pytestmark = pytest.mark.usefixtures("demo")
SIX = {"rel": 1e-7, "abs": 1e-7}
BASELINE = time_axis.key(time_axis.BASELINE)


@pytest.fixture
def user():
    found = User.objects.get(email="provider@lakeview.example")
    return found.enter(found.memberships.get().clinic)


@pytest.fixture
def frame(user):
    """One row a fact, with what its course is grouped by; answered if a value."""
    clinic = user.membership.clinic_id
    facts = pd.DataFrame(OutcomeFact.objects.filter(clinic=clinic).values())
    profiles = pd.DataFrame(EpisodeProfile.objects.filter(clinic=clinic).values())
    found = facts.merge(profiles, on="episode_id", suffixes=("", "_of_profile"))
    measures = pd.DataFrame(
        Measure.objects.filter(clinic=clinic).values("id", "key", "better_is")
    )
    found = found.merge(
        measures, left_on="measure_id", right_on="id", suffixes=("", "_m")
    )
    assert len(found) == len(facts) > 300
    return found[found["bin_day"].notna()]


def figures(user, measure, by, rule):
    asked = {"measure": measure, "by": by, "rule": rule}
    return as_json.of(population.read(user, asked, every_day=True))


def cells(answer):
    for group in answer["groups"]:
        for point in group["timepoints"]:
            yield group["key"], point


def rows_at(frame, measure, by, key, day):
    return frame[
        (frame["key"] == measure) & (frame[by] == key) & (frame["bin_day"] == day)
    ]


def check_summary(found, values):
    assert found["n"] == len(values)
    if len(values):
        assert found["mean"] == pytest.approx(values.mean(), **SIX)
    if len(values) > 1:
        assert found["sd"] == pytest.approx(values.std(), **SIX)
        expected = DescrStatsW(values).tconfint_mean(0.05)
        assert found["ci"] == pytest.approx(expected, **SIX)


BY = ["treatment", "provider", "sex"]
MEASURES = ["pain_site", "pain_back", "activity_limits"]


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("measure", [*MEASURES, "global_change", "sane"])
def test_means_and_changes_with_their_t_intervals(user, frame, by, measure):
    seen = 0
    for key, point in cells(figures(user, measure, by, "pct30")):
        rows = rows_at(frame, measure, by, key, point["day"])
        check_summary(point, rows["value"].dropna())
        check_summary(point["change"], rows["change"].dropna())
        assert point["eligible"] == rows["is_eligible"].sum()
        seen += 1
    assert seen


def improvement(rows):
    """By hand of baseline and value: the column of change is not asked."""
    fall = rows["baseline"] - rows["value"]
    return fall.where(rows["better_is"] == "lower", -fall)


def needed(rule, baseline, measure):
    """Points that the rule asks for; NaN where a percentage has no meaning."""
    third, half = 0.3 * baseline, 0.5 * baseline
    points = pd.Series(2.0, index=baseline.index)
    if rule == "mic":
        if measure.mic_points is not None:
            return points * float(measure.mic_points) / 2
        return (float(measure.mic_percent) / 100 * baseline).where(baseline > 0)
    both = pd.concat([third, points], axis=1).max(axis=1)
    wanted = {"pct30": third, "pct50": half, "points2": points, "both": both}[rule]
    return wanted if rule == "points2" else wanted.where(baseline > 0)


@pytest.mark.parametrize("rule", ["pct30", "pct50", "points2", "mic", "both"])
@pytest.mark.parametrize("measure_key", MEASURES)
def test_rates_with_wilson_and_bounds(user, frame, measure_key, rule):
    measure = Measure.objects.get(clinic=user.membership.clinic, key=measure_key)
    seen = 0
    for key, point in cells(figures(user, measure_key, "treatment", rule)):
        found = point["responders"]
        if point["timepoint"] == BASELINE or found is None:
            continue
        rows = rows_at(frame, measure_key, "treatment", key, point["day"])
        rows = rows[rows["is_eligible"]]
        wanted = needed(rule, rows["baseline"], measure)
        rows, wanted = rows[wanted.notna()], wanted.dropna()
        better = improvement(rows)
        is_better = better[better.notna()] >= wanted[better.notna()] - 1e-9
        assert found["improved"] == is_better.sum()
        assert found["answered"] == len(is_better)
        assert found["eligible"] == len(rows)
        if len(is_better):
            assert found["rate"] == pytest.approx(is_better.mean(), **SIX)
            expected = proportion_confint(
                is_better.sum(), len(is_better), method="wilson"
            )
            assert found["ci"] == pytest.approx(expected, **SIX)
        filled = is_better.reindex(rows.index)
        if len(rows):
            failed = (filled == True).mean()  # noqa: E712
            succeeded = (filled != False).mean()  # noqa: E712
            assert found["if_missing_failed"] == pytest.approx(failed, **SIX)
            assert found["if_missing_succeeded"] == pytest.approx(succeeded, **SIX)
        seen += 1
    assert seen


def place_of(step, width):
    """The end nearer to no change, in widths; 0 for the step around it."""
    if step["low"] < 0 < step["high"]:
        return 0
    return round(min(step["low"], step["high"], key=abs) / width)


@pytest.mark.parametrize("measure_key", MEASURES)
def test_who_got_worse_and_how_the_changes_spread(user, frame, measure_key):
    measure = Measure.objects.get(clinic=user.membership.clinic, key=measure_key)
    width = float(measure.maximum - measure.minimum) / 10
    seen = 0
    for key, point in cells(figures(user, measure_key, "treatment", "mic")):
        if point["timepoint"] == BASELINE or not point["worsened"]:
            continue
        rows = rows_at(frame, measure_key, "treatment", key, point["day"])
        rows = rows[rows["change"].notna()]
        better = improvement(rows)
        wanted = needed("mic", rows["baseline"], measure)
        worse = (-better >= wanted - 1e-9).sum()
        assert point["worsened"]["worsened"] == worse
        if len(rows):
            expected = proportion_confint(
                worse, point["worsened"]["answered"], method="wilson"
            )
            assert point["worsened"]["ci"] == pytest.approx(expected, **SIX)
        steps = (better / width).round(9).apply(int).value_counts()
        told = {place_of(s, width): s["n"] for s in point["steps"] if s["n"]}
        assert told == steps.to_dict()
        seen += 1
    assert seen


def test_own_change_from_the_facts_alone(user, frame):
    clinic = user.membership.clinic
    said = frame[(frame["key"] == "global_change") & frame["value"].notna()]
    counted = ImportantChange.objects.filter(clinic=clinic, n__gt=0)
    assert counted.count() >= 3
    for kept in counted:
        own = frame[frame["measure_id"] == kept.measure_id]
        own = own[own["change"].notna() & ~own["baseline_is_recalled"]]
        both = own.merge(
            said[["episode_id", "timepoint_key", "value"]],
            on=["episode_id", "timepoint_key"],
            suffixes=("", "_said"),
        )
        first = both.sort_values("bin_day").groupby("episode_id").first()
        assert kept.better_n == (first["value_said"] == 3).sum()
        assert kept.same_n == (first["value_said"] == 4).sum()
        assert kept.n == len(first)
        better = improvement(first)
        if kept.better_n:
            mean = better[first["value_said"] == 3].mean()
            assert kept.better_mean == pytest.approx(mean, **SIX)
        if kept.n > 2:
            rho = (-first["value_said"]).corr(better, method="spearman")
            assert kept.correlation == pytest.approx(rho, **SIX)
