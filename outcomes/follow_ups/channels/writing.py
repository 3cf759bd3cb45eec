"""Django's e-mail, written out in less time; the bytes mean the same.

The letters of a clinic differ in little more than a link. What they have in common is
written once, and the others are cast from that form.
"""

import functools
import re
from email.message import Message as MIMEMessage
from email.policy import Compat32
from typing import Any, NamedTuple
from uuid import UUID

from django.core.mail import EmailMessage, EmailMultiAlternatives

LONGEST_LINE = 78
# More may not stand in a line by any means (RFC 5322, 2.1.1).
MOST_IN_A_LINE = 998
HTML = "text/html"
# What needs no quoting in a header, as nearly all addresses.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")
# Stand in a form for what is each letter's own; as long as that, where it is in the
# text, so that the form is encoded as the letter would be.
_ANY_ID = str(UUID(int=0))
_ANY_LINK = "stand-in-for-the-token"
_ANY_STOP = "stand-in-for-what-stops-the-mails-of-anybod"
_ANY_DATE = "Thu, 01 Jan 1970 00:00:00 +0000"
_ANYBODY = "to@stand-in.invalid"


class PlainHeaders(Compat32):
    """Folds only what needs it: looking for places to fold took longer than sending."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if isinstance(value, str) and _is_plain(name, value):
            return f"{name}: {value}{self.linesep}".encode("ascii")
        folded: bytes = super().fold_binary(name, value)
        return folded


def _is_plain(name: str, value: str) -> bool:
    # What has no blank, such as an address, cannot be folded inside.
    most = LONGEST_LINE if " " in value else MOST_IN_A_LINE
    is_short = len(name) + len(value) + 2 <= most
    return is_short and value.isascii() and value.isprintable()


PLAIN_HEADERS = PlainHeaders()


class Letter(EmailMultiAlternatives):
    """The e-mail of one message, whose id and tokens no text of it else contains."""

    def __init__(self, message_id: UUID, token: str, stop: str, **told: Any) -> None:
        super().__init__(**told)
        self._id, self._token, self._stop = str(message_id), token, stop

    def message(self) -> MIMEMessage:  # type: ignore[override]
        """With a boundary that need not be sought in the parts."""
        written: Any = super().message()
        written.policy = PLAIN_HEADERS
        written.set_boundary(f"part-{self._id}")
        return written

    def content(self) -> bytes:
        """What goes over the wire."""
        (recipient,) = self.to
        if not self._has_common_lengths or not is_plain_address(recipient):
            return written_out(self)
        form = _cast(self._form())
        if form is None:
            return written_out(self)
        content = form
        for stand_in, own in (
            (_ANY_ID, self._id),
            (_ANY_LINK, self._token),
            (_ANY_STOP, self._stop),
            (_ANY_DATE, self.extra_headers["Date"]),
            (_ANYBODY, recipient),
        ):
            content = content.replace(stand_in.encode(), own.encode())
        return content

    @property
    def _has_common_lengths(self) -> bool:
        tokens = (self._token, self._stop)
        return [len(one) for one in tokens] == [len(_ANY_LINK), len(_ANY_STOP)]

    def _form(self) -> "_Form":
        ((html, _),) = self.alternatives
        headers = {**self.extra_headers, "Date": _ANY_DATE}
        headers["Message-ID"] = headers["Message-ID"].replace(self._id, _ANY_ID)
        way_out = headers["List-Unsubscribe"]
        headers["List-Unsubscribe"] = way_out.replace(self._stop, _ANY_STOP)
        return _Form(
            str(self.subject),
            self.body.replace(self._token, _ANY_LINK),
            str(html).replace(self._token, _ANY_LINK),
            self.from_email,
            tuple(headers.items()),
        )


class _Form(NamedTuple):
    subject: str
    body: str
    html: str
    from_email: str
    headers: tuple[tuple[str, str], ...]


@functools.lru_cache(maxsize=256)
def _cast(form: _Form) -> bytes | None:
    """None where the encoding, as of a very long line, breaks what stands in."""
    letter = Letter(
        UUID(_ANY_ID),
        _ANY_LINK,
        _ANY_STOP,
        subject=form.subject,
        body=form.body,
        from_email=form.from_email,
        to=[_ANYBODY],
        headers=dict(form.headers),
    )
    letter.attach_alternative(form.html, HTML)
    content = written_out(letter)
    links = form.body.count(_ANY_LINK) + form.html.count(_ANY_LINK)
    is_whole = content.count(_ANY_LINK.encode()) == links
    return content if is_whole and content.count(_ANY_STOP.encode()) == 1 else None


def written_out(letter: EmailMessage) -> bytes:
    """As Django does it, with the line ends of the wire."""
    written: Any = letter.message()
    content: bytes = written.as_bytes(linesep="\r\n")
    return content


def is_plain_address(address: str) -> bool:
    return len(address) <= LONGEST_LINE and bool(_PLAIN_ADDRESS.fullmatch(address))
