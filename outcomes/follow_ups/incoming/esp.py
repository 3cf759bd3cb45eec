"""What a mail provider's web service tells, read by django-anymail.

The library hands on what it has read by a signal. Here its views check and read, and
we are told by the call: what follows from a receipt can then be found by reading on.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from anymail import urls
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.base import AnymailCoreWebhookView
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest

from outcomes.follow_ups.incoming import mail, receipts
from outcomes.follow_ups.incoming.receipts import Event

TRACKING, INBOUND = "tracking", "inbound"
EVENTS: Mapping[str, Event] = {
    EventType.QUEUED: Event.ACCEPTED,
    EventType.SENT: Event.ACCEPTED,
    EventType.DELIVERED: Event.DELIVERED,
    EventType.BOUNCED: Event.NOT_DELIVERED,
    EventType.REJECTED: Event.NOT_DELIVERED,
    EventType.FAILED: Event.NOT_DELIVERED,
    EventType.COMPLAINED: Event.COMPLAINED,
    EventType.UNSUBSCRIBED: Event.COMPLAINED,
}
# Of what did not arrive, why: the rest says nothing of the address.
BY_REASON: Mapping[str, Event] = {
    RejectReason.BOUNCED: Event.BOUNCED,
    RejectReason.INVALID: Event.BOUNCED,
    RejectReason.UNSUBSCRIBED: Event.COMPLAINED,
}


class ForgedError(Exception):
    """The call is not signed, or nothing was set up to check it by."""


def take_receipts(http: HttpRequest, provider: str, at: datetime) -> None:
    for told in _told(http, provider, TRACKING):
        event = event_of(told)
        if event is not None and told.message_id:
            receipts.take(
                provider=provider,
                provider_ref=str(told.message_id),
                event=event,
                at=at,
                address=told.recipient or "",
            )


def take_mails(http: HttpRequest, provider: str, at: datetime) -> None:
    for told in _told(http, provider, INBOUND):
        mail.take(told.message.as_bytes(), at=at)


def event_of(told: AnymailTrackingEvent) -> Event | None:
    """None for what is none of our business, such as that a mail was opened."""
    event = EVENTS.get(told.event_type)
    if event == Event.NOT_DELIVERED:
        return BY_REASON.get(told.reject_reason, event)
    return event


def _told(
    http: HttpRequest, provider: str, kind: str
) -> Iterator[AnymailTrackingEvent]:
    try:
        view = _view(provider, kind)
        # Where the provider signs nothing, a secret in the address has to do.
        if view.warn_if_no_basic_auth and not view.basic_auth:
            raise ForgedError
        view.run_validators(http)
    except (AnymailWebhookValidationFailure, ImproperlyConfigured) as error:
        raise ForgedError from error
    yield from view.parse_events(http)


def _view(provider: str, kind: str) -> AnymailCoreWebhookView:
    """Of the one provider that we send by; no other has anything to tell."""
    names = (f"{provider}_{kind}_webhook", f"{provider}_webhook")
    known = {pattern.name: pattern.callback for pattern in urls.urlpatterns}
    found = next((known[name] for name in names if name in known), None)
    if found is None or provider != settings.EMAIL_PROVIDER:
        raise Http404("No such provider.")
    return found.view_class()
