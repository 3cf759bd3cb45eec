"""What an attached report really is, told by its first bytes and never by its name."""

import os
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

import puremagic
from django.core.exceptions import ValidationError

MOST_BYTES = 10 * 1024 * 1024
NAME_LENGTH = 160
# Enough for every signature; the rest cannot change what a viewer takes it for.
HEAD = 64 * 1024
PDF_MARK = b"%PDF-"
FIELD = "file"


@dataclass(frozen=True, slots=True)
class FileType:
    content_type: str
    signatures: tuple[bytes, ...]
    endings: tuple[str, ...]


TYPES = (
    FileType("application/pdf", (PDF_MARK,), (".pdf",)),
    FileType("image/png", (b"\x89PNG\r\n\x1a\n",), (".png",)),
    FileType("image/jpeg", (b"\xff\xd8\xff",), (".jpg", ".jpeg")),
    FileType("image/tiff", (b"II*\0", b"MM\0*"), (".tif", ".tiff")),
)
ACCEPTED = "PDF, PNG, JPEG or TIFF"


def sniff(content: bytes) -> FileType:
    """ValidationError says in words what was handed in instead."""
    if not content:
        raise refusal("The file is empty.")
    if len(content) > MOST_BYTES:
        raise too_large()
    known = _known_as(content[:HEAD])
    for kind in TYPES:
        # A signature further in would let a web page or a program lead the way.
        if content.startswith(kind.signatures) and kind.content_type in known:
            return kind
    raise refusal(_what_instead(content[:HEAD], known))


def too_large() -> ValidationError:
    limit = MOST_BYTES // 1024 // 1024
    return refusal(f"The file is larger than {limit} MB; attach the report alone.")


def refusal(words: str) -> ValidationError:
    return ValidationError({FIELD: words})


def safe_name(name: str, kind: FileType) -> str:
    """The name it came with, without path, control and direction characters.

    Its ending is that of what it is: a PDF called scan.exe becomes scan.exe.pdf.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in name)
    stem, ending = os.path.splitext(" ".join(name.split()).strip(". "))
    if ending.lower() not in kind.endings:
        stem, ending = stem + ending, kind.endings[0]
    return (stem[: NAME_LENGTH - len(ending)] or "report") + ending


def disposition(name: str) -> str:
    """Content-Disposition with a plain name for old programs and the whole one."""
    stem, ending = os.path.splitext(name)
    decomposed = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", decomposed).strip(". ") or "report"
    plain += ending
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _known_as(head: bytes) -> set[str]:
    try:
        return {match.mime_type for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return set()


def _what_instead(head: bytes, known: set[str]) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if PDF_MARK in head and not head.startswith(PDF_MARK):
        return (
            "Something stands before the PDF; print it to a PDF anew and attach that."
        )
    if b"<svg" in start[:4096] or "image/svg+xml" in known:
        return f"This is an SVG drawing, which can hold programs; attach a {ACCEPTED}."
    if start.startswith((b"<!doctype html", b"<html", b"<script", b"<head")):
        return f"This is a web page, whatever its name says; attach a {ACCEPTED}."
    return f"This is no {ACCEPTED} file, whatever its name says."
