"""The secrets in a message's links: derived from it, kept nowhere but in it.

One leads to the survey, the other to the page that asks whether to stop the e-mails.
"""

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
# Another purpose, so that no link of one kind is one of the other.
_STOP = "stop:"
_ANY = "any-token"


def token_for(message_id: UUID) -> str:
    """Always the same for a message, so that a retry carries the same link."""
    return _written(_digest(str(message_id)))


def stop_token_for(message_id: UUID) -> str:
    """Names its message and proves that we wrote it, so that nothing is stored."""
    return _written(message_id.bytes + _digest(f"{_STOP}{message_id}"))


def message_to_stop(token: str) -> UUID | None:
    """The message that a stop token is of; None where it is none of ours."""
    try:
        named = base64.urlsafe_b64decode(f"{token}=")[:TOKEN_BYTES]
        message_id = UUID(bytes=named)
    except ValueError:
        return None
    # Compared as it is written: an encoding is not unique, and what is not ASCII
    # cannot be compared at all.
    own = stop_token_for(message_id).encode()
    return message_id if hmac.compare_digest(own, token.encode()) else None


def _digest(text: str) -> bytes:
    key = settings.LINK_KEY.encode()
    return hmac.new(key, text.encode(), hashlib.sha256).digest()[:TOKEN_BYTES]


def _written(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def sha256_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def url_for(message: Message) -> str:
    place = _place("outcomes:enter").replace(_ANY, token_for(message.pk))
    return f"{settings.SITE_URL}{place}"


def stop_url_for(message_id: UUID) -> str:
    place = _place("outcomes:stop_emails").replace(_ANY, stop_token_for(message_id))
    return f"{settings.SITE_URL}{place}"


@functools.cache
def _place(page: str) -> str:
    """Where links lead; asked once, for the answer takes longer than the rest."""
    return reverse(page, args=[_ANY])


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
