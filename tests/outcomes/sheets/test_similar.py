"""Who is like somebody, and how many marks stand for how many people."""

from uuid import UUID

import pytest

from outcomes.dashboards.charts.parts import Part
from outcomes.sheets.consent import natural, people, similar
from outcomes.sheets.consent.similar import Kind, Likeness, Outcome

ME = Kind("prp", "M51", "root_l5")
SAME, OTHER_SOURCE = ME, Kind("prp", "M51", "disc")
OTHER_DIAGNOSIS, OTHER_TREATMENT = Kind("prp", "M72", "root_l5"), Kind("x", "M51", "")


def told(kind, n, *, first=0, improved=True):
    return [
        Outcome(UUID(int=first + place), kind, improved, None) for place in range(n)
    ]


def chosen(kind, *outcomes):
    found = similar.chosen(similar.groups(kind, [o for some in outcomes for o in some]))
    return found and (found.likeness, found.answered)


def test_the_narrowest_that_has_ten_answers_is_taken():
    source, diagnosis = told(SAME, 10), told(OTHER_SOURCE, 9, first=100)
    assert chosen(ME, source, diagnosis) == (Likeness.SOURCE, 10)
    assert chosen(ME, source[1:], diagnosis) == (Likeness.DIAGNOSIS, 18)
    other = told(OTHER_DIAGNOSIS, 5, first=200)
    assert chosen(ME, source[:3], diagnosis[:3], other) == (Likeness.TREATMENT, 11)


def test_nine_answers_are_too_few_however_many_were_asked():
    silent = told(SAME, 50, first=500, improved=None)
    assert chosen(ME, told(SAME, 9), silent) is None
    assert chosen(ME, told(SAME, 10), silent) == (Likeness.SOURCE, 10)


def test_another_treatment_never_counts():
    assert chosen(ME, told(OTHER_TREATMENT, 40)) is None


def test_nobody_is_alike_in_what_is_not_known_of_them():
    unknown = Kind("prp", "", "")
    assert chosen(unknown, told(unknown, 12)) == (Likeness.TREATMENT, 12)
    without_source = Kind("prp", "M51", "")
    assert chosen(without_source, told(SAME, 12)) == (Likeness.DIAGNOSIS, 12)


def test_a_person_counts_once_with_the_newest_course():
    first, again = told(SAME, 10), told(SAME, 10, improved=False)
    (group, *_) = similar.groups(ME, first + again)
    assert (group.asked, group.improved) == (10, 0)


@pytest.mark.parametrize(
    ("improved", "worse", "part"),
    [
        (True, False, Part.IMPROVED),
        (True, None, Part.IMPROVED),
        (False, True, Part.WORSENED),
        (False, False, Part.UNCHANGED),
        (None, None, Part.UNANSWERED),
    ],
)
def test_each_went_one_way(improved, worse, part):
    assert Outcome(UUID(int=1), ME, improved, worse).part == part


COUNTS = {
    Part.IMPROVED: 14,
    Part.UNCHANGED: 9,
    Part.WORSENED: 3,
    Part.UNANSWERED: 4,
}


def test_there_is_a_mark_for_each_person_in_rows_of_twenty():
    drawn = people.people(COUNTS)
    assert drawn.each == 1
    parts = [mark.part for mark in drawn.marks]
    assert {part: parts.count(part) for part in COUNTS} == COUNTS
    assert parts[0] == Part.IMPROVED
    assert parts[-1] == Part.UNANSWERED
    assert drawn.height == 2 * people.PITCH


def test_of_many_a_mark_stands_for_several_and_nobody_is_lost():
    counts = {Part.IMPROVED: 2500, Part.UNCHANGED: 2000, Part.WORSENED: 2} | {
        Part.UNANSWERED: 498
    }
    drawn = people.people(counts)
    assert drawn.each == 25
    parts = [mark.part for mark in drawn.marks]
    assert parts.count(Part.IMPROVED) == 100
    assert parts.count(Part.WORSENED) == 1


def test_of_nobody_nothing_is_drawn():
    drawn = people.people(dict.fromkeys(Part, 0))
    assert drawn.marks == []


@pytest.mark.parametrize(
    ("site", "modality", "keys"),
    [
        ("knee", "prp", ["knee_prp", "half"]),
        ("low_back", "image_guided_injection", ["spine_steroid", "back"]),
        ("foot", "prp", ["salt_water", "half"]),
        ("wrist", "image_guided_injection", ["salt_water", "half"]),
    ],
)
def test_the_nearest_facts_come_first_and_no_study_twice(site, modality, keys):
    assert [fact.key for fact in natural.of(site, modality)] == keys


def test_every_fact_has_a_source_and_both_languages():
    for fact in natural.facts():
        assert fact.sources
        assert len(fact.text) == 2
