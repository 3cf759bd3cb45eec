"""Whom to tell of an alert, and whom next: rows that a worker hands over.

First who is on call, then the second person, then everybody who treats. It goes on
until somebody says that they look at it.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinic import clinics, doorbell
from clinic.access import Act
from clinic.models import Clinic, User
from outcomes.alerts import rota
from outcomes.alerts.on_call import OnCall
from outcomes.follow_ups.channels import sms
from outcomes.models import Alert, AlertNotice, AlertSettings, OnCallContact

logger = logging.getLogger(__name__)

Channel, State, Why = AlertNotice.Channel, AlertNotice.State, AlertNotice.Why
FIRST, SECOND, EVERYBODY = 1, 2, 3
AT_ONCE = 100
TASK = "outcomes.tell_staff"
# What is only soon stands in the inbox and calls nobody.
TOLD = (Alert.Severity.URGENT, Alert.Severity.TODAY)


def begin(alert: Alert, *, at: datetime) -> None:
    """Tell whoever is on call at that moment, in the transaction that raised it."""
    if alert.severity in TOLD:
        go_on(alert, at=at)


@transaction.atomic
def go_on(alert: Alert, *, at: datetime) -> bool:
    """The next step of telling people; False where somebody else took it."""
    clinic = alert.clinic
    people = clinics.who_may(clinic, Act.ACKNOWLEDGE_ALERTS).in_bulk()
    on_call = rota.on_call(clinic, at, among=people)
    step, why, ids = _next(alert, on_call, people)
    taken = Alert.objects.filter(
        pk=alert.pk, state=Alert.State.OPEN, round=alert.round, step=alert.step
    ).update(step=step, next_action_at=_then(alert, step, at))
    if not taken:
        return False
    alert.step = step
    _tell(alert, why, [people[each] for each in ids], at)
    return True


def _next(
    alert: Alert, on_call: OnCall, people: Mapping[UUID, User]
) -> tuple[int, str, Iterable[UUID]]:
    if alert.step == 0 and on_call.first:
        return FIRST, Why.FIRST, on_call.first
    if alert.step == FIRST and on_call.second:
        return SECOND, Why.SECOND, on_call.second
    if alert.step == 0:
        return EVERYBODY, Why.NOBODY_ON_CALL, _treating(alert, people)
    return EVERYBODY, Why.EVERYBODY, _treating(alert, people)


def _treating(alert: Alert, people: Mapping[UUID, User]) -> list[UUID]:
    treating = clinics.who_may(alert.clinic, Act.ACT_ON_ALERTS)
    ids = treating.order_by("name", "pk").values_list("pk", flat=True)
    return [each for each in ids if each in people]


def _then(alert: Alert, step: int, at: datetime) -> datetime | None:
    """Only what is urgent goes on to the next person by itself."""
    if step == EVERYBODY or not alert.is_urgent:
        return None
    return at + second_after(alert.clinic)


def second_after(clinic: Clinic) -> timedelta:
    own = AlertSettings.objects.filter(clinic=clinic).first()
    minutes = own.second_after_minutes if own else AlertSettings.SECOND_AFTER
    return timedelta(minutes=minutes)


def _tell(alert: Alert, why: str, people: Iterable[User], at: datetime) -> None:
    contacts = {
        contact.user_id: contact
        for contact in OnCallContact.objects.filter(clinic=alert.clinic_id)
    }
    rows = [
        _notice(alert, why, person, channel, address, at)
        for person in people
        for channel, address in _ways(alert, person, contacts.get(person.pk))
    ]
    AlertNotice.objects.bulk_create(rows, ignore_conflicts=True)
    for row in rows:
        if row.next_attempt_at is not None:
            doorbell.ring(TASK, row.pk)


def _ways(
    alert: Alert, person: User, contact: OnCallContact | None
) -> Iterable[tuple[str, str]]:
    """A text for what is urgent; always an e-mail beside it, as texts get lost.

    We place no calls: who wants one gets a text as well, and colleagues see the
    number to call.
    """
    if alert.is_urgent and contact is not None and contact.phone:
        if contact.first == OnCallContact.First.VOICE:
            yield Channel.VOICE, contact.phone
        if contact.first != OnCallContact.First.EMAIL and _can_text(alert, contact):
            yield Channel.SMS, contact.phone
    yield Channel.EMAIL, person.email


def _can_text(alert: Alert, contact: OnCallContact) -> bool:
    clinic = alert.clinic
    return bool(clinic.sms_sender and sms.number_of(contact.phone, clinic))


def _notice(
    alert: Alert, why: str, to: User, channel: str, address: str, at: datetime
) -> AlertNotice:
    is_by_hand = channel == Channel.VOICE
    return AlertNotice(
        clinic_id=alert.clinic_id,
        alert=alert,
        to=to,
        why=why,
        round=alert.round,
        step=alert.step,
        channel=channel,
        address=address,
        state=State.BY_HAND if is_by_hand else State.QUEUED,
        next_attempt_at=None if is_by_hand else at,
    )


def stop(alert: Alert) -> None:
    """What waits to be sent is not sent, and nobody needs to call anybody."""
    AlertNotice.objects.filter(
        alert=alert, state__in=(*AlertNotice.CLAIMABLE, State.BY_HAND)
    ).update(state=State.CANCELLED, next_attempt_at=None)


def go_on_due(clinic: Clinic, now: datetime) -> int:
    """Alerts that nobody has looked at for too long; how many went a step on."""
    due = (
        Alert.objects.filter(clinic=clinic, next_action_at__lte=now)
        .select_related("clinic")
        .order_by("next_action_at")[:AT_ONCE]
    )
    return sum(_one(alert, now) for alert in list(due))


def _one(alert: Alert, now: datetime) -> bool:
    """One that fails must not keep the others from their people."""
    try:
        if alert.severity not in TOLD:
            return bool(_wake(alert))
        return go_on(alert, at=now)
    except Exception as error:
        # The text of a database error can quote a row.
        logger.error("telling of alert %s: %s", alert.pk, type(error).__name__)
        return False


def _wake(alert: Alert) -> int:
    mine = Alert.objects.filter(pk=alert.pk, next_action_at=alert.next_action_at)
    return mine.update(next_action_at=None)
