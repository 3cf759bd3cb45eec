"""The file: its encoding, its header, its quotation marks, its row numbers."""

import pytest

from clinic.reference_data import ReferenceDataError
from outcomes.imports import mapping_file, source
from tests.outcomes.imports.running import MADE_UP, MADE_UP_CSV, changed

TEXT = MADE_UP_CSV.read_text(encoding="utf-8")


def lines(path, mapping=MADE_UP):
    with source.opened(path, mapping_file.read(mapping)) as opened:
        return list(opened)


def written(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path):
    head, rest = TEXT.split("\n", 1)
    path = written(tmp_path, f"{head}\n\n,,\n{rest}")
    found = lines(path)
    assert [number for number, _ in found][:3] == [4, 5, 6]


def test_a_line_break_in_a_cell_is_one_row(tmp_path):
    path = written(tmp_path, TEXT.replace("Quillfeather", '"Quill\nfeather"', 1))
    numbers = [number for number, _ in lines(path)]
    assert numbers == [*range(2, 10), *range(11, 16)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path, encoding):
    assert len(lines(written(tmp_path, TEXT.encode(encoding)))) == 13


def test_latin_1_is_said_and_the_line_named(tmp_path):
    path = written(tmp_path, TEXT.replace("Bramble", "Brâmble").encode("latin-1"))
    with pytest.raises(ReferenceDataError, match='line 6.*encoding = "latin-1" under'):
        lines(path)
    told = changed(MADE_UP, tmp_path, ("[csv]", '[csv]\nencoding = "latin-1"'))
    assert lines(path, told)[4][1][1] == "Brâmblecote"


def test_utf_16_is_said(tmp_path):
    path = written(tmp_path, TEXT.encode("utf-16"))
    with pytest.raises(ReferenceDataError, match='set encoding = "utf-16"'):
        lines(path)
    told = changed(MADE_UP, tmp_path, ("[csv]", '[csv]\nencoding = "utf-16"'))
    assert len(lines(path, told)) == 13


def test_other_delimiters_are_read(tmp_path):
    path = written(tmp_path, TEXT.replace(",", "\t"))
    tabs = changed(MADE_UP, tmp_path, ("[csv]", '[csv]\ndelimiter = "tab"'))
    assert len(lines(path, tabs)) == 13


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("\n" + TEXT, "file.csv: the first row is empty"),
        (TEXT.split("\n")[0], "file.csv: the file has a header and no rows"),
        (TEXT.split("\n")[0] + "\n\n,,,\n", "the file has a header and no rows"),
        (
            TEXT.replace("pain", "ache", 1),
            "no column 'pain', which .* measures, study_p",
        ),
        (
            TEXT.replace("surname", "name", 1),
            "no column 'surname'.*person, family_name",
        ),
        (TEXT.replace("function", "pain", 1), "column 'pain' stands twice; rename"),
        (TEXT.replace(",", ";"), 'row 1: set delimiter = ";" under'),
        (TEXT.replace("Ambergill", '"Ambergill', 1), "row 3: not valid CSV"),
        (TEXT.replace("Ambergill", '"Amber"gill', 1), "row 3: not valid CSV"),
        (b"\x00" * 5000, "no column 'person'"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(tmp_path, content, message):
    with pytest.raises(ReferenceDataError, match=message):
        lines(written(tmp_path, content))


def test_an_empty_file_and_no_file_are_told_apart(tmp_path):
    with pytest.raises(ReferenceDataError, match="file.csv: the file is empty"):
        source.fingerprint(written(tmp_path, ""))
    with pytest.raises(ReferenceDataError, match=r"cannot be read \(No such file"):
        source.fingerprint(tmp_path / "none.csv")
    with pytest.raises(ReferenceDataError, match=r"cannot be read \(Is a directory"):
        source.fingerprint(tmp_path)
