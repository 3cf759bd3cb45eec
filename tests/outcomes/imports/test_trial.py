"""The real trial: what its authors published must come out again."""

import os
from pathlib import Path

import pytest

from outcomes.dashboards.figures import as_json, population
from outcomes.models import FollowUp, OutcomeFact, Response, Score
from patients.models import Patient
from tests.outcomes.imports.running import import_file

FOLDER = os.environ.get("MENDLINE_TRIAL_DATA", "")
MAPPING = Path(__file__).parents[3] / "docs" / "examples" / "back_pain_trial.toml"
THERAPY, PLACEBO, USUAL = (
    "pain-reprocessing-therapy",
    "placebo-saline-injection",
    "usual-care",
)

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="MENDLINE_TRIAL_DATA is unset: the trial's folder is not here"
)


@pytest.fixture
def imported(clinic):
    return import_file(clinic, Path(FOLDER) / "back_pain_trial_5y.csv", MAPPING)


def pain(user, treatment, timepoint):
    answer = as_json.of(population.read(user, {"measure": "pain_avg"}, every_day=True))
    [group] = [g for g in answer["groups"] if g["key"] == treatment]
    [found] = [t for t in group["timepoints"] if t["timepoint"] == timepoint]
    return found


def test_the_row_without_a_group_is_named_and_the_rest_goes_in(imported):
    assert imported.code == 1
    assert "Rows: 265 read, 264 taken, 1 refused." in imported.text
    assert "row 115: group is empty" in imported.text
    assert Patient.objects.count() == 151
    assert FollowUp.objects.filter(state="expired").count() == 151 - 113


@pytest.mark.parametrize(
    ("treatment", "timepoint", "n", "mean", "sd"),
    [
        (THERAPY, "baseline", 50, 4.22, 1.21),
        (PLACEBO, "baseline", 51, 4.16, 1.33),
        (USUAL, "baseline", 50, 3.91, 1.24),
        (THERAPY, "m60", 38, 1.87, 2.12),
        (PLACEBO, "m60", 39, 3.10, 1.86),
        (USUAL, "m60", 36, 2.53, 1.84),
    ],
)
def test_the_six_cells_are_the_published(
    imported, admin, treatment, timepoint, n, mean, sd
):
    cell = pain(admin, treatment, timepoint)
    assert (cell["n"], round(cell["mean"], 2), round(cell["sd"], 2)) == (n, mean, sd)


@pytest.mark.parametrize(
    ("treatment", "change", "improved", "answered", "eligible"),
    [
        (THERAPY, -2.447, 28, 38, 50),
        (PLACEBO, -1.064, 16, 39, 51),
        (USUAL, -1.389, 21, 36, 50),
    ],
)
def test_changes_and_rates_are_the_published(
    imported, admin, treatment, change, improved, answered, eligible
):
    cell = pain(admin, treatment, "m60")
    assert round(cell["change"]["mean"], 3) == change
    rate = cell["responders"]
    assert (rate["rule"], rate["improved"], rate["answered"], rate["eligible"]) == (
        "pct30",
        improved,
        answered,
        eligible,
    )
    assert rate["if_missing_failed"] == pytest.approx(improved / eligible)


def test_every_measure_of_the_mapping_came_in(imported):
    keys = Score.objects.values_list("measure__key", flat=True).distinct()
    assert set(keys) == {
        *("pain_avg", "odi", "bpi_intensity", "bpi_interference", "pcs", "tsk11"),
    }
    assert Score.objects.count() == 6 * 264


def test_twice_is_once(imported, clinic):
    counted = (Patient, FollowUp, Response, Score, OutcomeFact)
    before = [model.objects.count() for model in counted]
    again = import_file(clinic, Path(FOLDER) / "back_pain_trial_5y.csv", MAPPING)
    assert [model.objects.count() for model in counted] == before
    assert again.code == 1
    assert "Scores: 0 new, 1,584 known already." in again.text
