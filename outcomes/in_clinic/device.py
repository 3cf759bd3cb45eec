"""The cookie by which a browser is a tablet of the clinic: no sign-in, no patient."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from outcomes.follow_ups.channels import tokens
from outcomes.models import Tablet

SALT = "outcomes.in_clinic.device"
# As long as browsers keep any; an admin ends it earlier.
KEPT_FOR = timedelta(days=400)
SECRET_BYTES = 32


def cookie_name() -> str:
    """Under https the prefix binds it to this very host."""
    return "__Host-tablet" if settings.IS_HTTPS else "tablet"


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def read(http: HttpRequest) -> Tablet | None:
    """The tablet that this browser is; none once an admin has ended it."""
    try:
        secret = signing.loads(http.COOKIES.get(cookie_name(), ""), salt=SALT)
    except signing.BadSignature:
        return None
    return (
        Tablet.objects.filter(
            device_sha256=tokens.sha256_of(str(secret)), revoked_at=None
        )
        .select_related(
            *("clinic", "request__clinic", "request__patient__clinic"),
            "request__patient__merged_into__clinic",
        )
        .first()
    )


def keep(response: HttpResponse, secret: str) -> None:
    response.set_cookie(
        cookie_name(),
        signing.dumps(secret, salt=SALT),
        max_age=KEPT_FOR,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def shared_name() -> str:
    """Of a screen that staff handed over: no page of a patient's own opens there."""
    return "__Host-shared" if settings.IS_HTTPS else "shared"


def share(response: HttpResponse, for_: timedelta) -> None:
    response.set_cookie(
        shared_name(),
        "1",
        max_age=for_,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
