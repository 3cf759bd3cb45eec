"""Hands notices to staff over, each claimed by one worker at a time.

Not held up by pauses, quiet hours or closed days: those are about patients' messages.
A notice may go twice where a worker dies in between; a doctor who is told twice is
better than one who is not.
"""

import logging
import uuid
from datetime import datetime, timedelta
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from clinic import clock, doorbell
from clinic.models import Clinic
from outcomes.alerts import telling
from outcomes.follow_ups.channels import connections, email, mailbox, sms
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.channels.sms_text import Text
from outcomes.models import Alert, AlertNotice

logger = logging.getLogger(__name__)

State, Channel = AlertNotice.State, AlertNotice.Channel
# A provider answers within half a minute, or not at all.
LEASE = timedelta(seconds=90)
AT_ONCE = 100
MOST_ATTEMPTS = 12
# Between attempts: soon at first, and never more than five minutes.
SHORTEST, LONGEST = timedelta(seconds=20), timedelta(minutes=5)
GONE = "nobody needs to be told any more"


def due(clinic: Clinic, now: datetime) -> QuerySet[AlertNotice]:
    return AlertNotice.objects.filter(_claimable(now), clinic=clinic).order_by(
        "created_at"
    )


def _claimable(now: datetime) -> Q:
    """What waits, and what somebody took and never came back with."""
    waits = Q(state__in=AlertNotice.CLAIMABLE, next_attempt_at__lte=now)
    return waits | Q(state=State.SENDING, lease_until__lte=now)


def send_due(clinic: Clinic, now: datetime) -> None:
    """Ring for each, or hand it over here where there is no broker."""
    for notice_id in list(due(clinic, now).values_list("pk", flat=True)[:AT_ONCE]):
        if settings.REDIS_URL:
            doorbell.ring(telling.TASK, notice_id)
        else:
            deliver(notice_id)


def deliver(notice_id: UUID) -> str | None:
    """Claim, hand over outside any transaction, record; None where it was not ours."""
    now, lease = clock.now(), uuid.uuid4()
    mine = AlertNotice.objects.filter(_claimable(now), pk=notice_id)
    taken = mine.update(
        state=State.SENDING,
        lease=lease,
        lease_until=now + LEASE,
        attempts=F("attempts") + 1,
        next_attempt_at=None,
    )
    if not taken:
        return None
    notice = AlertNotice.objects.select_related("alert", "clinic", "to").get(
        pk=notice_id
    )
    if not _is_wanted(notice):
        return _record(notice, lease, State.CANCELLED, error=GONE)
    return _recorded(notice, lease, _hand_over(notice))


def _is_wanted(notice: AlertNotice) -> bool:
    alert = notice.alert
    is_open = alert.state == Alert.State.OPEN and not alert.is_snoozed
    return is_open and alert.round == notice.round


def _hand_over(notice: AlertNotice) -> Outcome:
    try:
        if notice.channel == Channel.SMS:
            return sms.provider_of(notice.clinic).send(_text(notice))
        return email.hand_over(_letter(notice))
    except Exception as error:
        # Its text may hold a number; whether it went, nobody knows.
        name = type(error).__name__
        logger.error("notice %s: %s", notice.pk, name)
        return Outcome(Verdict.TRY_LATER, f"failed with {name}")


def _recorded(notice: AlertNotice, lease: UUID, outcome: Outcome) -> str | None:
    if outcome.verdict == Verdict.ACCEPTED:
        return _record(
            notice,
            lease,
            State.SENT,
            sent_at=clock.now(),
            provider_ref=outcome.provider_ref,
        )
    logger.warning("notice %s: %s", notice.pk, outcome.detail)
    is_over = notice.attempts >= MOST_ATTEMPTS
    if outcome.verdict == Verdict.REFUSED or is_over:
        return _record(notice, lease, State.FAILED, error=outcome.detail[:80])
    wait = max(_wait(notice.attempts), outcome.retry_after or SHORTEST)
    return _record(
        notice,
        lease,
        State.RETRY_WAIT,
        error=outcome.detail[:80],
        next_attempt_at=clock.now() + min(wait, LONGEST),
    )


def _wait(attempts: int) -> timedelta:
    return min(SHORTEST * 2 ** min(attempts - 1, 5), LONGEST)


def _record(notice: AlertNotice, lease: UUID, state: str, **columns: Any) -> str | None:
    """None where the lease ran out and is another's."""
    mine = AlertNotice.objects.filter(pk=notice.pk, lease=lease, state=State.SENDING)
    kept = mine.update(state=state, lease=None, lease_until=None, **columns)
    if kept and state == State.FAILED:
        _not_reached(notice)
    return state if kept else None


def _not_reached(notice: AlertNotice) -> None:
    """Who cannot be reached at all is not waited for: the next person is told now."""
    others = AlertNotice.objects.filter(
        alert=notice.alert_id, round=notice.round, step=notice.step
    ).exclude(state=State.FAILED)
    if others.exists():
        return
    Alert.objects.filter(
        pk=notice.alert_id,
        state=Alert.State.OPEN,
        round=notice.round,
        step=notice.step,
        step__lt=telling.EVERYBODY,
    ).update(next_action_at=clock.now())


def words(notice: AlertNotice) -> str:
    """Nothing of the patient, of the answer, or of what the clinic treats."""
    url = f"{settings.SITE_URL}{reverse('outcomes:alerts')}"
    if notice.alert.is_urgent:
        return f"Mendline: an urgent answer waits. Open {url}"
    return f"Mendline: an answer waits to be looked at today. Open {url}"


def _text(notice: AlertNotice) -> Text:
    clinic = notice.clinic
    return Text(
        message_id=notice.pk,
        clinic_id=clinic.pk,
        sender=clinic.sms_sender,
        to=sms.number_of(notice.address, clinic),
        body=words(notice),
        mark=str(notice.pk),
    )


def _letter(notice: AlertNotice) -> EmailMultiAlternatives:
    clinic = notice.clinic
    backend = email.backend_of(clinic)
    host = urlsplit(settings.SITE_URL).hostname
    is_kept = backend == email.MAILBOX
    return EmailMultiAlternatives(
        subject=words(notice).partition(" Open ")[0],
        body=f"{words(notice)}\n\n{clinic.name}\n",
        from_email=formataddr((clinic.sender_name, settings.DEFAULT_FROM_EMAIL)),
        to=[notice.address],
        headers={
            "Message-ID": f"<{notice.pk}@{host}>",
            "Date": format_datetime(clock.now()),
            "Auto-Submitted": "auto-generated",
            **({mailbox.CLINIC_HEADER: str(clinic.pk)} if is_kept else {}),
        },
        connection=connections.to(backend),
    )
