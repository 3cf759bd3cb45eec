"""From recorded findings to checklist items: met, not met, or unknown."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.catalogue import findings, origin_rules, places
from patients.catalogue import roots as nerve_roots
from patients.triage import origin, origin_items

BOTH = ("left", "right")
FINDINGS = findings.definitions()


def verdict(rule, recorded, side="left", age=None):
    return origin_items.items_of(recorded, side, age).verdicts[rule].is_met


def grades(side="left", **muscles):
    return {(muscle, side): str(grade) for muscle, grade in muscles.items()}


def test_every_rule_of_the_catalogue_is_derived():
    assert set(origin_items.RULES) == set(origin_rules.rules())


def test_nothing_recorded_leaves_everything_unknown():
    items = origin_items.items_of({}, "left", None)
    assert {found.is_met for found in items.verdicts.values()} == {None}
    assert items.core_recorded == set()


@pytest.mark.parametrize(
    ("site", "back", "met"),
    [("6", "2", True), ("2", "6", False), ("4", "4", False), ("6", "0", False)],
)
def test_leg_pain_is_compared_with_back_pain(site, back, met):
    recorded = {("pain_site_now", "none"): site, ("pain_back_now", "none"): back}
    assert verdict("L02", recorded) is met


def test_one_score_alone_compares_nothing():
    assert verdict("L02", {("pain_site_now", "none"): "6"}) is None


@pytest.mark.parametrize(
    ("here", "there", "met"),
    [("1", "2", True), ("0", "2", True), ("0", "0", False), ("2", "1", False)],
)
def test_a_jerk_counts_where_it_is_reduced_on_the_painful_side_only(here, there, met):
    recorded = {("ankle_jerk", "left"): here, ("ankle_jerk", "right"): there}
    assert verdict("L20", recorded) is met


def test_a_jerk_of_one_side_alone_is_unknown():
    assert verdict("L20", {("ankle_jerk", "left"): "1"}) is None


STRONG = {"hip_abduction": 5, "ankle_inversion": 5}


@pytest.mark.parametrize(
    ("weak", "met"),
    [
        ({"big_toe_extension": 4, "hip_abduction": 4}, True),  # L5
        ({"big_toe_extension": 3, "ankle_eversion": 4}, False),  # one nerve
        ({"knee_flexion": 4, "hip_extension": 4}, True),  # S1: hamstrings, gluteus
        ({"toe_flexion": 4, "ankle_plantar_flexion": 4}, False),  # both tibial
        ({"toe_flexion": 4, "hip_extension": 4}, True),  # S1
        ({"knee_extension": 4, "hip_adduction": 4}, True),  # not the femoral nerve
        ({"knee_extension": 4}, False),
    ],
)
def test_two_muscles_of_a_root_and_two_nerves_make_a_root_pattern(weak, met):
    assert verdict("L22", grades(**STRONG | weak)) is met


@pytest.mark.parametrize("blank", STRONG)
def test_no_root_pattern_is_known_before_both_muscles_that_tell_it_apart(blank):
    weak = STRONG | {"knee_extension": 4, "ankle_dorsiflexion": 4}
    assert verdict("L22", grades(**weak)) is True
    del weak[blank]
    assert verdict("L22", grades(**weak)) is None
    # Meanwhile the weakness counts as one of unclear cause.
    assert verdict("L23", grades(**weak)) is True


def test_every_muscle_of_a_root_can_be_recorded():
    """The key muscles of roots.csv, by the movement that tests them."""
    tested = {d.key: d.roots for d in findings.definitions().values() if d.nerve}
    assert tested["knee_flexion"] == ("S1", "S2")
    assert tested["hip_adduction"] == ("L3", "L4")
    assert tested["toe_flexion"] == ("S1",)
    for key, root in nerve_roots.roots().items():
        if "adductors" in root.key_muscles:
            assert key in tested["hip_adduction"]
        if "hamstrings" in root.key_muscles:
            assert key in tested["knee_flexion"]


SITES = [site for site in places.body_sites() if findings.has_checklist(site)]


def usual(found):
    return found.normal or ("1" if found.kind in ("scale", "number") else "absent")


@pytest.mark.parametrize("site", SITES)
def test_everything_normal_records_all_core_inputs_at_every_site(site):
    asked = findings.of_site(site)
    recorded = {cell: usual(FINDINGS[cell[0]]) for cell in findings.cells(asked)}
    items = origin_items.items_of(recorded, "left", 50)
    assert items.core_recorded == set(origin.CORE)
    result = origin.score(items.present, items.core_recorded, is_gated=False)
    assert result.band == "5_less_supported"


def test_a_foot_drop_with_strong_inversion_and_abduction_is_the_fibular_nerve():
    strong = grades(hip_abduction=5, ankle_inversion=5)
    drop = {("foot_drop", "left"): "present"}
    assert verdict("N03", drop | strong) is True
    assert verdict("N03", drop | grades(hip_abduction=5, ankle_inversion=4)) is False
    assert verdict("N03", drop) is None
    assert verdict("N03", grades(ankle_dorsiflexion=2) | strong) is True


def test_a_foot_drop_names_the_strength_it_rests_on():
    weak = grades(ankle_dorsiflexion=2, **STRONG)
    basis = origin_items.items_of(weak, "left", None).verdicts["N03"].basis
    assert ("ankle_dorsiflexion", "left") in basis


def test_slr_and_slump_must_both_be_negative():
    slr, slump = ("slr", "left"), ("slump", "left")
    assert verdict("L13", {slr: "absent", slump: "absent"}) is True
    assert verdict("L13", {slr: "absent", slump: "present"}) is False
    assert verdict("L13", {slr: "absent"}) is None


def test_three_of_six_si_tests_count_with_pain_at_the_back_of_the_pelvis():
    recorded = {
        ("pelvis_pain", "left"): "present",
        ("si_distraction", "none"): "present",
        ("si_gaenslen", "right"): "present",
    }
    assert verdict("S01", recorded) is None
    assert verdict("S01", recorded | {("si_thigh_thrust", "left"): "present"}) is True


def test_standing_still_that_brings_nothing_on_speaks_against_stenosis():
    walking = {("walking_symptoms", "none"): "present"}
    quiet = {("standing_trigger", "none"): "absent"}
    assert verdict("L35", walking | quiet) is True
    assert verdict("L35", quiet) is None


def test_an_index_of_exactly_090_is_low():
    assert verdict("V01", {("abi", "left"): "0.9"}) is True
    assert verdict("V01", {("abi", "left"): "0.91"}) is False


@pytest.mark.parametrize(("age", "met"), [(None, None), (70, False), (71, True)])
def test_age_counts_above_70(age, met):
    assert verdict("L33", {}, age=age) is met


def test_central_signs_count_on_either_side():
    assert verdict("C01", {("plantar_response", "right"): "up"}) is True
    assert verdict("C01", {("ankle_jerk", "right"): "3"}) is True
    assert verdict("C01", {("medial_hamstring_jerk", "left"): "4"}) is True


def test_the_side_decides_which_findings_count():
    recorded = {("numbness", "right"): "present", ("numbness", "left"): "absent"}
    assert verdict("L03", recorded, side="left") is False
    assert verdict("L03", recorded, side="right") is True


def values_of(definition):
    if definition.options and definition.kind not in ("choices",):
        return st.sampled_from(sorted(definition.options))
    if definition.kind in ("grade", "scale", "number"):
        return st.integers(int(definition.low), int(definition.high)).map(str)
    return None


CELLS = {
    (d.key, side): values
    for d in findings.of_site("foot")
    for side in d.sides
    if (values := values_of(d)) is not None
}


@st.composite
def evaluations(draw):
    chosen = draw(st.sets(st.sampled_from(sorted(CELLS)), max_size=60))
    return {cell: draw(CELLS[cell]) for cell in sorted(chosen)}


@given(evaluations(), st.sampled_from(BOTH), st.one_of(st.none(), st.integers(0, 110)))
def test_random_evaluations_never_crash_and_never_call_a_blank_no(recorded, side, age):
    items = origin_items.items_of(recorded, side, age)
    origin.score(items.present, items.core_recorded, is_gated=False)
    for found in items.verdicts.values():
        if found.is_met is not None and found.basis:
            assert any(cell in recorded for cell in found.basis)


def test_five_thousand_random_evaluations_are_scored():
    random = Random(20261128)
    cells = sorted(CELLS)
    options = {d.key: sorted(d.options) for d in findings.definitions().values()}
    for _ in range(5000):
        chosen = random.sample(cells, random.randint(0, len(cells)))
        recorded = {
            cell: random.choice(options[cell[0]] or ["0", "3", "5"]) for cell in chosen
        }
        side = random.choice(BOTH)
        items = origin_items.items_of(recorded, side, random.choice([None, 30, 80]))
        result = origin.score(items.present, items.core_recorded, is_gated=False)
        assert result.band in origin_rules.bands()
        assert all(
            found.is_met is None
            for found in items.verdicts.values()
            if found.basis and not set(found.basis) & set(recorded)
        )


@given(evaluations(), st.sampled_from(BOTH))
def test_a_lumbar_finding_that_is_added_never_lowers_the_sum(recorded, side):
    """But for those that the rules give negative points: L13 and L35."""
    base = origin_items.items_of(recorded, side, 50)
    before = origin.score(base.present, base.core_recorded, is_gated=False).lumbar
    for code in ("radiating_pain", "numbness", "slr", "slump", "root_pattern"):
        more = recorded | {(code, side): "present"}
        items = origin_items.items_of(more, side, 50)
        after = origin.score(items.present, items.core_recorded, is_gated=False)
        assert after.lumbar >= before
