"""What an uploaded file is, told by what stands in it and never by its name."""

import codecs
from pathlib import Path

from patients.models import PatientImport
from patients.record.imports.refusals import ImportFileError

LARGEST = 50 * 1024 * 1024
_AT_ONCE = 1 << 20
_AS_CSV = "In Excel choose Save as, “CSV UTF-8 (comma delimited)”."
_NOT_FOR_US = (
    (b"PK\x03\x04", f"This is an Excel workbook or a zip file. {_AS_CSV}"),
    (b"\xd0\xcf\x11\xe0", f"This is an old Excel workbook. {_AS_CSV}"),
    (b"%PDF", "This is a PDF. Export the list as CSV instead."),
    (b"\x1f\x8b", "This file is compressed with gzip. Unpack it first."),
    (codecs.BOM_UTF16_LE, f"This file is UTF-16, not UTF-8. {_AS_CSV}"),
    (codecs.BOM_UTF16_BE, f"This file is UTF-16, not UTF-8. {_AS_CSV}"),
)


def kind_of(path: Path) -> PatientImport.Kind:
    """A list or FHIR; ImportFileError where it is neither, or no text in UTF-8."""
    with path.open("rb") as file:
        beginning = file.read(512)
    refuse_other_kinds(beginning)
    check_text(path)
    text = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        raise ImportFileError("The file is empty.")
    is_json = text.startswith((b"{", b"["))
    return PatientImport.Kind.FHIR if is_json else PatientImport.Kind.CSV


def refuse_other_kinds(beginning: bytes) -> None:
    for mark, advice in _NOT_FOR_US:
        if beginning.startswith(mark):
            raise ImportFileError(advice)


def check_text(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            zero = piece.find(b"\0")
            if zero >= 0:
                raise no_text(line + piece.count(b"\n", 0, zero))
            check_encoding(decoder, piece, line)
            line += piece.count(b"\n")
    check_encoding(decoder, b"", line, is_end=True)


def check_encoding(
    decoder: codecs.IncrementalDecoder, piece: bytes, line: int, *, is_end: bool = False
) -> None:
    try:
        decoder.decode(piece, is_end)
    except UnicodeDecodeError as error:
        line += piece.count(b"\n", 0, error.start)
        raise ImportFileError(
            f"Line {line} is not UTF-8; letters such as é or ñ would come in wrong. "
            f"{_AS_CSV}"
        ) from None


def no_text(line: int) -> ImportFileError:
    return ImportFileError(
        f"Line {line} holds a NUL byte, so this is not a text file. {_AS_CSV}"
    )
