"""The checklist's items and bands as data, and what a faulty row is told."""

import pytest

from clinic.reference_data import ReferenceDataError
from patients.catalogue import origin_rules
from tests.patients.catalogue import faults

RULES = origin_rules.rules()
L21 = faults.shipped(origin_rules.DATA / "origin_rules.csv", "L21")
BAND = faults.shipped(origin_rules.DATA / "origin_bands.csv", "3_mixed")
CITED = {"TAWA2017", "LEE2008", "MURPHY2009"}


def test_there_are_35_scored_items_one_record_and_one_gate():
    unscored = {key for key, rule in RULES.items() if rule.points == 0}
    assert len(RULES) == 37
    assert unscored == {"L06", "C01"}


def test_an_item_carries_its_figure_its_people_and_its_limit():
    rule = RULES["L30"]
    assert rule.published_figures == "LR 7.4 (1.9-30)"
    assert rule.population == "741 older adults, 4 studies"
    assert (rule.limits, rule.grade, rule.sources) == (
        "wide interval",
        "A",
        ("SURI2010",),
    )


def test_each_item_tells_its_people_without_the_row_above():
    assert not [rule.key for rule in RULES.values() if "as above" in rule.population]


def test_six_groups_point_to_the_low_back():
    assert origin_rules.lumbar_groups() == (
        "history_core",
        "history_weak",
        "neural_tension",
        "root_deficit",
        "stenosis",
        "spine_link",
    )


@pytest.mark.parametrize("key", origin_rules.BANDS)
def test_no_band_names_a_chance_or_calls_a_cause_excluded(key):
    text = origin_rules.bands()[key].text.lower()
    for word in ("%", "probab", "likely", "excluded", "ruled out", "chance"):
        assert word not in text


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"group": "toes"}, "group: 'toes' is not one of history_core"),
        ({"points_to": "back"}, "points_to: 'back' is not one of lumbar"),
        ({"input_kind": "guess"}, "input_kind: 'guess' is not one of history"),
        ({"points": "1.5"}, "points: must be a whole number, not '1.5'"),
        ({"group_cap": ""}, "group_cap: is missing"),
        ({"grade": "E"}, "grade: 'E' is not one of A, B, C, D"),
        ({"finding": ""}, "finding: is missing"),
        ({"status": "known"}, "status: must begin with one of verified"),
        ({"sources": "NOBODY1999"}, "sources: 'NOBODY1999' is not a key of"),
        ({"sources": ""}, "sources: what is verified must name the source"),
    ],
)
def test_a_faulty_item_is_named(tmp_path, cells, message):
    path = faults.write(tmp_path / "rules.csv", origin_rules.COLUMNS, L21 | cells)
    with pytest.raises(ReferenceDataError, match=f"rules.csv, line 2, {message}"):
        origin_rules.read(path, CITED)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({}, "line 3, key: L21 stands twice"),
        (
            {"key": "L22", "group_cap": "3"},
            "line 3, group_cap: the cap of root_deficit",
        ),
    ],
)
def test_an_item_that_quarrels_with_another_is_named(tmp_path, cells, message):
    columns = origin_rules.COLUMNS
    path = faults.write(tmp_path / "rules.csv", columns, L21, L21 | cells)
    with pytest.raises(ReferenceDataError, match=message):
        origin_rules.read(path, CITED)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([BAND | {"key": "7_sure"}], "line 2, key: '7_sure' is not one of 0_gate"),
        ([BAND, BAND], "line 3, key: 3_mixed stands twice"),
        (
            [BAND | {"text": "Fits {group}."}],
            "line 2, text: only {missing} and {groups}",
        ),
        ([BAND | {"text": "Fits {."}], "line 2, text: only {missing} and {groups}"),
        ([BAND], "the band 0_gate has no row"),
    ],
)
def test_a_faulty_band_is_named(tmp_path, rows, message):
    columns = origin_rules.BAND_COLUMNS
    path = faults.write(tmp_path / "bands.csv", columns, *rows)
    with pytest.raises(ReferenceDataError, match=message):
        origin_rules.read_bands(path)
