"""Which alerts a page of the inbox shows, and how many there are of each kind."""

from enum import StrEnum

from django.db.models import Count, Q

from clinic import clock
from clinic.models import User
from outcomes.models import Alert
from outcomes.models.alerts import AlertQuerySet
from patients.models import Patient


class Show(StrEnum):
    OPEN = "open"
    MINE = "mine"
    SNOOZED = "snoozed"
    CLOSED = "closed"


WORDS = {
    Show.OPEN: "Open",
    Show.MINE: "Mine",
    Show.SNOOZED: "Put off",
    Show.CLOSED: "Closed",
}


def chosen(text: str) -> Show:
    return Show(text) if text in set(Show) else Show.OPEN


def found(user: User, show: Show) -> AlertQuerySet:
    """The most urgent first and the longest waiting; closed ones the newest first."""
    visible: AlertQuerySet = Alert.objects.visible_to(user)
    if show == Show.CLOSED:
        closed = visible.filter(state=Alert.State.CLOSED)
        return closed.order_by("-closed_at", "pk")
    standing = visible.standing()
    if show == Show.SNOOZED:
        return standing.filter(snoozed_until__gt=clock.now())
    if show == Show.MINE:
        return standing.filter(_mine(user))
    return standing.awake()


def _mine(user: User) -> Q:
    return Q(acknowledged_by=user) | Q(acted_by=user)


def counts(user: User) -> dict[Show, int]:
    """Of those that are not closed, in one query."""
    snoozed = Q(snoozed_until__gt=clock.now())
    numbers = (
        Alert.objects.visible_to(user)
        .exclude(state=Alert.State.CLOSED)
        .aggregate(
            open=Count("pk", filter=~snoozed | Q(snoozed_until=None)),
            mine=Count("pk", filter=_mine(user)),
            snoozed=Count("pk", filter=snoozed),
        )
    )
    return {Show(name): number for name, number in numbers.items()}


def waiting(user: User) -> tuple[int, int]:
    """How many nobody has looked at, and how many of them are urgent; one query."""
    unseen = Alert.objects.visible_to(user).awake().filter(state=Alert.State.OPEN)
    numbers = unseen.aggregate(
        all=Count("pk"),
        urgent=Count("pk", filter=Q(severity=Alert.Severity.URGENT)),
    )
    return numbers["all"], numbers["urgent"]


def cannot_wait(person: Patient) -> bool:
    """Whether something urgent that this person said is not acted on yet."""
    of_person = Q(patient=person.kept_id) | Q(patient__merged_into=person.kept_id)
    unseen = (Alert.State.OPEN, Alert.State.ACKNOWLEDGED)
    urgent = Alert.objects.filter(of_person, severity=Alert.Severity.URGENT)
    return urgent.filter(state__in=unseen).exists()
