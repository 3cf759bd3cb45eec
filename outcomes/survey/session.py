"""Remembers, in a signed cookie of its own, who confirmed their date of birth.

It is not the staff session and knows nothing but one survey request.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from outcomes.models import Link, SurveyRequest

SALT = "outcomes.survey.session"
FORM_SALT = "outcomes.survey.form"
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class SurveySession:
    """Times are in UTC."""

    request_id: UUID
    language: str
    began_at: datetime
    seen_at: datetime

    @classmethod
    def start(cls, request: SurveyRequest, *, at: datetime) -> Self:
        return cls(request.pk, request.language, at, at)

    @property
    def form_token(self) -> str:
        """Stands in every form: a page left open may not answer another survey."""
        return salted_hmac(FORM_SALT, str(self.request_id)).hexdigest()

    def owns_form(self, token: str) -> bool:
        return constant_time_compare(token, self.form_token)

    def is_alive(self, at: datetime) -> bool:
        return self.seen_at > at - IDLE and self.began_at > at - ABSOLUTE

    def was_replaced(self) -> bool:
        """Whether staff ended the link it was begun with by sending a new one."""
        links = Link.objects.filter(request=self.request_id)
        return links.filter(revoked_at__gt=self.began_at).exists()

    def speaking(self, language: str) -> Self:
        return replace(self, language=language)

    def to_cookie(self) -> dict[str, Any]:
        return {
            "request": str(self.request_id),
            "language": self.language,
            "began": self.began_at.timestamp(),
            "seen": int(self.seen_at.timestamp()),
        }

    @classmethod
    def from_cookie(cls, content: dict[str, Any]) -> Self:
        return cls(
            request_id=UUID(content["request"]),
            language=content["language"],
            began_at=datetime.fromtimestamp(content["began"], UTC),
            seen_at=datetime.fromtimestamp(content["seen"], UTC),
        )


def cookie_name() -> str:
    """Under https the prefix binds it to this very host."""
    return "__Host-survey" if settings.IS_HTTPS else "survey"


def read(http: HttpRequest, *, at: datetime) -> SurveySession | None:
    """The session of this browser; none if it is forged or has run out."""
    try:
        content = signing.loads(http.COOKIES.get(cookie_name(), ""), salt=SALT)
    except signing.BadSignature:
        return None
    session = SurveySession.from_cookie(content)
    return session if session.is_alive(at) else None


def keep(response: HttpResponse, session: SurveySession, *, at: datetime) -> None:
    """Hand the session to the browser, seen just now."""
    content = replace(session, seen_at=at).to_cookie()
    response.set_cookie(
        cookie_name(),
        signing.dumps(content, salt=SALT),
        max_age=IDLE,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def clear(response: HttpResponse) -> None:
    response.delete_cookie(cookie_name(), samesite="Lax")
