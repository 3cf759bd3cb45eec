"""A letter as the bytes that go over the wire, as Django would write it but sooner.

Django's way goes through a tree of parts, and costs more than all else about a message.
Only letters as ours are, a text and the same as HTML, are written here; whatever else a
letter holds, Django writes.
"""

import re
import secrets
from functools import lru_cache

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.message import (
    RFC5322_EMAIL_LINE_LENGTH_LIMIT,
    forbid_multi_line_headers,
    sanitize_address,
)

CHARSET = "utf-8"
LINE_END = "\r\n"
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_OWN_HEADERS = {"date", "message-id"}
_OTHER_HEADERS = {"from", "to", "subject", "cc", "reply-to", "content-type"}
# Beyond it a line is folded, which is left to Django.
_LONGEST_HEADER = 76


def content_of(letter: EmailMessage) -> bytes:
    """The whole letter, with the line ends of the wire."""
    written = None
    if isinstance(letter, EmailMultiAlternatives) and _is_plain(letter):
        written = _written(letter)
    # Django's own messages take the line end that they are asked for.
    return written or letter.message().as_bytes(linesep=LINE_END)  # type: ignore[call-arg]


def address_of(written: str) -> str:
    """As the envelope takes it; ValueError where it is none."""
    return written if _PLAIN_ADDRESS.fullmatch(written) else _sanitized(written)


@lru_cache(maxsize=128)
def _sanitized(written: str) -> str:
    return sanitize_address(written, CHARSET)


def _is_plain(letter: EmailMultiAlternatives) -> bool:
    if letter.encoding:
        return False
    names = {name.lower() for name in letter.extra_headers}
    more = (letter.attachments, letter.cc, letter.bcc, letter.reply_to)
    return (
        not any(more)
        and bool(letter.body)
        and len(letter.to) == 1
        and [kind for _, kind in letter.alternatives] == ["text/html"]
        and names >= _OWN_HEADERS
        and not names & _OTHER_HEADERS
    )


def _written(letter: EmailMultiAlternatives) -> bytes | None:
    """None where something in it is too long for one line."""
    boundary = f"=_{secrets.token_hex(16)}"
    headers = [
        _kept_header("Subject", letter.subject),
        _kept_header("From", letter.from_email),
        _header("To", letter.to[0]),
        *(_header(name, value) for name, value in letter.extra_headers.items()),
    ]
    ((html, _),) = letter.alternatives
    texts = (("plain", str(letter.body)), ("html", str(html)))
    parts = [_part(kind, text) for kind, text in texts]
    if any(len(one) > _LONGEST_HEADER for one in headers) or None in parts:
        return None
    head = [
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',
        "MIME-Version: 1.0",
        *headers,
        "",
    ]
    between = f"{LINE_END}--{boundary}"
    body = "".join(f"{between}{LINE_END}{part}" for part in parts)
    whole = f"{LINE_END.join(head)}{body}{between}--{LINE_END}"
    return whole.encode(CHARSET, "surrogateescape")


def _header(name: str, value: object) -> str:
    """BadHeaderError, a ValueError, where it would be more than one."""
    return ": ".join(forbid_multi_line_headers(name, str(value), CHARSET))


@lru_cache(maxsize=128)
def _kept_header(name: str, value: str) -> str:
    """Of those that a clinic's letters have in common."""
    return _header(name, value)


def _part(kind: str, text: str) -> str | None:
    lines = _LINE_ENDS.split(text)
    longest = max(len(line.encode(CHARSET, "surrogateescape")) for line in lines)
    if longest > RFC5322_EMAIL_LINE_LENGTH_LIMIT:
        return None
    head = (
        f'Content-Type: text/{kind}; charset="{CHARSET}"',
        "MIME-Version: 1.0",
        f"Content-Transfer-Encoding: {'7bit' if text.isascii() else '8bit'}",
        "",
    )
    return LINE_END.join((*head, *lines))
