"""Recomputes the figures of the outcomes page from an exported file.

    pip install pandas scipy
    python recompute_outcomes.py outcomes.zip --measure pain_site --by treatment
    python recompute_outcomes.py outcomes.zip --measure pain_site --funnel 365

Prints for each group and canonical day what the page and `outcomes/cohort/` say: means
with t intervals, changes, rates by a rule with Wilson intervals and with the missing
counted as failed or as improved, who got worse, and how the changes spread; with
--baseline-from of those who began at so much or more, and how far their scores are
expected to fall though nothing works. --funnel prints the providers of a day between
the limits of chance. Providers and locations are pseudonyms in the file; years are
shifted, and adverse events are not in it: those cannot be recomputed.
"""

import argparse
import json
import zipfile
from pathlib import Path
from statistics import NormalDist

import pandas as pd
from scipy import stats

LEVEL = 0.95
RULES = ("pct30", "pct50", "points2", "mic", "both")
# Rules in percent of the baseline mean nothing where that is 0.
IN_PERCENT = ("pct30", "pct50", "both")
FLAGS = (
    *("baseline_is_recalled", "is_eligible", "in_window", "added_treatment"),
    *(*RULES, "worse"),
)
OF_MEASURES = (
    *("minimum", "maximum", "mic_points", "mic_percent", "mdc_points", "step"),
)
NUMBERS = ("bin_day", "day", "baseline", "value", "change")
GROUPINGS = {"age": "age_band"}
# Of the funnel: its two pairs of limits, and how few are no point in it.
LIMITS = {"inner": 0.95, "outer": 0.998}
SMALLEST = 20


def read(archive: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that the page counts, and the measures by key."""
    with zipfile.ZipFile(archive) as files:
        rows = _table(files, "outcomes.csv")
        measures = _table(files, "measures.csv").set_index("measure")
    for name in NUMBERS:
        rows[name] = pd.to_numeric(rows[name])
    for name in FLAGS:
        rows[name] = rows[name].map({"1": True, "0": False}).astype("boolean")
    for name in OF_MEASURES:
        measures[name] = pd.to_numeric(measures[name])
    return rows[rows["bin_day"].notna()], measures


def _table(files: zipfile.ZipFile, name: str) -> pd.DataFrame:
    with files.open(name) as file:
        # As text: "90+" is an age, and "NA" could be a code.
        return pd.read_csv(file, dtype=str, keep_default_na=False).replace("", None)


def figures(
    rows: pd.DataFrame,
    measure: pd.Series,
    by: str = "treatment",
    rule: str = "pct30",
    added: str = "",
    baseline_from: float | None = None,
) -> dict:
    """By group and then by day. `measure` is a row of measures.csv.

    `added` is what becomes of who had more treatment before the answer: "without"
    leaves them out, "failed" counts them as not improved.
    """
    own = chosen(rows, measure, added, baseline_from)
    key = GROUPINGS.get(by, by)
    groups = [("", own)] if by == "all" else own.groupby(own[key].fillna(""))
    return {
        group: {
            int(day): point(at_day, measure, rule, added)
            for day, at_day in mine.groupby("bin_day")
        }
        for group, mine in groups
    }


def chosen(
    rows: pd.DataFrame, measure: pd.Series, added: str, baseline_from: float | None
) -> pd.DataFrame:
    own = rows[rows["measure"] == measure.name]
    if added == "without":
        own = own[~own["added_treatment"]]
    return own if baseline_from is None else own[own["baseline"] >= baseline_from]


def point(rows: pd.DataFrame, measure: pd.Series, rule: str, added: str = "") -> dict:
    """All that is told of one group at one day."""
    due = rows[rows["is_eligible"]]
    changed = rows[rows["change"].notna()]
    is_compared = measure["is_asked_at_baseline"] == "1"
    return {
        **summary(rows["value"]),
        "eligible": len(due),
        "change": summary(rows["change"]),
        "responders": responders(rows, measure, rule, added) if is_compared else None,
        "worsened": worsened(changed),
        "steps": steps(changed, measure),
        "added": int((rows["added_treatment"] & rows["value"].notna()).sum()),
        "died": int((rows["apart"] == "died").sum()),
        "withdrew": int((rows["apart"] == "withdrew").sum()),
        "baseline": summary(due["baseline"]),
        "answered_baseline": summary(due[due["change"].notna()]["baseline"]),
        "missing_baseline": summary(due[due["change"].isna()]["baseline"]),
    }


def summary(values: pd.Series) -> dict:
    """Mean, standard deviation and the t interval of the mean."""
    values = values.dropna().astype(float)
    n, sd, ci = len(values), None, None
    mean = float(values.mean()) if n else None
    if n > 1:
        sd = float(values.std())
        half = stats.t.ppf(0.5 + LEVEL / 2, n - 1) * sd / n**0.5
        ci = (mean - half, mean + half)
    return {"n": n, "mean": mean, "sd": sd, "ci": ci}


def responders(
    rows: pd.DataFrame, measure: pd.Series, rule: str, added: str = ""
) -> dict | None:
    """The rate of those who answered, and where the missing could move it to."""
    has_own = pd.notna(measure["mic_points"]) or pd.notna(measure["mic_percent"])
    in_percent = rule in IN_PERCENT or (
        rule == "mic" and pd.isna(measure["mic_points"])
    )
    if not rows["is_eligible"].any() or (rule == "mic" and not has_own):
        return None
    if in_percent:
        rows = rows[rows["baseline"] > 0]
    improved = rows[rule].fillna(False)
    if added == "failed":
        improved &= ~rows["added_treatment"]
    improved = int(improved.sum())
    eligible, answered = int(rows["is_eligible"].sum()), int(rows["change"].count())
    missing = eligible - answered
    return {
        "improved": improved,
        "answered": answered,
        "eligible": eligible,
        "rate": improved / answered if answered else None,
        "ci": wilson(improved, answered),
        "if_missing_failed": improved / eligible if eligible else None,
        "if_missing_succeeded": (improved + missing) / eligible if eligible else None,
    }


def worsened(changed: pd.DataFrame) -> dict:
    worse, n = int(changed["worse"].fillna(False).sum()), len(changed)
    rate = worse / n if n else None
    return {"worsened": worse, "answered": n, "rate": rate, "ci": wilson(worse, n)}


def wilson(successes: int, n: int) -> tuple[float, float] | None:
    """The score interval of a proportion."""
    if not n:
        return None
    z, rate = NormalDist().inv_cdf(0.5 + LEVEL / 2), successes / n
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (rate * (1 - rate) / n + (z / (2 * n)) ** 2) ** 0.5 / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def steps(changed: pd.DataFrame, measure: pd.Series) -> dict[int, int]:
    """How many improved by how many steps of the measure; below 0 got worse."""
    better = changed["change"] * (-1 if measure["better_is"] == "lower" else 1)
    # Towards 0: a step begun is not a step done.
    counts = (better / measure["step"]).round(9).astype(int).value_counts().sort_index()
    return {int(step): int(n) for step, n in counts.items()}


def funnel(
    rows: pd.DataFrame,
    measure: pd.Series,
    day: int,
    rule: str = "pct30",
    added: str = "",
) -> dict:
    """Of one day the rate of all, and each provider's between the limits of chance:
    binomial quantiles about the rate of all.
    """
    own = chosen(rows, measure, added, None)
    own = own[own["bin_day"] == day]
    whole = responders(own, measure, rule, added)
    told = {}
    for name, mine in own.groupby(own["provider"].fillna("")):
        found = responders(mine, measure, rule, added)
        if name and found and found["answered"] >= SMALLEST:
            n = found["answered"]
            told[name] = {**found, **_limits(whole["rate"], n)}
    return {"centre": whole["rate"] if whole else None, "providers": told}


def _limits(centre: float, n: int) -> dict[str, tuple[float, float]]:
    """Shares of n people, from low to high."""
    return {
        name: tuple(
            float(stats.binom.ppf(end, n, centre)) / n
            for end in ((1 - level) / 2, (1 + level) / 2)
        )
        for name, level in LIMITS.items()
    }


def expected_fall(rows: pd.DataFrame, measure: pd.Series, cut: float) -> float | None:
    """By how much those who began at the cut or worse come back though nothing works.

    The baselines of all are taken as normal; two measurements of one person agree as
    far as the published detectable change leaves it: r = 1 - SEM^2 / SD^2.
    """
    start = rows[(rows["measure"] == measure.name) & (rows["bin_day"] == 0)]
    values = start["value"].dropna().astype(float)
    if len(values) < 2 or pd.isna(measure["mdc_points"]) or not values.std():
        return None
    mean, sd = float(values.mean()), float(values.std())
    # The 1.96 that such changes are published with.
    error = measure["mdc_points"] / (1.96 * 2**0.5)
    r = 1 - (error / sd) ** 2
    if r < 0:
        return None
    away = (cut - mean) / sd * (1 if measure["better_is"] == "lower" else -1)
    return (1 - r) * sd * stats.norm.pdf(away) / stats.norm.sf(away)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("archive", type=Path)
    options.add_argument("--measure", help="its key; each measure else")
    options.add_argument("--by", default="treatment", help="a column, or all")
    options.add_argument("--rule", default="pct30", choices=RULES)
    options.add_argument("--added", default="", choices=("", "without", "failed"))
    options.add_argument("--baseline-from", type=float, help="began at least at")
    options.add_argument("--funnel", type=int, metavar="DAY", help="providers, instead")
    asked = options.parse_args()
    rows, measures = read(asked.archive)
    keys = [asked.measure] if asked.measure else list(measures.index)
    told = {key: tell(rows, measures.loc[key], asked) for key in keys}
    print(json.dumps(told, indent=2, default=str))


def tell(rows: pd.DataFrame, measure: pd.Series, asked: argparse.Namespace) -> dict:
    if asked.funnel is not None:
        return funnel(rows, measure, asked.funnel, asked.rule, asked.added)
    cut = asked.baseline_from
    told = figures(rows, measure, asked.by, asked.rule, asked.added, cut)
    if cut is None:
        return told
    return {"expected_fall": expected_fall(rows, measure, cut), "groups": told}


if __name__ == "__main__":
    main()
