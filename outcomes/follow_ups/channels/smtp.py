"""Django's SMTP backend, which notices a silence after the content was sent."""

import smtplib
import socket
import time
from collections.abc import Sequence
from typing import Any

from django.core.mail.backends import smtp


class UnansweredError(smtplib.SMTPException):
    """The content went out and the server never said what it made of it."""


# A server that is there answers the connection at once.
CONNECT_SECONDS = 5.0
LAST_MOMENT = 0.01


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
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SMTPOverTLS if self.use_ssl else _SMTP


def code_of(error: smtplib.SMTPException) -> int:
    """The reply code an error carries, 0 where it has none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes: Sequence[int] = [code for code, _ in error.recipients.values()]
        return min(codes, default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0
