"""The red flags as data: what ships, how it reads, and what a faulty row is told."""

import pytest

from clinic.reference_data import ReferenceDataError
from patients.catalogue import red_flags
from patients.catalogue.red_flags import Tier
from patients.models import RedFlag
from tests import reading
from tests.patients.catalogue import faults

FLAGS = red_flags.red_flags()
DETAILS = red_flags.details()
ASKED = [f for f in (*FLAGS.values(), *DETAILS.values()) if f.question]
RF12 = faults.shipped(red_flags.DATA / "red_flags.csv", "RF12")
TRAUMA = faults.shipped(red_flags.DATA / "red_flag_details.csv", "RF12_major_trauma")


def test_there_are_24_flags_in_order():
    assert list(FLAGS) == [f"RF{number:02}" for number in range(1, 25)]


def test_a_flag_carries_its_action_its_grounds_and_its_sources():
    flag = FLAGS["RF02"]
    assert flag.action.startswith("emergency department now")
    assert "94.1% sensitive" in flag.evidence
    assert flag.sources == ("KATZOURAKI2020", "BOKTOR2023", "AAFP2012")
    assert "G83.4" in flag.icd10_examples


def test_tiers_run_from_the_most_urgent_and_are_those_that_are_stored():
    assert sorted(Tier) == [Tier.E0, Tier.E1, Tier.E2, Tier.E3]
    assert list(Tier) == RedFlag.Tier.values


def test_what_a_patient_may_report_has_a_question_but_self_harm():
    reported = {f.key for f in FLAGS.values() if "patient" in f.reported_by}
    unasked = {key for key in reported if not FLAGS[key].is_for_patients}
    # Nobody may ask it who does not read the answer the same day.
    assert unasked == {"RF23"}
    assert {f.key for f in FLAGS.values() if f.question} == reported - unasked


def test_sexual_function_is_asked_in_private():
    assert FLAGS["RF04"].is_private


def test_what_may_be_of_long_standing_knows_a_baseline():
    long_standing = {"RF01", "RF02", "RF03", "RF04", "RF05", "RF06"}
    assert {f.key for f in FLAGS.values() if f.has_baseline} == long_standing


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.key)
def test_english_reads_at_grade_six_or_below(asked):
    assert reading.grade(asked.question["en"]) <= 6


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.key)
def test_spanish_sentences_are_short(asked):
    assert reading.longest_sentence(asked.question["es"]) <= 18


def read(tmp_path, *rows, details=(TRAUMA,)):
    known = red_flags.read_details(
        faults.write(tmp_path / "details.csv", red_flags.DETAIL_COLUMNS, *details)
    )
    path = faults.write(tmp_path / "flags.csv", red_flags.COLUMNS, *rows)
    return red_flags.read(path, {"DOWNIE2013", "AAFP2012"}, known)


def test_a_right_row_is_read(tmp_path):
    assert read(tmp_path, RF12) == {"RF12": FLAGS["RF12"]}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"tier": "E4"}, "tier: 'E4' is not one of E0, E1, E2, E3"),
        ({"raised_tier": "E3"}, "raised_tier: must be more urgent than E2"),
        ({"raised_tier": "E2"}, "raised_tier: must be more urgent than E2"),
        ({"raised_tier": ""}, "raised_by: say what raises the tier"),
        ({"raised_by": ""}, "raised_by: say what raises the tier"),
        ({"raised_by": "RF99"}, "raised_by: 'RF99' is neither flag nor detail"),
        ({"reported_by": "family"}, "reported_by: 'family' is not known"),
        ({"path": "tail"}, "path: 'tail' is not one of any"),
        ({"question_es": ""}, "question_es: is missing"),
        ({"is_private": "perhaps"}, "is_private: must be yes or no"),
        ({"action": ""}, "action: is missing"),
        ({"status": "sure"}, "status: must begin with one of verified"),
        ({"sources": "NOBODY1999"}, "sources: 'NOBODY1999' is not a key of"),
        ({"sources": ""}, "sources: what is verified must name the source"),
    ],
)
def test_a_faulty_flag_is_named(tmp_path, cells, message):
    with pytest.raises(ReferenceDataError, match=f"flags.csv, line 2, {message}"):
        read(tmp_path, RF12 | cells)


def test_a_flag_stands_once(tmp_path):
    with pytest.raises(ReferenceDataError, match="line 3, key: RF12 stands twice"):
        read(tmp_path, RF12, RF12)


def test_a_detail_stands_once(tmp_path):
    with pytest.raises(ReferenceDataError, match="line 3, key: RF12_major_trauma st"):
        read(tmp_path, RF12, details=(TRAUMA, TRAUMA))


def test_a_detail_of_no_flag_is_named(tmp_path):
    lost = TRAUMA | {"key": "RF99_lost", "flag": "RF99"}
    with pytest.raises(ReferenceDataError, match="RF99_lost belongs to no flag"):
        read(tmp_path, RF12, details=(TRAUMA, lost))


def test_a_detail_without_a_question_is_named(tmp_path):
    with pytest.raises(ReferenceDataError, match="line 2, question_en: is missing"):
        read(tmp_path, RF12, details=(TRAUMA | {"question_en": ""},))
