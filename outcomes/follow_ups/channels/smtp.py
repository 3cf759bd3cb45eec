"""Django's SMTP backend, which notices a silence after the content was sent.

It can also keep its connection for the next letter.
"""

import functools
import smtplib
import socket
import time
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

from outcomes.follow_ups.channels.writing import (
    Letter,
    is_plain_address,
    written_out,
)


class UnansweredError(smtplib.SMTPException):
    """The content went out and the server never said what it made of it."""


# A server that is there answers the connection at once.
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 30.0
LAST_MOMENT = 0.01
# A server may have hung up on a connection that was not used for so long.
IDLE_SECONDS = 20.0
GOODBYE = 421
UTF_8 = "utf-8"


class _HasLittleTime:
    """smtplib waits as long as the timeout for each answer anew; this, for all."""

    def _get_socket(self: Any, host: str, port: int, timeout: float) -> socket.socket:
        self.ends_at = time.monotonic() + timeout
        connect: socket.socket = super()._get_socket(  # type: ignore[misc]
            host, port, min(timeout, CONNECT_SECONDS)
        )
        return connect

    def getreply(self: Any) -> tuple[int, bytes]:
        if self.sock:
            self.sock.settimeout(max(self.ends_at - time.monotonic(), LAST_MOMENT))
        answer: tuple[int, bytes] = super().getreply()  # type: ignore[misc]
        return answer


class _NoticesSilence:
    """smtplib reports a lost connection alike before and after the content."""

    def data(self: Any, msg: Any) -> tuple[int, bytes]:
        code, reply = self.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        try:
            self.send(_as_content(msg))
            answer: tuple[int, bytes] = self.getreply()
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise UnansweredError from error
        return answer


def _as_content(msg: bytes) -> bytes:
    """Lines that begin with a dot doubled, and the dot that ends the content."""
    quoted = b"\r\n".join(
        b"." + line if line.startswith(b".") else line for line in msg.splitlines()
    )
    return quoted + b"\r\n.\r\n"


class _SMTP(_NoticesSilence, _HasLittleTime, smtplib.SMTP):
    pass


class _SMTPOverTLS(_NoticesSilence, _HasLittleTime, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    # Whether the connection stays open until somebody closes it.
    is_kept = False
    _used_at = 0.0

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SMTPOverTLS if self.use_ssl else _SMTP

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with self._lock:
            return sum(self._send_one(letter) for letter in email_messages)

    def _send_one(self, letter: EmailMessage) -> bool:
        """Once more over a new connection, if the kept one turns out to be gone."""
        began = time.monotonic()
        if began - self._used_at > IDLE_SECONDS:
            self._drop()
        try:
            is_new = self.open()
            try:
                return self._attempt(letter, began)
            except smtplib.SMTPException as error:
                if is_new or not _was_hung_up(error, began):
                    raise
            self.open()
            return self._attempt(letter, began)
        finally:
            self._used_at = time.monotonic()
            if not self.is_kept:
                self.close()

    def _attempt(self, letter: EmailMessage, began: float) -> bool:
        talk: Any = self.connection
        talk.ends_at = began + (self.timeout or TOTAL_SECONDS)
        content = _content_of(letter)
        try:
            talk.sendmail(
                _envelope_of(letter.from_email),
                [_recipient(address) for address in letter.recipients()],
                content,
            )
        except (smtplib.SMTPException, OSError):
            # After a refusal smtplib has reset the conversation, or hung up.
            if talk.sock is None:
                self._drop()
            raise
        return True

    def _drop(self) -> None:
        """Without a goodbye that nobody may be there to answer."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@functools.lru_cache(maxsize=256)
def _envelope_of(sender: str) -> str:
    """The same for all letters of a clinic."""
    return sanitize_address(sender, UTF_8)


def _recipient(address: str) -> str:
    return address if is_plain_address(address) else sanitize_address(address, UTF_8)


def _content_of(letter: EmailMessage) -> bytes:
    return letter.content() if isinstance(letter, Letter) else written_out(letter)


def _was_hung_up(error: smtplib.SMTPException, began: float) -> bool:
    """Before the content: silence after it is an UnansweredError.

    What took long was a server that hangs, and not one that had gone.
    """
    is_gone = isinstance(error, smtplib.SMTPServerDisconnected)
    is_quick = time.monotonic() - began < CONNECT_SECONDS
    return is_quick and (is_gone or code_of(error) == GOODBYE)


def code_of(error: smtplib.SMTPException) -> int:
    """The reply code an error carries, 0 where it has none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes: Sequence[int] = [code for code, _ in error.recipients.values()]
        return min(codes, default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0
