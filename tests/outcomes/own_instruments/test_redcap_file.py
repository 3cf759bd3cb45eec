"""Data dictionaries as files: bytes, columns, rows and forms."""

import pytest

from outcomes.instruments.redcap import reading as redcap
from tests.outcomes.own_instruments import corpus
from tests.outcomes.own_instruments.brought_files import (
    definition,
    noted,
    redcap_of,
    refused,
)
from tests.outcomes.own_instruments.corpus import row

AGE = row("age", "text", "Age?", validation="integer")
FIELDS = [row("name_it", "text", "¿Cómo está, señor?"), AGE]


@pytest.mark.parametrize(
    ("change", "notes"),
    [
        (lambda b: b, []),
        (lambda b: b"\xef\xbb\xbf" + b, []),
        (lambda b: b.replace(b"\r\n", b"\n"), []),
        (lambda b: b.replace(b"\r\n", b"\r"), []),
        (lambda b: b.decode().encode("latin-1"), ["Latin-1"]),
    ],
    ids=["CRLF", "with a byte order mark", "LF", "CR", "Latin-1"],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", ";", "tab"])
def test_whatever_its_bytes_it_reads_the_same(change, notes, separator):
    content = change(corpus.dictionary(FIELDS, separator=separator))
    brought = redcap.read(content)
    assert definition(brought).items[0].text == {"en": "¿Cómo está, señor?"}
    if separator != ",":
        notes = [*notes, "a semicolon" if separator == ";" else "a tab"]
    told = [each.problem for each in brought.notices if each.where == "The file"]
    assert len(told) == len(notes)
    assert all(note in each for note, each in zip(notes, told, strict=True))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it has no column “Variable / Field Name”"),
        (b"\n\n", "it has no column “Variable / Field Name”"),
        (b"\xef\xbb\xbf", "it has no column “Variable / Field Name”"),
        (b"name,age\nAnna,4\n", "it has no column “Variable / Field Name”"),
        (corpus.dictionary([]), "it holds no fields"),
        (corpus.dictionary(FIELDS).replace(b"Field Type", b"Kind"), "“Field Type”"),
        (corpus.dictionary(FIELDS).replace(b"Field Label", b"L"), "“Field Label”"),
        (b"x" * (2 * 1024 * 1024 + 1), "it is larger than 2 MB"),
    ],
    ids=[
        *("empty", "blank lines", "only a mark", "another file", "only headings"),
        *("no types", "no labels", "too large"),
    ],
)
def test_a_file_that_is_no_dictionary_says_why(content, told):
    brought = redcap.read(content)
    assert brought.definition is None
    assert any(
        each.where == "The file" and told in each.problem for each in brought.refusals
    )


def test_a_column_that_nobody_knows_is_noted():
    content = corpus.dictionary(FIELDS).replace(b"Custom Alignment", b"Mood of the day")
    told = [each.problem for each in redcap.read(content).notices]
    assert told == ["the column “Mood of the day” is not used"]


def test_a_row_with_more_cells_than_headings_is_refused_by_its_field():
    brought = redcap_of(AGE, [*row("f", "text", "How?"), "more"])
    assert refused(brought) == {"f": "it has 19 columns, but there are 18 headings"}


@pytest.mark.parametrize("second", ["age", "AGE"])
def test_a_field_that_stands_twice_is_refused(second):
    brought = redcap_of(AGE, row(second, "text", "Again?"))
    assert refused(brought) == {"age": "the field stands twice"}


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_field_without_a_usable_name_is_refused_by_its_line(name):
    found = refused(redcap_of(AGE, row(name, "text", "How?")))
    assert list(found) == [name or "line 3"]


def test_a_label_may_not_be_empty():
    assert refused(redcap_of(AGE, row("f", "text", " "))) == {"f": "its label is empty"}


def test_of_several_forms_one_is_chosen_and_others_are_named():
    rows = [
        row("a", "yesno", "So?", form="one"),
        row("b", "yesno", "So?", form="two", branching="[a] = '1'"),
    ]
    assert "it holds 2 forms: one, two" in refused(redcap_of(*rows))["The file"]
    told = refused(redcap_of(*rows, form="two"))
    assert "it hangs on [a] of the form one" in told["b"]
    assert (
        "it has no form 'three'" in refused(redcap_of(*rows, form="three"))["The file"]
    )


def test_the_number_of_the_record_is_not_asked():
    brought = redcap_of(row("record_id", "text", "Record"), AGE)
    assert list(definition(brought).by_link_id) == ["age"]
    assert noted(brought)["record_id"].startswith("the number of the record")
