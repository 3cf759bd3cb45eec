"""The fixed words of results and the deadlines of steps, as data files."""

from pathlib import Path

import pytest

from clinic.reference_data import ReferenceDataError
from patients.catalogue import study_deadlines, study_words
from patients.models import Complaint, Study

REGION_HEADER = "key,label,area,kinds,levels"
WORD_HEADER = "kind,area,key,label,is_alone,source"
DEADLINE_HEADER = "clock,step,days,source,why"


def test_the_kinds_and_clocks_are_those_of_the_rows():
    assert list(study_words.KINDS) == Study.Kind.values
    assert list(study_deadlines.PRIORITIES) == Study.Priority.values
    assert list(study_deadlines.DEFICITS) == Complaint.Deficit.values


@pytest.mark.parametrize("kind", study_words.KINDS)
def test_each_kind_has_places_and_can_be_normal_or_not_conclusive(kind):
    for region in study_words.regions_for(kind):
        keys = {word.key for word in study_words.words_for(kind, region.key)}
        assert {"normal", "inconclusive"} < keys


def test_every_word_fits_a_place_that_its_kind_is_done_of():
    for kind, words in study_words.words().items():
        areas = {region.area for region in study_words.regions_for(kind)} | {"any"}
        assert {word.area for word in words.values()} <= areas


def test_a_spine_is_not_offered_the_words_of_a_foot():
    spine = {word.key for word in study_words.words_for("mri", "lumbar_spine")}
    foot = {word.key for word in study_words.words_for("mri", "foot")}
    assert "disc_extrusion" in spine - foot
    assert "fascia_thickened" in foot - spine


def test_levels_are_named_from_top_to_bottom():
    named = study_words.levels_in_words("lumbar_spine", ["L5-S1", "L4-L5", "L9"])
    assert named == "L4-L5, L5-S1, L9"


def test_a_word_of_an_earlier_list_is_still_read():
    assert study_words.label("mri", "black_disc") == "black disc"
    assert study_words.region_label("left_toe") == "left toe"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("knee,knee,limb,mri|pet,", "kinds: 'pet' is not one of"),
        ("knee,knee,joint,mri,", "area: 'joint' is not one of"),
        ("foot,foot,limb,mri,", "key: foot stands twice"),
    ],
)
def test_a_faulty_region_is_named(tmp_path: Path, row, message):
    path = tmp_path / "regions.csv"
    path.write_text(f"{REGION_HEADER}\nfoot,foot,limb,mri,\n{row}\n")
    with pytest.raises(ReferenceDataError, match=f"regions.csv, line 3, {message}"):
        study_words.read_regions(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("pet,any,normal,normal,yes,own wording", "kind: 'pet'"),
        ("mri,any,scar,scar,no,A2010", "source: 'A2010'"),
        ("mri,any,scar,scar,perhaps,own wording", "is_alone: must be yes or no"),
        ("mri,any,normal,normal,yes,own wording", "key: normal stands twice"),
    ],
)
def test_a_faulty_word_is_named(tmp_path: Path, row, message):
    path = tmp_path / "words.csv"
    path.write_text(f"{WORD_HEADER}\nmri,any,normal,n,yes,own wording\n{row}\n")
    with pytest.raises(ReferenceDataError, match=f"words.csv, line 3, {message}"):
        study_words.read_words(path, [])


def test_a_weakness_is_faster_than_any_priority_but_the_same_day():
    for step in study_deadlines.STEPS:
        weak = study_deadlines.days("foot_drop", step)
        assert weak <= study_deadlines.days("urgent", step)
        assert study_deadlines.days("cauda_equina", step) == 0
    assert study_deadlines.days("weakness", "book") == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("routine,book,x,proposal,why", "line 2, days: must be a whole number"),
        ("routine,book,3,A2010,why", "line 2, source: 'A2010' is not one of"),
        ("routine,book,3,proposal,why", "a row for routine, done is missing"),
    ],
)
def test_a_faulty_deadline_is_named(tmp_path: Path, row, message):
    path = tmp_path / "deadlines.csv"
    path.write_text(f"{DEADLINE_HEADER}\n{row}\n")
    with pytest.raises(ReferenceDataError, match=f"deadlines.csv.*{message}"):
        study_deadlines.read(path, [])
