"""What the checklist still asks for, and where two findings disagree."""

import pytest

from patients.catalogue import findings
from patients.triage import checklist, origin_gaps
from patients.triage.origin_items import Picture


def of(**cells):
    known = findings.definitions()
    recorded = {
        (code, "left" if known[code].is_sided else "none"): value
        for code, value in cells.items()
    }
    return Picture(recorded, "left")


POINTS = dict.fromkeys(("sensation_l4", "sensation_l5", "sensation_s1"), "normal")
FOLLOWS = "whether the loss of sensation follows one root area"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({}, "sensation at L4, L5 and S1"),
        ({"sensation_l5": "normal"}, "sensation at L4 and S1"),
        (POINTS | {"sensation_s1": "reduced"}, FOLLOWS),
        ({"sensation_l5": "absent"}, FOLLOWS),
    ],
)
def test_of_the_root_areas_exactly_what_is_left_is_asked(cells, words):
    assert origin_gaps.to_answer(of(**cells))["L21"] == words
    (found,) = checklist.of_complaint(of(**cells).recorded, "left", 50, is_gated=False)
    assert words in found.result.missing


@pytest.mark.parametrize(
    "cells", [POINTS, POINTS | {"sensation_s1": "reduced", "root_pattern": "absent"}]
)
def test_root_areas_that_were_answered_are_not_asked_again(cells):
    (found,) = checklist.of_complaint(of(**cells).recorded, "left", 50, is_gated=False)
    assert not [words for words in found.result.missing if "sensation" in words]


def test_of_the_pattern_of_weakness_only_the_untested_muscle_is_asked():
    half = of(hip_abduction="5")
    assert origin_gaps.to_answer(half)["weakness_pattern"] == "ankle inversion"


def test_a_pattern_that_may_be_a_root_says_what_to_test():
    weak = of(knee_extension="4", ankle_dorsiflexion="4", hip_abduction="5")
    (said,) = origin_gaps.remarks(weak)
    assert "knee extension and ankle dorsiflexion" in said
    assert "Test ankle inversion" in said
    assert origin_gaps.remarks(of(knee_extension="4")) == ()


def test_a_silent_foot_exam_beside_a_positive_test_is_questioned_and_still_counts():
    both = of(foot_reproduced="absent", heel_tender="present", windlass="present")
    (said,) = origin_gaps.remarks(both)
    assert "Tender at the inner heel bone; Windlass" in said
    (found,) = checklist.of_complaint(both.recorded, "left", 50, is_gated=False)
    assert "L41" in {line.rule.key for line in found.lines if line.is_counted}


@pytest.mark.parametrize(
    "cells",
    [
        {"foot_reproduced": "present", "windlass": "present"},
        {"foot_reproduced": "absent", "windlass": "absent"},
        {"windlass": "present"},
    ],
)
def test_a_foot_exam_that_agrees_is_not_questioned(cells):
    assert origin_gaps.remarks(of(**cells)) == ()


PULSELESS = {"pulse_dorsalis": "absent", "pulse_tibial": "absent"}
COLD = PULSELESS | {"cold_foot": "present"}


@pytest.mark.parametrize(
    ("cells", "prompts"),
    [
        (COLD, ["suddenly"]),
        (COLD | {"RF14": "absent"}, []),
        (PULSELESS, []),
        (COLD | {"pulse_tibial": "weak"}, []),
        ({"wide_gait": "present"}, ["unsteady gait"]),
        ({"wide_gait": "present", "RF07": "absent"}, []),
        ({"wide_gait": "absent"}, []),
        ({}, []),
    ],
)
def test_a_finding_that_a_red_flag_shares_prompts_for_it_until_it_is_answered(
    cells, prompts
):
    said = origin_gaps.flags_to_check(of(**cells))
    assert len(said) == len(prompts)
    assert all(word in line for word, line in zip(prompts, said, strict=True))


def test_a_prompt_stands_even_while_the_checklist_is_shut():
    (found,) = checklist.of_complaint(of(**COLD).recorded, "left", 50, is_gated=True)
    assert found.result.is_gated and found.flags_to_check
