"""Which codes cannot stand side by side, and which do not fit the complaint's side."""

import csv
from itertools import combinations

import pytest

from patients.catalogue import icd10, icd10_excludes

ROWS = list(csv.DictReader(icd10.releases()[0].open(encoding="utf-8", newline="")))
CODES = [row["code"] for row in ROWS]
NOTES = {note for row in ROWS for note in icd10_excludes.parse(row["excludes1"])}
# Notes that name no codes: headings of the lines below them, conditions to be looked up
# by body region, and one class of conditions over the whole book.
WITHOUT_CODES = {
    ("G57", "current traumatic nerve disorder - see nerve injury by body region"),
    ("G63", "polyneuropathy (in):"),
    ("M14", "arthropathy in:"),
    (
        "M43.1",
        "acute traumatic of sites other than lumbosacral- "
        "code to Fracture, vertebra, by region",
    ),
    ("M48.5", "current injury - see Injury of spine, by body region"),
    ("M65", "current injury - see injury of ligament or tendon by body region"),
    (
        "T88.7",
        "specified adverse effects of drugs and medicaments "
        "(A00-R94 and T80-T88.6, T88.8)",
    ),
}


def test_every_note_of_the_list_is_understood_or_known_to_name_no_codes():
    assert len(NOTES) == 231
    unread = {(note.level, note.words) for note in NOTES if not note.spans}
    assert unread == WITHOUT_CODES


def test_no_code_excludes_itself():
    for row in ROWS:
        own = row["code"].replace(".", "")
        assert not any(n.holds(own) for n in icd10_excludes.parse(row["excludes1"]))


@pytest.mark.parametrize(
    ("listed", "inside", "outside"),
    [
        ("M54.16", "M5416", "M5417"),
        ("M54.3", "M5431", "M5441"),
        ("M51.1-", "M5117", "M5127"),
        ("M84.4.-", "M8448XA", "M8458XA"),
        ("E53-", "E538", "E54"),
        ("Q68-Q70", "Q699", "Q71"),
        ("Q71.3-, Q72.3-", "Q7231", "Q7221"),
        ("M43.3-M43.5X9", "M434", "M438X9"),
        ("I70.2--I70.7-", "I70539", "I7092"),
        ("E08-E13 with .42", "E1142", "E1141"),
        ("E08-E13 with .61-", "E11610", "E11621"),
        ("B27.0-B27.9 with fifth character 1", "B2711", "B2710"),
    ],
)
def test_each_way_of_listing_codes_is_read(listed, inside, outside):
    (note,) = icd10_excludes.parse(f"A00: something (acquired) ({listed})")
    assert note.holds(inside)
    assert not note.holds(outside)


def test_a_note_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="is not written like"):
        icd10_excludes.parse("sciatica NOS (M54.3)")


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("M51.16", "M54.16"),
        ("M51.17", "M54.17"),
        ("M51.16", "M54.31"),
        ("M51.16", "M54.41"),
        ("M54.31", "M54.41"),
        ("M54.31", "M51.361"),
        ("M54.31", "G57.01"),
        ("M54.41", "M51.372"),
        ("M54.50", "M51.360"),
        ("M54.50", "M51.26"),
        ("M54.50", "M54.41"),
        ("M54.50", "S39.012A"),
        ("M54.16", "M47.26"),
        ("M54.16", "M79.2"),
        ("E11.42", "G63"),
        ("E10.42", "E11.42"),
    ],
)
def test_codes_that_exclude_each_other_are_told_from_either_side(code, other):
    (one,) = icd10.conflicts(code, [other])
    assert icd10.conflicts(other, [code]) == [one]
    assert code in one.words and other in one.words


def test_all_pairs_of_spine_codes_tell_the_same_from_both_sides():
    spine = [code for code in CODES if code[:3] in ("M43", "M47", "M51", "M54")]
    for one, other in combinations(spine, 2):
        assert icd10.conflicts(one, [other]) == icd10.conflicts(other, [one])


@pytest.mark.parametrize(
    ("code", "other"),
    [("M51.16", "M21.371"), ("M54.16", "M54.16"), ("M54.16", ""), ("M72.2", "G57.51")],
)
def test_codes_that_may_stand_together_raise_nothing(code, other):
    assert icd10.conflicts(code, [other]) == []


def test_a_conflict_is_explained_in_a_clinicians_words():
    (conflict,) = icd10.conflicts("m5416", ["M72.2", "M51.16"])
    assert (conflict.code, conflict.excluded) == ("M51.16", "M54.16")
    assert conflict.words == (
        "M51.16 already covers the radiculopathy: "
        "M54.16 cannot stand beside it (Excludes1)."
    )


def test_a_conflict_without_words_of_ours_cites_the_note():
    (conflict,) = icd10.conflicts("M43.16", ["Q76.2"])
    assert conflict.words.startswith("M43.16 and Q76.2 cannot stand side by side (Exc")
    assert "congenital spondylolisthesis" in conflict.words


def test_a_code_outside_our_list_conflicts_by_the_other_codes_note():
    (conflict,) = icd10.conflicts("M50.10", ["M54.12"])
    assert conflict.code == "M54.12"


def test_each_of_our_explanations_belongs_to_a_conflict():
    pairs = list(csv.DictReader(icd10.CONFLICTS.open(encoding="utf-8", newline="")))
    for pair in pairs:
        first = [c for c in CODES if c.startswith(pair["code_prefix"])]
        second = [c for c in CODES if c.startswith(pair["excluded_prefix"])]
        assert any(icd10.conflicts(code, second) for code in first), pair


def test_a_code_of_the_other_side_is_an_error_and_the_right_one_is_named():
    problem = icd10.side_problem("M21.371", "left")
    assert problem.is_error
    assert problem.instead == "M21.372"
    assert problem.words == (
        "M21.371 is for the right side; the complaint is left. "
        "M21.372 is the one for the left."
    )


def test_a_code_that_leaves_the_side_open_is_only_a_hint():
    problem = icd10.side_problem("M54.30", "right")
    assert not problem.is_error
    assert problem.instead == "M54.31"
    assert "leaves the side open" in problem.words


@pytest.mark.parametrize(
    ("code", "side"),
    [
        ("M21.371", "right"),
        ("M51.16", "left"),
        ("M17.0", "left"),
        ("M54.30", "none"),
        ("M99.99", "left"),
    ],
)
def test_a_side_that_fits_or_cannot_be_told_is_no_problem(code, side):
    assert icd10.side_problem(code, side) is None


def test_every_right_code_has_a_left_one_and_back():
    for row in (row for row in ROWS if row["laterality"] in ("right", "left")):
        other = "left" if row["laterality"] == "right" else "right"
        instead = icd10.side_problem(row["code"], other).instead
        assert icd10.lookup(instead).laterality == other, row["code"]
