"""One line against the mapping; a fault refuses the line and says why."""

from datetime import date
from decimal import Decimal

import pytest

from outcomes.imports import mapping_file
from outcomes.imports.refusals import Reason, RefusedRow
from outcomes.imports.rows import RowReader, stored
from tests.outcomes.imports.running import MADE_UP, changed

GOOD = {
    "person": "P1",
    "surname": "Ambergill",
    "visit": "6w",
    "treated_on": "2024-01-08",
    "arm": "A",
    "site": "foot",
    "side": "left",
    "sex": "m",
    "age": "47",
    "pain": "3",
    "function": "60",
}
HEADER = list(GOOD)


def read(mapping=MADE_UP, **cells):
    reader = RowReader(mapping_file.read(mapping), HEADER, date(2025, 6, 1))
    return reader.read(7, [{**GOOD, **cells}[column] for column in HEADER])


def test_a_line_is_read():
    row = read()
    assert (row.number, row.person, row.point) == (7, "P1", 1)
    assert (row.treatment, row.start) == ("prp-one-injection", "2024-01-08")
    assert (row.sex, row.age) == ("male", 47)
    assert row.cells == ["3", "60"]


@pytest.mark.parametrize("missing", ["", "NA", ".", "  "])
def test_a_missing_answer_is_none_and_not_zero(missing):
    assert read(pain=missing).cells == [None, "60"]
    assert read(pain="0").cells == ["0", "60"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", "3"),
        ("+3.50", "3.50"),
        (".5", "0.5"),
        ("1e1", "10"),
        ("2.14285714285714", "2.142857"),
    ],
)
def test_numbers_are_kept_with_six_decimals(text, value):
    assert stored(read(pain=text).cells[0]) == Decimal(value)


def test_a_code_may_be_saved_with_a_decimal(tmp_path):
    numbered = changed(MADE_UP, tmp_path, ("A = {", "1 = {"), ("0 = {", "-1 = {"))
    row = read(numbered, arm="1.0", visit="-1.0")
    assert (row.treatment, row.point) == ("prp-one-injection", 0)


def test_a_decimal_comma_is_read_where_the_mapping_says_so(tmp_path):
    comma = changed(
        MADE_UP, tmp_path, ("[csv]", '[csv]\ndelimiter = ";"\ndecimal = ","')
    )
    assert read(comma, pain="2,5").cells[0] == "2.5"


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "<script>alert(1)</script>"])
def test_a_name_is_kept_as_it_stands(name):
    assert read(surname=name).family_name == name


@pytest.mark.parametrize(
    ("cells", "reason", "detail"),
    [
        ({"person": ""}, Reason.NO_PERSON, "person is empty"),
        ({"person": "NA"}, Reason.NO_PERSON, "person is empty"),
        ({"person": "=1+1"}, Reason.PERSON, "person '=1+1' looks like a formula"),
        ({"person": "@A1"}, Reason.PERSON, "looks like a formula"),
        ({"person": "P" * 38}, Reason.PERSON, "MRN of more than 40 characters"),
        ({"person": "P\x001"}, Reason.CONTROL, r"person holds a control character"),
        ({"surname": "A\x00B"}, Reason.CONTROL, "surname holds a control character"),
        ({"surname": "A" * 81}, Reason.NAME, "surname has more than 80 characters"),
        ({"arm": ""}, Reason.NO_TREATMENT, "arm is empty"),
        ({"arm": "C"}, Reason.TREATMENT, "arm 'C' is not one of A, B"),
        ({"visit": ""}, Reason.NO_TIME, "visit is empty"),
        ({"visit": "9w"}, Reason.TIME, "visit '9w' is not one of 0, 6w, 12m"),
        ({"treated_on": ""}, Reason.DATE, "treated_on is empty"),
        ({"treated_on": "8.1.24"}, Reason.DATE, "'8.1.24' is not a date such as"),
        ({"treated_on": "2025-06-02"}, Reason.DATE, "is not from 1900-01-01 to 2025"),
        ({"treated_on": "2025-05-20"}, Reason.FUTURE, "2025-07-01, which has not come"),
        ({"site": "tail"}, Reason.SITE, "'tail' is not a body site"),
        ({"side": ""}, Reason.SITE, "Say left or right"),
        ({"sex": "x"}, Reason.SEX, "sex 'x' is not one of f, m"),
        ({"age": "old"}, Reason.NUMBER, "age 'old' is not a number"),
        ({"age": "470"}, Reason.RANGE, "age '470' is not from 0 to 120"),
        ({"pain": "much"}, Reason.NUMBER, "pain 'much' is not a number"),
        ({"pain": "2,5"}, Reason.NUMBER, "write 2.5, or set decimal under"),
        ({"pain": "1_0"}, Reason.NUMBER, "pain '1_0' is not a number"),
        ({"pain": "٣"}, Reason.NUMBER, "is not a number"),
        ({"pain": "inf"}, Reason.NUMBER, "is not a number"),
        ({"pain": "=1+1"}, Reason.NUMBER, "pain '=1+1' is not a number"),
        ({"pain": "1e999"}, Reason.RANGE, "is not from 0 to 10"),
        ({"pain": "10.5"}, Reason.RANGE, "pain '10.5' is not from 0 to 10"),
        ({"pain": "-1"}, Reason.RANGE, "pain '-1' is not from 0 to 10"),
    ],
)
def test_a_bad_line_is_refused_with_its_column(cells, reason, detail):
    with pytest.raises(RefusedRow) as refused:
        read(**cells)
    assert refused.value.reason == reason
    assert detail in refused.value.detail


@pytest.mark.parametrize("width", [10, 12])
def test_a_wrong_number_of_columns_is_counted(width):
    reader = RowReader(mapping_file.read(MADE_UP), HEADER, date(2025, 6, 1))
    with pytest.raises(RefusedRow, match=f"has {width} columns, the header 11"):
        reader.read(2, ["x"] * width)


def test_a_long_cell_is_shortened_in_the_message():
    with pytest.raises(RefusedRow) as refused:
        read(pain="x" * 10_000)
    assert len(refused.value.detail) < 100
