"""The secret of a survey link: derived from its message, kept nowhere but in it."""

import base64
import functools
import hashlib
import hmac
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from outcomes.models import Link, Message, SurveyRequest

# 128 bits, as 22 characters.
TOKEN_BYTES = 16
_ANY = "any-token"


def token_for(message_id: UUID) -> str:
    """Always the same for a message, so that a retry carries the same link."""
    digest = hmac.new(
        settings.LINK_KEY.encode(), str(message_id).encode(), hashlib.sha256
    ).digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).rstrip(b"=").decode()


def sha256_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def url_for(message: Message) -> str:
    return f"{settings.SITE_URL}{_place().replace(_ANY, token_for(message.pk))}"


@functools.cache
def _place() -> str:
    """Where links lead; asked once, for the answer takes longer than the rest."""
    return reverse("outcomes:enter", args=[_ANY])


def find(token: str) -> Link | None:
    """The link, also one that is expired or revoked: whoever asks must look."""
    return (
        Link.objects.select_related(
            "request__patient__clinic", "request__patient__merged_into"
        )
        .filter(token_sha256=sha256_of(token))
        .first()
    )


@transaction.atomic
def is_live(message: Message) -> bool:
    """Whether the message's link was not replaced; made again under another LINK_KEY.

    The survey is held, as whoever replaces its links holds it. A copy that went out
    under the former key keeps its own link.
    """
    request = SurveyRequest.objects.select_for_update().get(pk=message.request_id)
    sha256 = sha256_of(token_for(message.pk))
    stored = request.links.filter(token_sha256=sha256).first()
    if stored:
        return stored.revoked_at is None
    # A link is written in the same moment as its message.
    former = request.links.filter(created_at=message.created_at)
    if former.exclude(revoked_at=None).exists():
        return False
    Link.objects.create(
        clinic_id=message.clinic_id,
        request=request,
        token_sha256=sha256,
        expires_at=request.closes_at,
        created_at=message.created_at,
    )
    return True
