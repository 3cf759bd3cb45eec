"""The trial's file, counted by us and by pandas: what its authors published."""

import csv
import os
from pathlib import Path

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from outcomes.dashboards import statistics
from outcomes.dashboards.statistics import distribution, worsening

FOLDER = os.environ.get("MENDLINE_TRIAL_DATA", "")
GROUPS = ("1", "2", "3")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="MENDLINE_TRIAL_DATA is unset: the trial's folder is not here"
)


@pytest.fixture(scope="module")
def frame():
    """One row a person: pain before and after five years, by pandas alone."""
    rows = pd.read_csv(Path(FOLDER) / "back_pain_trial_5y.csv").dropna(subset=["group"])
    wide = rows.pivot(index=["id", "group"], columns="time", values="pain_avg")
    return wide.rename(columns={-1: "before", 1: "after"}).reset_index()


@pytest.fixture(scope="module")
def pairs():
    """The same by the standard library: (before, after or None) of each group."""
    found = {}
    with (Path(FOLDER) / "back_pain_trial_5y.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            said = row["pain_avg"] if row["pain_avg"] != "NaN" else ""
            key = (row["group"], row["id"])
            found.setdefault(key, {})[row["time"]] = float(said) if said else None
    return {
        group: [
            (times.get("-1"), times.get("1"))
            for (its, _), times in found.items()
            if its == group
        ]
        for group in GROUPS
    }


@pytest.mark.parametrize(
    ("group", "when", "n", "mean", "sd"),
    [
        ("1", 0, 50, 4.22, 1.21),
        ("2", 0, 51, 4.16, 1.33),
        ("3", 0, 50, 3.91, 1.24),
        ("1", 1, 38, 1.87, 2.12),
        ("2", 1, 39, 3.10, 1.86),
        ("3", 1, 36, 2.53, 1.84),
    ],
)
def test_means_are_the_published_and_pandas(pairs, frame, group, when, n, mean, sd):
    values = [pair[when] for pair in pairs[group] if pair[when] is not None]
    found = statistics.summary(values)
    assert (found.n, round(found.mean, 2), round(found.sd, 2)) == (n, mean, sd)
    column = frame[frame["group"] == int(group)][("before", "after")[when]].dropna()
    assert found.mean == pytest.approx(column.mean(), abs=1e-9)
    assert found.sd == pytest.approx(column.std(), abs=1e-9)
    assert found.ci == pytest.approx(DescrStatsW(column).tconfint_mean(), abs=1e-9)


def answered(pairs):
    return [pair for pair in pairs if None not in pair]


@pytest.mark.parametrize(
    ("group", "improved", "n", "change"),
    [("1", 28, 38, -2.447), ("2", 16, 39, -1.064), ("3", 21, 36, -1.389)],
)
def test_rates_are_the_published_and_pandas(pairs, frame, group, improved, n, change):
    both = answered(pairs[group])
    rule = statistics.RULES["pct30"]
    better = [statistics.is_responder(rule, *pair, "lower") for pair in both]
    assert (better.count(True), len(better)) == (improved, n)
    found = statistics.responder_rate(improved, n, len(pairs[group]))
    rows = frame[frame["group"] == int(group)].dropna()
    is_better = (rows["before"] - rows["after"]) >= 0.3 * rows["before"] - 1e-9
    assert found.rate == pytest.approx(is_better.mean(), abs=1e-9)
    assert found.ci == pytest.approx(
        proportion_confint(is_better.sum(), len(rows), method="wilson"), abs=1e-9
    )
    people = len(frame[frame["group"] == int(group)])
    assert found.if_missing_failed == pytest.approx(is_better.sum() / people)
    changes = statistics.summary([after - before for before, after in both])
    assert round(changes.mean, 3) == change
    expected = (rows["after"] - rows["before"]).mean()
    assert changes.mean == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("group", GROUPS)
def test_worsening_and_spread_are_pandas(pairs, frame, group):
    both = answered(pairs[group])
    rows = frame[frame["group"] == int(group)].dropna()
    changes = (rows["after"] - rows["before"]).round(9)
    worse = [worsening.is_worse(*pair, "lower", 10, 2) for pair in both]
    assert worse.count(True) == (changes >= 2).sum()
    found = distribution.quantiles(
        [(round(after - before, 9), 1) for before, after in both], [0.25, 0.5, 0.75]
    )
    assert found == pytest.approx(list(changes.quantile([0.25, 0.5, 0.75])), abs=1e-9)
