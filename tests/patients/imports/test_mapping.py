"""From the cells of a row to what registration takes; no database."""

from datetime import date

import pytest

from patients.record.imports import mapping
from patients.record.imports.fields import FIELDS
from patients.record.imports.mapping import Mapping, RowReader

HEADER = ["MRN", "Last name", "DOB", "Sex", "Language", "Consent"]


def read(*cells, header=HEADER, **choices):
    found = Mapping(
        columns={
            "mrn": "MRN",
            "family_name": "Last name",
            "birth_date": "DOB",
            "sex": "Sex",
            "language": "Language",
            "may_contact": "Consent",
        },
        **choices,
    )
    given, problems = RowReader(found, header).read(cells)
    return given, [(p.field, p.problem) for p in problems]


def test_a_row_gives_what_its_cells_say():
    given, problems = read("A1", " Tannen ", "1957-03-14", "F", "español", "Sí")
    assert problems == []
    assert given == {
        "mrn": "A1",
        "family_name": "Tannen",
        "birth_date": date(1957, 3, 14),
        "sex": "female",
        "language": "es",
        "may_contact": True,
    }


def test_an_empty_cell_says_nothing():
    given, problems = read("A1", "Tannen", "1957-03-14", "", "  ", "")
    assert (problems, set(given)) == ([], {"mrn", "family_name", "birth_date"})


def test_every_fault_of_a_row_is_told_at_once():
    _, problems = read("", "Tannen", "1957-02-30", "2", "French", "perhaps")
    assert [field for field, _ in problems] == [
        *("birth_date", "sex", "language", "may_contact", "mrn")
    ]


@pytest.mark.parametrize(
    ("text", "day_format", "day"),
    [
        ("3/14/1957", "MM/DD/YYYY", date(1957, 3, 14)),
        ("14/3/1957", "DD/MM/YYYY", date(1957, 3, 14)),
        ("14.03.1957", "DD.MM.YYYY", date(1957, 3, 14)),
        ("19570314", "YYYYMMDD", date(1957, 3, 14)),
        ("1957-03-14T00:00:00", "YYYY-MM-DD", date(1957, 3, 14)),
        ("3/14/1957 0:00", "MM/DD/YYYY", date(1957, 3, 14)),
        ("1957-03-14 00:00:00.000", "YYYY-MM-DD", date(1957, 3, 14)),
    ],
)
def test_days_are_read_as_they_are_written(text, day_format, day):
    assert mapping.day(text, day_format) == day


@pytest.mark.parametrize(
    "text", ["29/02/1990", "31/04/2001", "1957", "14/03/57", "soon", "0000-00-00"]
)
def test_a_day_that_cannot_be_is_told(text):
    with pytest.raises(ValueError, match=r"is not a day written as DD/MM/YYYY"):
        mapping.day(text, "DD/MM/YYYY")


def test_a_short_year_is_told_to_be_short():
    with pytest.raises(ValueError, match="all four digits of the year"):
        mapping.day("3/14/57", "MM/DD/YYYY")


def test_a_word_means_what_was_decided():
    _, problems = read("A1", "Tannen", "1957-03-14", "2", "", "")
    assert problems[0][1].startswith("Sex “2” is none of ours (Female, Male")
    given, problems = read(
        "A1", "Tannen", "1957-03-14", "2", "", "", words={"sex": {"2": "female"}}
    )
    assert (given["sex"], problems) == ("female", [])


def test_a_word_that_was_decided_to_be_refused_is_not_guessed():
    _, problems = read(
        "A1", "Tannen", "1957-03-14", "F", "", "", words={"sex": {"f": ""}}
    )
    assert problems[0][0] == "sex"


def test_a_row_of_another_width_is_refused_as_a_whole():
    given, [(field, problem)] = read("A1", "Tannen", "1957-03-14")
    assert (given, field) == ({}, "")
    assert "has 3 cells and the first row has 6" in problem


@pytest.mark.parametrize("bad", ["A\x07", "A\x00B", "A\nB"])
def test_a_character_that_cannot_be_read_is_told(bad):
    _, problems = read(bad, "Tannen", "1957-03-14", "", "", "")
    assert problems[0][0] == "mrn"
    assert "cannot be read" in problems[0][1]


def test_a_formula_is_no_mrn_and_a_quoted_number_is():
    _, problems = read("=HYPERLINK(1)", "Tannen", "1957-03-14", "", "", "")
    assert "looks like a formula" in problems[0][1]
    given, _ = read('="0012"', "Tannen", "1957-03-14", "", "", "")
    assert given["mrn"] == "0012"


def test_one_column_may_hold_both_names():
    both = Mapping(columns={"mrn": "MRN", "whole_name": "Name", "birth_date": "DOB"})
    reader = RowReader(both, ["MRN", "Name", "DOB"])
    given, problems = reader.read(["A1", "García López, Inés", "1957-03-14"])
    assert problems == []
    assert (given["family_name"], given["given_name"]) == ("García López", "Inés")
    _, [problem] = reader.read(["A1", "Inés García López", "1957-03-14"])
    assert problem.field == "whole_name"


def test_without_an_mrn_the_row_waits_for_a_decision():
    assert read("", "Tannen", "1957-03-14", "", "", "")[1][0][0] == "mrn"
    row = ("", "Tannen", "1957-03-14", "", "", "")
    assert read(*row, without_mrn="number")[1] == []


@pytest.mark.parametrize(
    ("header", "key", "column"),
    [
        (["Patient ID", "Chart No."], "mrn", "Patient ID"),
        (["N.º de expediente", "Apellidos"], "mrn", ""),
        (["Expediente", "Apellidos"], "family_name", "Apellidos"),
        (["FECHA DE NACIMIENTO"], "birth_date", "FECHA DE NACIMIENTO"),
        (["Date_of_Birth"], "birth_date", "Date_of_Birth"),
        (["Sexo", "Género"], "sex", "Sexo"),
        (["Correo electrónico"], "email", "Correo electrónico"),
        (["Teléfono móvil", "Teléfono"], "phone", "Teléfono"),
        (["Notes"], "mrn", ""),
    ],
)
def test_columns_are_guessed_in_english_and_spanish(header, key, column):
    assert mapping.guess(header, []).columns.get(key, "") == column


def test_no_column_is_guessed_for_two_fields():
    columns = mapping.guess(["Name", "ID", "Phone", "Mail"], []).columns
    assert len(set(columns.values())) == len(columns)


def test_the_way_days_are_written_is_guessed_from_most_of_them():
    header = ["DOB"]
    rows = [["14/03/1957"], ["2/3/1980"], ["rubbish"]]
    assert mapping.guess(header, rows).day_format == "DD/MM/YYYY"
    assert mapping.guess(header, [["3/2/1980"]]).day_format == "MM/DD/YYYY"


def test_m_beside_h_is_mujer():
    assert mapping.guess(["Sexo"], [["H"], ["M"]]).words["sex"] == {
        "h": "male",
        "m": "female",
    }
    assert mapping.guess(["Sex"], [["F"], ["M"]]).words["sex"]["m"] == "male"


def test_the_words_of_a_column_are_found_once_each():
    found = mapping.words_of(
        Mapping(columns={"sex": "Sex"}), ["Sex"], [["F"], ["f"], [""], ["♀"]]
    )
    assert found == {"sex": {"f": "F", "♀": "♀"}}


def test_a_mapping_is_kept_as_json():
    kept = mapping.guess(["MRN", "Sex"], [["A1", "F"]])
    assert Mapping.from_json(kept.as_json()) == kept


def test_every_word_means_one_value():
    for known in FIELDS.values():
        words = [word for listed in known.words.values() for word in listed]
        assert sorted(words) == sorted(set(words)), known.key
        assert set(known.words) <= {value for value, _ in known.values}


def test_every_name_of_a_column_leads_to_one_field():
    names = [name for known in FIELDS.values() for name in known.columns]
    assert sorted(names) == sorted(set(names))
