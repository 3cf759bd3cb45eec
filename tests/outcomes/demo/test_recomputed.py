"""The figures of the demo clinic, reckoned again by other people's libraries.

From scores and follow-ups up, with pandas, scipy and statsmodels, to six digits; the
rules are written out here a second time.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from clinic.models import Clinic, User
from outcomes.dashboards.figures import as_json, funnel, missing, population
from outcomes.models import Episode, FollowUp, Measure, Score

pytestmark = pytest.mark.usefixtures("demo")
DAYS = [14, 42, 90, 182, *(365 * year for year in range(1, 21))]
RULES = ("pct30", "pct50", "points2", "mic", "both")
MEASURES = ("pain_site", "activity_limits")


@pytest.fixture
def provider() -> User:
    user = User.objects.get(email="provider@lakeview.example")
    return user.enter(Clinic.objects.get(slug="lakeview"))


def frame(rows: Any, *names: str) -> pd.DataFrame:
    return pd.DataFrame(list(rows.values_list(*names)), columns=list(names))


def raw(measure: Measure) -> pd.DataFrame:
    """A row for each time point of each course that the dashboards count."""
    episodes = Episode.objects.filter(clinic=measure.clinic_id)
    courses = frame(
        episodes,
        *("id", "complaint", "plan", "plan__treatment_key", "plan__provider"),
        *("anchor_on", "series_began_on"),
    ).rename(columns={"id": "episode"})
    scores = frame(
        Score.objects.filter(measure=measure).order_by("measured_on", "measured_at"),
        *("complaint", "measured_on", "value", "response__follow_up"),
    )
    points = frame(
        FollowUp.objects.filter(episode__in=episodes)
        .exclude(state__in=["cancelled", "superseded"])
        .exclude(who="clinician"),
        *("id", "episode", "offset_days", "is_baseline", "state", "answered_at"),
    ).rename(columns={"id": "follow_up"})
    # A plan with one course owns all of its answers; repeats have tests of their own.
    courses = courses[~courses["plan"].duplicated(keep=False)]
    courses = courses.assign(baseline=courses.apply(first_of(scores), axis=1))
    asked = courses[courses["complaint"].isin(scores["complaint"])]
    table = points.merge(asked, on="episode")
    own = scores.dropna(subset=["response__follow_up"])
    table = table.merge(
        own[["response__follow_up", "value"]],
        left_on="follow_up",
        right_on="response__follow_up",
        how="left",
    )
    table["value"] = table["value"].astype(float)
    return nearest(table[~table["is_baseline"]])


def first_of(scores: pd.DataFrame) -> Any:
    def baseline(course: pd.Series) -> float:
        begin = course["series_began_on"] or course["anchor_on"]
        own = scores[scores["complaint"] == course["complaint"]]
        days = own["measured_on"].map(lambda day: (begin - day).days)
        near = own[(days >= 0) & (days <= 30)]
        return float(near["value"].iloc[-1]) if len(near) else np.nan

    return baseline


def nearest(table: pd.DataFrame) -> pd.DataFrame:
    """Of each course the time point that lies nearest to each canonical day."""
    days = table["offset_days"].map(
        lambda day: min(DAYS, key=lambda one: (abs(one - day), -one))
    )
    table = table.assign(day=days, away=(table["offset_days"] - days).abs())
    return table.sort_values("away", kind="stable").drop_duplicates(["episode", "day"])


def improved(table: pd.DataFrame, rule: str, measure: Measure) -> pd.Series:
    fall = table["baseline"] - table["value"]
    if measure.direction == "higher":
        fall = -fall
    own_percent = 0 if measure.mic_points else float(measure.mic_percent or 0) / 100
    percents = {"pct30": 0.3, "pct50": 0.5, "both": 0.3, "mic": own_percent}
    by_percent = percents.get(rule, 0)
    points = {"points2": 2, "both": 2, "mic": float(measure.mic_points or 0)}
    return (fall >= by_percent * table["baseline"] - 1e-9) & (
        fall >= points.get(rule, 0)
    )


def close(found: Any, expected: Any) -> bool:
    return found == pytest.approx(expected, rel=1e-6, abs=1e-6)


def cells(answer: dict[str, Any]) -> Any:
    for group in answer["groups"]:
        for point in group["timepoints"]:
            if point["day"]:
                yield group["key"], point


@pytest.mark.parametrize("key", MEASURES)
def test_means_intervals_and_changes(provider: User, key: str) -> None:
    measure = Measure.objects.get(clinic__slug="lakeview", key=key)
    table = raw(measure)
    repeated = repeats(measure)
    answer = as_json.of(population.read(provider, {"measure": key}, every_day=True))
    compared = 0
    for treatment, point in cells(answer):
        if treatment in repeated:
            continue
        own = table[
            (table["plan__treatment_key"] == treatment) & (table["day"] == point["day"])
        ]
        changes = (own["value"] - own["baseline"]).dropna()
        assert point["change"]["n"] == len(changes)
        if len(changes) > 1:
            described = DescrStatsW(changes)
            assert close(point["change"]["mean"], changes.mean())
            assert close(point["change"]["sd"], changes.std(ddof=1))
            assert close(point["change"]["ci"], described.tconfint_mean(0.05))
            compared += 1
    assert compared >= 5


def repeats(measure: Measure) -> set[str]:
    """Treatments of which some plan has more than one course."""
    found = frame(
        Episode.objects.filter(clinic=measure.clinic_id), "plan", "plan__treatment_key"
    )
    again = found[found["plan"].duplicated(keep=False)]
    return set(again["plan__treatment_key"])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("key", MEASURES)
def test_rates_with_their_intervals_and_bounds(
    provider: User, key: str, rule: str
) -> None:
    measure = Measure.objects.get(clinic__slug="lakeview", key=key)
    table = raw(measure)
    skipped = repeats(measure)
    asked = {"measure": key, "rule": rule}
    compared = 0
    for treatment, point in cells(
        as_json.of(population.read(provider, asked, every_day=True))
    ):
        found = point["responders"]
        if treatment in skipped or found is None:
            continue
        own = table[
            (table["plan__treatment_key"] == treatment) & (table["day"] == point["day"])
        ].dropna(subset=["baseline"])
        if rule in ("pct30", "pct50", "both") or (
            rule == "mic" and not measure.mic_points
        ):
            own = own[own["baseline"] > 0]
        answered = own.dropna(subset=["value"])
        missed = own[
            own["value"].isna()
            & (own["state"] == "expired")
            & own["answered_at"].isna()
        ]
        n, due = len(answered), len(answered) + len(missed)
        better = int(improved(answered, rule, measure).sum())
        assert (found["improved"], found["answered"], found["eligible"]) == (
            better,
            n,
            due,
        )
        if n:
            assert close(found["rate"], better / n)
            assert close(found["ci"], proportion_confint(better, n, method="wilson"))
            assert close(found["if_missing_failed"], better / due)
            assert close(found["if_missing_succeeded"], (better + due - n) / due)
            compared += 1
    assert compared >= 5


def test_the_limits_of_the_funnel(provider: User) -> None:
    found = funnel.read(provider, population.read(provider, {"measure": "pain_site"}))
    for one in found.providers:
        n = one.responders.answered
        for limits, level in ((one.warning, 0.95), (one.alarm, 0.998)):
            low, high = stats.binom.ppf(
                [(1 - level) / 2, (1 + level) / 2], n, found.centre
            )
            assert (limits.low, limits.high) == (low, high)
    assert found.centre is not None


def test_how_the_missing_differ(provider: User) -> None:
    measure = Measure.objects.get(clinic__slug="lakeview", key="pain_site")
    table = raw(measure)
    table = table[~table["plan__treatment_key"].isin(repeats(measure))]
    table = table.dropna(subset=["baseline"])
    has_missed = (table["state"] == "expired") & table["answered_at"].isna()
    missing_rows = table[has_missed & table["value"].isna()]
    place = missing_rows.groupby(["plan__treatment_key", "day"]).size().idxmax()
    treatment, day = place
    at_day = table[(table["plan__treatment_key"] == treatment) & (table["day"] == day)]
    answered = at_day[at_day["value"].notna()]
    missed = missing_rows[missing_rows.index.isin(at_day.index)]
    found = missing.read(
        provider, {"measure": "pain_site", "day": str(day), "treatment": treatment}
    )
    result = found.at_day
    assert result
    assert (result.answered, result.missing) == (len(answered), len(missed))
    assert len(missed) > 1
    means = CompareMeans(
        DescrStatsW(missed["baseline"]), DescrStatsW(answered["baseline"])
    )
    assert close(result.missing_baseline.mean, missed["baseline"].mean())
    assert close(found.baseline.ci, means.tconfint_diff(0.05, usevar="unequal"))
