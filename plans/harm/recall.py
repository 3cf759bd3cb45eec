"""Who was treated with this? One search over lots, names of devices, and operators.

Each way of matching stands on an index of its own and costs what it finds, not what
the clinic has ever done.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from clinic.models import Membership, User
from patients.models.searching import begins_with
from plans.harm import labels, lots
from plans.models import Intervention, LotUse

# A beginning of one or two letters is most of the list.
SHORTEST_BEGINNING = 3
# Counted up to here: beyond it a beginning is not listed, and more must be typed.
MOST_ALIKE = 1000
SUGGESTED = 8
# Enough rows to find that many different labels among.
_SCANNED = 400


class By(StrEnum):
    LOT = "lot"
    NAME = "name"
    OPERATOR = "operator"

    @property
    def label(self) -> str:
        return {"lot": "lot", "name": "kit, drug or device", "operator": "operator"}[
            self
        ]

    @property
    def column(self) -> str:
        return f"{self.value}_key"


@dataclass(frozen=True, slots=True)
class Match:
    """One way in which the text was found; uses are counted to just past the most."""

    by: By
    key: str
    is_exact: bool
    uses: int
    # Of an operator: who it is, for two people may have one name.
    operator: UUID | None = None
    name: str = ""

    @property
    def is_many(self) -> bool:
        return self.uses > MOST_ALIKE

    @property
    def is_too_wide(self) -> bool:
        """More begin alike than are worth a list; an exact label is never too wide."""
        return self.is_many and self.is_beginning

    @property
    def is_beginning(self) -> bool:
        """It stands for all labels that begin so; a person is one, however found."""
        return not self.is_exact and self.by != By.OPERATOR


@dataclass(frozen=True, slots=True)
class Reach:
    """How many were treated with it, and how often."""

    interventions: int
    patients: int


def matches(user: User, text: str) -> list[Match]:
    """Every way in which the text names something, whole labels before beginnings."""
    if not labels.key_of(text):
        return []
    labelled = [_labelled(user, by, text) for by in (By.LOT, By.NAME)]
    standing = [match for match in labelled if match is not None]
    standing += _operated(user, labels.key_of(text))
    return sorted(standing, key=lambda match: not match.is_exact)


def _labelled(user: User, by: By, text: str) -> Match | None:
    key = lots.searched(text, by.column)
    rows = LotUse.objects.visible_to(user)
    if n := _few(rows.filter(**{by.column: key})):
        return Match(by, key, is_exact=True, uses=n)
    if len(key) < SHORTEST_BEGINNING:
        return None
    n = _few(rows.filter(begins_with(by.column, key)))
    return Match(by, key, is_exact=False, uses=n) if n else None


def _operated(user: User, key: str) -> list[Match]:
    """One for each person of that name: what one of them did is not the other's.

    Those who work here are few enough to be compared one by one.
    """
    people = [(person, labels.key_of(person.name)) for person in members(user)]
    named = [person for person, name in people if name == key]
    if not named and len(key) >= SHORTEST_BEGINNING:
        named = [person for person, name in people if f" {key}" in f" {name}"]
    return [
        Match(By.OPERATOR, own, own == key, n, operator=person.pk, name=person.name)
        for person in sorted(named, key=lambda person: (person.name, person.pk))
        if (own := labels.key_of(person.name)) and (n := _few(_by(user, person.pk)))
    ]


def _few(rows: QuerySet) -> int:
    """Counts no further than it is told: a device of the room is used every day."""
    return rows.order_by()[: MOST_ALIKE + 1].count()


def members(user: User) -> Iterable[User]:
    if user.membership is None:
        return []
    held = Membership.objects.filter(clinic=user.membership.clinic_id)
    return [member.user for member in held.select_related("user")]


def interventions(user: User, match: Match) -> QuerySet[Intervention]:
    """What was done with it, the latest first; what was entered in error is not.

    Of many with one label the latest recorded: the index is in that order, so that
    the first page of what is used every day is as cheap as that of a lot.
    """
    if match.by == By.OPERATOR:
        return _by(user, match.operator).order_by("-performed_on", "-pk")
    used = uses(user, match).values("intervention")
    found = Intervention.objects.visible_to(user).filter(pk__in=used)
    standing = found.exclude(status=Intervention.Status.ENTERED_IN_ERROR)
    if match.is_many:
        return standing.order_by("-pk")
    return standing.order_by(F("performed_on").desc(nulls_last=True), "-pk")


def uses(user: User, match: Match) -> QuerySet[LotUse]:
    column = match.by.column
    wanted = (
        Q(**{column: match.key}) if match.is_exact else begins_with(column, match.key)
    )
    return LotUse.objects.visible_to(user).filter(wanted)


def _by(user: User, operator: UUID | None) -> QuerySet[Intervention]:
    return Intervention.objects.visible_to(user).filter(
        status=Intervention.Status.PERFORMED, performed_by=operator
    )


def reach(user: User, match: Match) -> Reach | None:
    """Merged records count as the one person they are; None of more than the most."""
    if match.is_many:
        return None
    found = interventions(user, match)
    patient = "plan__complaint__patient"
    counted = found.order_by().aggregate(
        interventions=Count("pk"),
        patients=Count(Coalesce(f"{patient}__merged_into", patient), distinct=True),
    )
    return Reach(**counted)


def beginning_so(user: User, text: str) -> list[str]:
    """Other labels that begin as the text does; cheap, so not all of them."""
    key = labels.key_of(text)
    return _beginning(user, key, key) if len(key) >= SHORTEST_BEGINNING else []


def resembling(user: User, text: str) -> list[str]:
    """Labels that begin as most of the text does, for a slip at its end."""
    key = labels.key_of(text)
    for length in dict.fromkeys((len(key), len(key) - 1, len(key) - 2, len(key) // 2)):
        if length < SHORTEST_BEGINNING:
            break
        if found := _beginning(user, key[:length], key):
            return found
    return []


def _beginning(user: User, start: str, key: str) -> list[str]:
    found: dict[str, str] = {}
    for by in (By.LOT, By.NAME):
        rows = LotUse.objects.visible_to(user).filter(begins_with(by.column, start))
        # As scanned, without an order: sorting would read all that begin so.
        pairs = rows.order_by().values_list(by.column, by.value)[:_SCANNED]
        found |= {row_key: label for row_key, label in pairs if row_key != key}
    return [found[row_key] for row_key in sorted(found)[:SUGGESTED]]
