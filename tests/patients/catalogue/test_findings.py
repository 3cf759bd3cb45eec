"""What an intake and an examination ask: how it reads, what a faulty row is told."""

import pytest

from clinic.reference_data import ReferenceDataError
from patients.catalogue import findings
from tests import reading
from tests.patients.catalogue import faults

FINDINGS = findings.definitions()
ASKED = [found for found in FINDINGS.values() if found.is_for_patients]
JERK = faults.shipped(findings.DATA / "findings.csv", "ankle_jerk")
TOE = faults.shipped(findings.DATA / "findings.csv", "big_toe_extension")
OPTIONS = findings.read_options(findings.DATA / "finding_options.csv")
CITED = {"TAWA2017", "HARRISON"}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.key)
def test_a_question_to_patients_is_plain_in_both_languages(asked):
    assert reading.grade(asked.question["en"]) <= 6
    assert reading.longest_sentence(asked.question["es"]) <= 18


def test_every_option_that_patients_see_has_words_in_both_languages():
    for asked in (found for found in ASKED if found.block == "pain"):
        assert all(set(o.words) == {"en", "es"} for o in asked.options.values())


def test_the_four_symptoms_to_watch_are_asked_where_the_leg_or_back_hurts():
    watched = [d.key for d in findings.of_site("foot") if d.block == "symptoms"]
    assert watched == ["radiating_pain", "numbness", "weakness", "bending_sitting"]
    assert all(FINDINGS[key].asks_since for key in watched)


def test_the_checklist_is_for_the_leg_and_not_for_the_shoulder():
    assert findings.has_checklist("foot")
    assert not findings.has_checklist("shoulder")
    assert not findings.has_checklist("knee")


@pytest.mark.parametrize(
    ("row", "cells", "message"),
    [
        (JERK, {"block": "arms"}, "block: 'arms' is not one of pain"),
        (JERK, {"kind": "number?"}, "kind: 'number\\?' is not one of presence"),
        (JERK, {"is_sided": "left"}, "is_sided: must be yes or no"),
        (JERK, {"options": "moods"}, "options: 'moods' is not one of reflex"),
        (JERK, {"normal": "5"}, "normal: '5' is not one of 0, 1, 2, 3, 4"),
        (JERK, {"path": "tail"}, "path: 'tail' is not one of any"),
        (JERK, {"roots": "S1|S9"}, "roots: 'S9' is not a root of roots.csv"),
        (JERK, {"source": "NOBODY1999"}, "source: 'NOBODY1999' is not one of"),
        (JERK, {"question_en": "Does it jump?"}, "question_es: is missing"),
        (JERK, {"label": ""}, "label: is missing"),
        (TOE, {"low": ""}, "low: is missing"),
        (TOE, {"high": "five"}, "high: must be a number, not 'five'"),
    ],
)
def test_a_faulty_finding_is_named(tmp_path, row, cells, message):
    path = faults.write(tmp_path / "findings.csv", findings.COLUMNS, row | cells)
    with pytest.raises(ReferenceDataError, match=f"findings.csv, line 2, {message}"):
        findings.read(path, OPTIONS, CITED)


def test_a_finding_stands_once(tmp_path):
    path = faults.write(tmp_path / "findings.csv", findings.COLUMNS, JERK, JERK)
    with pytest.raises(
        ReferenceDataError, match="line 3, key: ankle_jerk stands twice"
    ):
        findings.read(path, OPTIONS, CITED)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("reflex,1,one,,,no\nreflex,1,one,,,no", "line 3, key: 1 stands twice"),
        ("worse,cough,cough,Cough,,no", "line 2, label_es: give the words in both"),
        ("reflex,1,one,,,maybe", "line 2, is_abnormal: must be yes or no"),
    ],
)
def test_a_faulty_option_is_named(tmp_path, rows, message):
    path = tmp_path / "options.csv"
    path.write_text(f"{','.join(findings.OPTION_COLUMNS)}\n{rows}\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=f"options.csv, {message}"):
        findings.read_options(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("tail,leg", "line 2, site: 'tail' is not a body site"),
        ("foot,leg arms", "line 2, paths: 'arms' is not one of"),
        ("foot,leg\nfoot,leg", "line 3, site: foot stands twice"),
        ("foot,leg", "the site low_back has no row"),
    ],
)
def test_a_faulty_path_is_named(tmp_path, rows, message):
    path = tmp_path / "paths.csv"
    path.write_text(f"site,paths\n{rows}\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=message):
        findings.read_paths(path)
