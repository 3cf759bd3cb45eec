"""The secret of a survey link: derived from its message, kept nowhere but in it."""

import base64
import hashlib
import hmac
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from outcomes.models import Link, Message

# 128 bits, as 22 characters.
TOKEN_BYTES = 16


def token_for(message_id: UUID) -> str:
    """Always the same for a message, so that a retry carries the same link."""
    digest = hmac.new(
        settings.LINK_KEY.encode(), str(message_id).encode(), hashlib.sha256
    ).digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).rstrip(b"=").decode()


def sha256_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def url_for(message: Message) -> str:
    path = reverse("outcomes:enter", args=[token_for(message.pk)])
    return f"{settings.SITE_URL}{path}"


def find(token: str) -> Link | None:
    """The link, also one that is expired or revoked: whoever asks must look."""
    return (
        Link.objects.select_related("request__patient__clinic")
        .filter(token_sha256=sha256_of(token))
        .first()
    )
