"""The checklist's points, caps and bands, against the published vectors."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.catalogue import origin_rules
from patients.triage import origin

CASES = list(csv.DictReader((Path(__file__).parent / "origin_cases.csv").open()))
ITEMS = sorted(origin_rules.rules())
CORE = sorted(origin.CORE)
ANY_ITEMS = st.sets(st.sampled_from(ITEMS))
ANY_CORE = st.sets(st.sampled_from(CORE))
LUMBAR = [key for key, r in origin_rules.rules().items() if r.points_to == "lumbar"]


def core_of(present, count):
    """So many core inputs, those of the items that are met among them."""
    needed = {key for key in CORE if key in present}
    needed |= {"weakness_pattern"} & (
        {"weakness_pattern"} if present & {"L22", "N03"} else set()
    )
    rest = [key for key in CORE if key not in needed]
    return needed | set(rest[: count - len(needed)])


def scored(case):
    present = set(case["items_present"].split(";"))
    recorded = core_of(present, int(case["core_inputs_recorded"]))
    # RF06 is an E1; in case O the flag was acknowledged, and C01 keeps it shut.
    is_gated = case["open_flags"] == "RF06"
    return origin.score(present, recorded, is_gated=is_gated)


def points(text):
    return {key: int(n) for key, n in (p.split("=") for p in text.split(";") if p)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_each_published_case_gives_its_sums_and_band(case):
    result = scored(case)
    assert result.band == case["expected_band"]
    assert result.lumbar == int(case["lumbar_sum"])
    found = {g.key: g.points for g in result.lumbar_groups if g.items}
    assert {k: v for k, v in found.items() if v} == points(case["lumbar_groups"])
    other = {g.key: g.points for g in result.other_groups if g.points}
    assert other == points(case["other_groups"])


def test_there_are_fifteen_cases():
    assert [case["case"] for case in CASES] == list("ABCDEFGHIJKLMNO")


@given(ANY_ITEMS, ANY_CORE, st.booleans())
def test_any_set_of_items_has_a_band_and_its_text(present, recorded, is_gated):
    result = origin.score(present, recorded, is_gated=is_gated)
    assert result.band in origin_rules.bands()
    assert "{" not in result.text and "%" not in result.text
    if is_gated or "C01" in present:
        assert result.band == "0_gate"


@given(ANY_ITEMS, st.sampled_from(LUMBAR))
def test_a_lumbar_item_never_lowers_the_sum_but_by_its_own_minus(present, item):
    before = origin.score(present, CORE, is_gated=False).lumbar
    after = origin.score(present | {item}, CORE, is_gated=False).lumbar
    assert after >= before or origin_rules.rules()[item].points < 0


@given(ANY_ITEMS)
def test_no_group_exceeds_its_cap(present):
    for group in origin.score(present, CORE, is_gated=False).groups:
        assert group.points <= group.cap


def test_a_group_says_where_its_cap_cuts():
    result = origin.score({"L10", "L11", "L12", "L20"}, CORE, is_gated=False)
    groups = {g.key: (g.given, g.points, g.is_cut) for g in result.groups if g.items}
    assert groups == {"neural_tension": (5, 3, True), "root_deficit": (2, 2, False)}


def test_what_is_missing_is_said_once():
    few = origin.score({"L01"}, {"L01"}, is_gated=False)
    assert "slump test" in few.text and few.unsaid == ()
    most = origin.score({"L01"}, set(CORE) - {"L11"}, is_gated=False)
    assert "slump test" not in most.text and most.unsaid == ("slump test",)


def test_what_exactly_is_left_to_answer_is_named():
    left = {"L11": "the slump of the left side"}
    result = origin.score(set(), set(CORE) - {"L11"}, is_gated=False, to_answer=left)
    assert result.missing == ("the slump of the left side",)


def test_what_is_missing_is_named():
    result = origin.score({"L01", "L03"}, {"L01", "L03"}, is_gated=False)
    assert result.band == "1_incomplete"
    assert "slump test" in result.text


def test_age_alone_never_counts():
    result = origin.score({"L33"}, CORE, is_gated=False)
    assert result.lumbar == 0
    assert "only with relief" in result.not_counted["L33"]


def test_no_text_calls_a_cause_excluded():
    for band in origin_rules.bands().values():
        for word in ("excluded", "unlikely", "%", "probability"):
            assert word not in band.text
