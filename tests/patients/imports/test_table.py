"""A list as CSV: what can be read, and how what cannot is told."""

import pytest

from patients.models import PatientImport
from patients.record.imports import content, table
from patients.record.imports.refusals import ImportFileError


def read(tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with table.opened(path) as lines:
        return lines.header, list(lines.rows())


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_separator_is_found(tmp_path, mark):
    text = f"MRN{mark}Name\nA1{mark}Rosa\n"
    assert read(tmp_path, text) == (["MRN", "Name"], [(2, ["A1", "Rosa"])])


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    header, _ = read(tmp_path, b"\xef\xbb\xbfMRN,Name\nA1,Rosa\n")
    assert header == ["MRN", "Name"]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path):
    _, rows = read(tmp_path, 'MRN,Note\nA1,"two\nlines"\n,\n\nA2,\n')
    assert rows == [(2, ["A1", "two\nlines"]), (5, ["A2", ""])]


def test_columns_without_a_name_or_with_the_same_can_be_told_apart(tmp_path):
    header, _ = read(tmp_path, "MRN,,Phone,Phone\nA1,x,1,2\n")
    assert header == ["MRN", "Column 2", "Phone", "Phone (2)"]


def test_empty_cells_beyond_the_header_are_no_fault(tmp_path):
    header, rows = read(tmp_path, "MRN,Name,,\nA1,Rosa,,\n")
    assert (header, rows) == (["MRN", "Name"], [(2, ["A1", "Rosa"])])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n\nA1,x\n", "Row 1 is empty"),
        ("A1,1957-03-14,rosa@example.org\n", "“1957-03-14” looks like a value"),
        ("A1,Rosa,x@example.org\n", "“x@example.org” looks like a value"),
        (",".join(f"c{n}" for n in range(300)), "has 300 columns; a list may have 200"),
        (
            ",".join("c" * 10 for _ in range(100_000)),
            "has far too many columns; a list may have 200",
        ),
        ('MRN,Name\nA1,"never closed\nA2,x\n', "Row 2 is not valid CSV"),
        ('MRN,Name\nA1,"a"b"\n', "Row 2 is not valid CSV"),
    ],
)
def test_a_list_at_fault_says_where_and_what_to_do(tmp_path, text, message):
    with pytest.raises(ImportFileError) as told:
        read(tmp_path, text)
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf \n", "The file is empty"),
        (b"MRN,Name\nA1,Jos\xe9\n", "Line 2 is not UTF-8"),
        (b"MRN,Name\nA1,Jos\xc3", "Line 2 is not UTF-8"),
        (b"MRN,Name\nA1,\0\n", "Line 2 holds a NUL byte"),
        ("MRN,Name\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
    ],
)
def test_what_is_no_text_is_refused_by_its_content(tmp_path, held, message):
    path = tmp_path / "patients.csv"
    path.write_bytes(held)
    with pytest.raises(ImportFileError) as told:
        content.kind_of(path)
    assert message in str(told.value)


def test_the_kind_is_told_by_the_content_and_not_by_the_name(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text('\n  {"resourceType": "Bundle"}')
    assert content.kind_of(path) == PatientImport.Kind.FHIR
    path.write_text("MRN,Name\nA1,Rosa\n")
    assert content.kind_of(path) == PatientImport.Kind.CSV


def test_a_letter_that_lies_across_two_pieces_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "_AT_ONCE", 3)
    path = tmp_path / "list.csv"
    path.write_text("ññññ,ñ\n")
    assert content.kind_of(path) == PatientImport.Kind.CSV
