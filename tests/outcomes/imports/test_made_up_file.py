"""The made-up file, with cells worked out by hand.

Pain, "PRP, one injection":
    before: 6, 5, 8, 4: n 4, mean 5.75; deviations .25 -.75 2.25 -1.75,
        squares sum to 8.75, / 3 = 2.916667, SD 1.707825
    6 weeks: 3, 4, 4: n 3, mean 3.666667; squares sum to 0.666667, / 2, SD 0.577350
    change (P1 -3, P2 -1, P3 -4): mean -2.666667; squares sum to 4.666667,
        / 2 = 2.333333, SD 1.527525
    improved by 30 %: P1 3/6 and P3 4/8 yes, P2 1/5 no: 2 of 3; P4 is missing: 2 of 4
    if the missing failed, 3 of 4 if they succeeded
Pain, "Stretching at home":
    before 7, 6: mean 6.5, SD 0.707107; 6 weeks 7, 3: mean 5, SD 2.828427
    change 0, -3: mean -1.5, SD 2.121320; improved 1 of 2 (P6 3/6)
Function, where higher is better, "PRP, one injection":
    before 40, 50; 6 weeks 60, 50; change 20, 0: mean 10, SD 14.142136; improved 1 of 2
"""

import pytest

from outcomes.dashboards.figures import as_json, population
from tests.outcomes.imports.running import import_file

PRP, STRETCHING = "prp-one-injection", "stretching-at-home"


@pytest.fixture
def imported(clinic):
    return import_file(clinic)


def cell(user, measure, treatment, timepoint):
    answer = as_json.of(population.read(user, {"measure": measure}, every_day=True))
    [group] = [g for g in answer["groups"] if g["key"] == treatment]
    [found] = [t for t in group["timepoints"] if t["timepoint"] == timepoint]
    return found


def test_all_of_the_file_goes_in(imported):
    assert imported.code == 0
    assert "Rows: 13 read, 13 taken, 0 refused." in imported.text
    assert "Persons: 6 new, 0 known already." in imported.text
    assert "Responses: 13 new. Scores: 18 new, 0 known" in imported.text
    assert "Follow-ups: 18 new." in imported.text


@pytest.mark.parametrize(
    ("measure", "treatment", "timepoint", "n", "mean", "sd"),
    [
        ("study_pain", PRP, "baseline", 4, 5.75, 1.707825),
        ("study_pain", PRP, "w6", 3, 3.666667, 0.57735),
        ("study_pain", STRETCHING, "baseline", 2, 6.5, 0.707107),
        ("study_pain", STRETCHING, "w6", 2, 5, 2.828427),
        ("study_function", PRP, "w6", 2, 55, 7.071068),
    ],
)
def test_cells_equal_the_hand_computed(
    imported, admin, measure, treatment, timepoint, n, mean, sd
):
    found = cell(admin, measure, treatment, timepoint)
    assert found["n"] == n
    assert found["mean"] == pytest.approx(mean, abs=5e-7)
    assert found["sd"] == pytest.approx(sd, abs=5e-7)


@pytest.mark.parametrize(
    ("measure", "treatment", "mean", "sd", "improved", "answered", "eligible"),
    [
        ("study_pain", PRP, -2.666667, 1.527525, 2, 3, 4),
        ("study_pain", STRETCHING, -1.5, 2.12132, 1, 2, 2),
        ("study_function", PRP, 10, 14.142136, 1, 2, 2),
    ],
)
def test_changes_and_rates_equal_the_hand_computed(
    imported, admin, measure, treatment, mean, sd, improved, answered, eligible
):
    found = cell(admin, measure, treatment, "w6")
    assert found["change"]["mean"] == pytest.approx(mean, abs=5e-7)
    assert found["change"]["sd"] == pytest.approx(sd, abs=5e-7)
    responders = found["responders"]
    assert responders["improved"] == improved
    assert (responders["answered"], responders["eligible"]) == (answered, eligible)
    missing = eligible - answered
    assert responders["if_missing_failed"] == pytest.approx(improved / eligible)
    assert responders["if_missing_succeeded"] == pytest.approx(
        (improved + missing) / eligible
    )
