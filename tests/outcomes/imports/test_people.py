"""From sorted rows to persons; from a spool, sorted rows."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from outcomes.imports import people
from outcomes.imports.refusals import Reason, Refusal
from outcomes.imports.rows import Row
from outcomes.imports.spool import Spool

ROW = Row(
    number=2,
    person="P1",
    point=0,
    treatment="prp",
    start="2024-01-08",
    sex="male",
    age=47,
    birth_date="",
    given_name="",
    family_name="",
    pain_site="foot",
    side="left",
    cells=["6", None],
)


def gather(*rows):
    refusals = []
    return list(people.gather(rows, refusals.append)), refusals


def test_rows_of_one_person_come_together():
    [first, second], refusals = gather(
        ROW, replace(ROW, number=9, point=1), replace(ROW, number=3, person="P2")
    )
    assert (first.id, first.start, list(first.rows)) == ("P1", date(2024, 1, 8), [0, 1])
    assert (second.id, len(second.rows)) == ("P2", 1)
    assert refusals == []


def test_the_second_row_of_a_time_is_refused_naming_both():
    [person], [refusal] = gather(ROW, replace(ROW, number=8, cells=["1", None]))
    assert person.rows[0] == ROW
    assert (refusal.row, refusal.reason) == (8, Reason.DUPLICATE)
    assert refusal.detail == "the person and time of row 2 again; row 2 was taken"


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("treatment", "lifestyle"),
        ("start", "2024-02-08"),
        ("sex", "female"),
        ("birth_date", "1960-01-01"),
        ("family_name", "Other"),
        ("pain_site", "knee"),
        ("side", "right"),
    ],
)
def test_rows_that_contradict_each_other_refuse_the_person(what, value):
    first = replace(ROW, birth_date="1961-01-01", family_name="Ambergill")
    persons, refusals = gather(
        first, replace(first, number=5, point=1, **{what: value})
    )
    assert persons == []
    assert [refusal.row for refusal in refusals] == [2, 5]
    assert what.replace("_", " ") in refusals[0].detail
    assert "rows 2 and 5" in refusals[0].detail
    assert value not in refusals[0].detail


def test_what_is_missing_in_one_row_comes_from_another():
    later = replace(ROW, number=5, point=1, birth_date="1960-01-01", age=48)
    [person], _ = gather(replace(ROW, sex="", age=None), later)
    assert (person.sex, person.age) == ("male", 48)
    assert person.birth_date == date(1960, 1, 1)


def test_a_spool_sorts_by_person_time_and_row():
    with Spool() as spool:
        for number, person, point in [
            (2, "B", 1),
            (3, "A", 0),
            (4, "B", 0),
            (5, "B", 0),
        ]:
            spool.add(replace(ROW, number=number, person=person, point=point))
        assert [row.number for row in spool.rows()] == [3, 4, 5, 2]
        assert next(spool.rows()) == replace(ROW, number=3, person="A")


def test_a_spool_counts_and_lists_refusals_while_rows_are_read():
    with Spool() as spool:
        for number in range(2, 12):
            spool.add(replace(ROW, number=number))
        for row in spool.rows():
            spool.refuse(Refusal(row.number, Reason.DUPLICATE, "again"))
            assert spool.counts()[Reason.DUPLICATE] == row.number - 1
        assert [refusal.row for refusal in spool.refusals(3)] == [2, 3, 4]
        assert len(list(spool.refusals())) == 10


def test_a_spool_leaves_no_file_that_has_a_name():
    with Spool() as spool:
        for number in range(10_000):
            spool.add(replace(ROW, number=number, person="x" * 1500))
        spool.counts()
        held = [os.path.realpath(path) for path in Path("/proc/self/fd").iterdir()]
    spooled = [path for path in held if "etilqs" in path]
    assert spooled
    assert all(path.endswith("(deleted)") for path in spooled)
