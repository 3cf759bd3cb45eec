"""Remembers, in a signed cookie of its own, who confirmed their date of birth.

It is not the staff session and knows nothing but one survey request. Each scope has
a cookie of its own: who may answer a survey may not read, and the other way round.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from outcomes.models import Link, SurveyRequest


@dataclass(frozen=True, slots=True)
class Scope:
    """What a session is for, and how long it lives: unused, and at most."""

    name: str
    idle: timedelta
    absolute: timedelta

    @property
    def salt(self) -> str:
        return f"outcomes.{self.name}.session"

    @property
    def form_salt(self) -> str:
        return f"outcomes.{self.name}.form"


SURVEY = Scope("survey", idle=timedelta(minutes=30), absolute=timedelta(hours=4))
# The patient's own page shows what was answered: it closes sooner.
OWN_PAGE = Scope("own_page", idle=timedelta(minutes=15), absolute=timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class SurveySession:
    """Times are in UTC."""

    request_id: UUID
    language: str
    began_at: datetime
    seen_at: datetime
    scope: Scope = SURVEY

    @classmethod
    def start(
        cls, request: SurveyRequest, *, at: datetime, scope: Scope = SURVEY
    ) -> Self:
        return cls(request.pk, request.language, at, at, scope)

    @property
    def form_token(self) -> str:
        """Stands in every form: a page left open may not answer another survey.

        One a survey, so that it also tells what is sent a second time.
        """
        return signing.Signer(salt=self.scope.form_salt).sign(str(self.request_id))

    def owns_form(self, token: str) -> bool:
        return constant_time_compare(token, self.form_token)

    def is_alive(self, at: datetime) -> bool:
        is_used = self.seen_at > at - self.scope.idle
        return is_used and self.began_at > at - self.scope.absolute

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
    def from_cookie(cls, content: dict[str, Any], scope: Scope) -> Self:
        return cls(
            request_id=UUID(content["request"]),
            language=content["language"],
            began_at=datetime.fromtimestamp(content["began"], UTC),
            seen_at=datetime.fromtimestamp(content["seen"], UTC),
            scope=scope,
        )


def request_of_form(token: str, scope: Scope = SURVEY) -> UUID | None:
    """The survey that a form was made for, though its session may be over."""
    try:
        return UUID(signing.Signer(salt=scope.form_salt).unsign(token))
    except signing.BadSignature:
        return None


def cookie_name(scope: Scope = SURVEY) -> str:
    """Under https the prefix binds it to this very host."""
    return f"__Host-{scope.name}" if settings.IS_HTTPS else scope.name


def read(
    http: HttpRequest, *, at: datetime, scope: Scope = SURVEY
) -> SurveySession | None:
    """The session of this browser; none if it is forged or has run out."""
    cookie = http.COOKIES.get(cookie_name(scope), "")
    try:
        content = signing.loads(cookie, salt=scope.salt)
    except signing.BadSignature:
        return None
    session = SurveySession.from_cookie(content, scope)
    return session if session.is_alive(at) else None


def keep(response: HttpResponse, session: SurveySession, *, at: datetime) -> None:
    """Hand the session to the browser, seen just now."""
    content = replace(session, seen_at=at).to_cookie()
    response.set_cookie(
        cookie_name(session.scope),
        signing.dumps(content, salt=session.scope.salt),
        max_age=session.scope.idle,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def clear(response: HttpResponse, scope: Scope = SURVEY) -> None:
    response.delete_cookie(cookie_name(scope), samesite="Lax")
