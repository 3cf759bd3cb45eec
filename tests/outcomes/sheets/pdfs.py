"""What a PDF says, read back."""

import io

from django.http import HttpResponse
from pypdf import PdfReader


def reader(content: bytes | HttpResponse) -> PdfReader:
    if isinstance(content, HttpResponse):
        assert content["Content-Type"] == "application/pdf", content.content[:200]
        content = content.content
    return PdfReader(io.BytesIO(content))


def text(content: bytes | HttpResponse) -> str:
    """All pages, each run of spaces and line ends as one space."""
    pages = reader(content).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def size(content: bytes | HttpResponse) -> tuple[int, int]:
    """Of the first page, in points."""
    box = reader(content).pages[0].mediabox
    return round(box.width), round(box.height)
