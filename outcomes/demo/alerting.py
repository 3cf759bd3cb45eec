"""What the answers of the last weeks raised, whom it was told, and the rota.

Raised by the rules themselves, once everybody else's rows stand; the older ones are
acted on and closed, a few of the newest wait.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from clinic import audit
from clinic.models import User
from outcomes.alerts import raising, rota
from outcomes.demo.records import Workplace
from outcomes.models import Alert, AlertEvent, AlertNotice, Response, Score
from patients.models import RedFlag

SPAN = timedelta(days=21)
# What is older than this is closed; of the rest every third is being looked at.
CLOSED_AFTER = timedelta(days=9)
HANDED_OVER = timedelta(seconds=12)
SEEN_AFTER, ACTED_AFTER = timedelta(minutes=9), timedelta(minutes=41)
ENDED_AFTER = timedelta(days=2)
NUMBERS = ("312 555 0171", "312 555 0172", "312 555 0173", "312 555 0174")
DONE = (
    ("called", "Slept badly for two nights, better since; goes on as planned."),
    ("visit", "Comes in on Thursday, to be examined."),
    ("advice", "Ice and rest for two days; calls again if it is not better."),
)
ENDED = "Asked again: back to where it was."


def take(place: Workplace) -> None:
    _rota(place)
    for flag in _flags(place):
        _raise_flag(flag)
    for response in _responses(place):
        scores = Score.objects.filter(response=response).select_related("measure")
        if response.sealed_at is not None:
            raising.response_sealed(response, list(scores), at=response.sealed_at)
    for number, alert in enumerate(_raised(place)):
        _go_on(alert, number, place)


def _rota(place: Workplace) -> None:
    """The first provider on weekdays, the second at weekends; each stands behind."""
    clinic, by = place.clinic, place.providers[0].enter(place.clinic)
    first, second = place.providers[0], place.providers[-1]
    for day in range(7):
        order = (first, second) if day < 5 else (second, first)
        for number, person in enumerate(order[: len({first.pk, second.pk})], 1):
            rota.add(clinic, user=person, kind="weekly", day=day, place=number, by=by)
    for person, phone in zip(rota.people(clinic), NUMBERS, strict=False):
        rota.set_contact(clinic, user=person, phone=phone, first="sms", by=by)


def _flags(place: Workplace) -> QuerySet[RedFlag]:
    return RedFlag.objects.filter(
        clinic=place.clinic,
        informant=RedFlag.Informant.PATIENT,
        raised_at__gte=place.moment.now - SPAN,
    ).order_by("raised_at", "pk")


def _raise_flag(flag: RedFlag) -> None:
    """As it happened: each event of the flag in its order."""
    for event in flag.events.order_by("pk"):
        by: audit.By = event.by or audit.PATIENT
        raising.red_flag_changed(flag, event=event, by=by)


def _responses(place: Workplace) -> QuerySet[Response]:
    found = Response.objects.filter(
        clinic=place.clinic,
        state=Response.State.SEALED,
        sealed_at__gte=place.moment.now - SPAN,
    )
    related = found.select_related(
        "follow_up__episode__complaint", "follow_up__episode__anchor_intervention"
    )
    return related.order_by("sealed_at", "pk")


def _raised(place: Workplace) -> list[Alert]:
    """All were told within seconds; nothing of it waits to be sent."""
    alerts = Alert.objects.filter(clinic=place.clinic)
    alerts.update(next_action_at=None)
    for notice in AlertNotice.objects.filter(alert__in=alerts).select_related("alert"):
        notice.state, notice.next_attempt_at = AlertNotice.State.SENT, None
        notice.attempts = 1
        notice.sent_at = notice.alert.raised_at + HANDED_OVER
        notice.created_at = notice.alert.raised_at
        notice.save()
    own = alerts.filter(red_flag=None).order_by("raised_at", "pk")
    return list(own)


def _go_on(alert: Alert, number: int, place: Workplace) -> None:
    by = place.providers[number % len(place.providers)]
    age = place.moment.now - alert.raised_at
    is_closed = age > CLOSED_AFTER
    if not is_closed and (number % 3 or age < ACTED_AFTER):
        return
    _look(alert, by)
    if is_closed:
        _act(alert, by, *DONE[number % len(DONE)])
        _close(alert, by)
    alert.save()


def _look(alert: Alert, by: User) -> None:
    alert.state, alert.acknowledged_by = Alert.State.ACKNOWLEDGED, by
    alert.acknowledged_at = alert.raised_at + SEEN_AFTER
    _note(alert, AlertEvent.Kind.ACKNOWLEDGED, by, alert.acknowledged_at)


def _act(alert: Alert, by: User, action: str, words: str) -> None:
    alert.state, alert.acted_by, alert.action = Alert.State.ACTED, by, action
    alert.acted_at = alert.raised_at + ACTED_AFTER
    label = Alert.Action(action).label
    _note(alert, AlertEvent.Kind.ACTED, by, alert.acted_at, f"{label}: {words}")


def _close(alert: Alert, by: User) -> None:
    alert.state, alert.closed_by = Alert.State.CLOSED, by
    alert.closed_at = alert.raised_at + ENDED_AFTER
    _note(alert, AlertEvent.Kind.CLOSED, by, alert.closed_at, ENDED)


def _note(
    alert: Alert, kind: AlertEvent.Kind, by: User, at: datetime, words: str = ""
) -> None:
    raising.note(alert, kind, by=by, words=words, at=at)
