"""What we write ourselves is, byte for byte, what Django would have written."""

import re

import pytest
from django.core.mail import EmailMultiAlternatives

from outcomes.follow_ups.channels import mime

HEADERS = {"Message-ID": "<0198@localhost>", "Date": "Sun, 29 Nov 2026 17:00:00 +0000"}


def make_letter(**changes: object) -> EmailMultiAlternatives:
    fields = {
        "subject": "A few questions from Lakeview",
        "body": "Hello,\n\nFrom here:\r\n.\nhttps://x.example/s/abc\n",
        "from_email": "Lakeview <follow-up@x.example>",
        "to": ["marta@example.org"],
        "headers": HEADERS,
    }
    html = changes.pop("html", "<p>Hello</p>\n")
    letter = EmailMultiAlternatives(**{**fields, **changes})
    letter.attach_alternative(html, "text/html")
    return letter


def neutral(content: bytes) -> bytes:
    """With the boundary, which is another one each time, taken out."""
    boundary = re.search(rb'boundary="([^"]+)"', content)[1]
    return content.replace(boundary, b"-")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"subject": "Unas preguntas de la clínica", "body": "¿Cómo está?"},
        {"from_email": '"Müller, \\"M\\" & Söhne" <a@x.example>'},
        {"from_email": '"Smith, J." <a@x.example>'},
        {"to": ["josé@exámple.org"]},
        {"to": ["o'brien+spine@example.co.uk"]},
        {"subject": "A very long subject, " * 6},
        {"body": "y" * 1200},
        {"html": "<p>¿Cómo está?</p>"},
        {"body": ""},
        {"cc": ["other@example.org"]},
        {"headers": {**HEADERS, "From": "else@example.org"}},
    ],
)
def test_a_letter_is_written_as_django_writes_it(changes):
    letter = make_letter(**changes)
    theirs = letter.message().as_bytes(linesep="\r\n")
    assert neutral(mime.content_of(letter)) == neutral(theirs)


@pytest.mark.parametrize("field", ["subject", "from_email", "to"])
def test_nobody_adds_a_header(field):
    value = "a@example.org\nBcc: all@example.org"
    letter = make_letter(**{field: [value] if field == "to" else value})
    with pytest.raises(ValueError, match="newline"):
        mime.content_of(letter)


def test_an_ordinary_letter_is_written_here(monkeypatch):
    monkeypatch.setattr(EmailMultiAlternatives, "message", None)
    assert b"Hello" in mime.content_of(make_letter())


@pytest.mark.parametrize("written", ["marta@example.org", "josé@exámple.org"])
def test_an_address_is_as_django_would_have_it(written):
    assert mime.address_of(written) == mime.sanitize_address(written, "utf-8")


@pytest.mark.parametrize("written", ["a\nb@example.org", "a@b, c@d.org"])
def test_what_is_no_address_is_refused(written):
    with pytest.raises(ValueError):  # noqa: PT011  Django's words
        mime.address_of(written)
