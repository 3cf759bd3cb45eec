"""How many procedures had an adverse event, of how many that were performed.

A procedure counts once a category, however many such events it had and whatever their
relatedness; what is entered in error does not count. No share stands without its n.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from clinic.models import User
from outcomes.dashboards import statistics
from plans.harm import catalogue
from plans.models import AdverseEvent, Intervention, Modality
from plans.models.harm import AdverseEventQuerySet


@dataclass(frozen=True, slots=True)
class Share:
    """Of `n` procedures, `count` had it."""

    label: str
    count: int
    n: int
    # Of the category; empty for any event.
    key: str = ""

    @property
    def is_too_few(self) -> bool:
        """Counts are shown, a rate of so few would mislead."""
        return self.n < statistics.SMALLEST_SHOWN_CELL

    @property
    def percent(self) -> float:
        return 100 * self.count / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson, 95 %, in percent."""
        low, high = statistics.wilson(self.count, self.n)
        return 100 * low, 100 * high


@dataclass(frozen=True, slots=True)
class OfModality:
    label: str
    any_event: Share
    shares: Sequence[Share]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Denominators:
    """By modality, those with events first; and the events that stand in no row:
    they name no procedure, or one that does not stand as performed.
    """

    modalities: Sequence[OfModality]
    unlinked: int
    not_performed: int


def of_clinic(user: User, since: date | None = None) -> Denominators:
    """Five queries, however many rows."""
    performed = Intervention.objects.visible_to(user).filter(
        status=Intervention.Status.PERFORMED
    )
    events = AdverseEvent.objects.visible_to(user).standing()
    loose = events
    if since is not None:
        performed = performed.filter(performed_on__gte=since)
        loose = loose.filter(onset_on__gte=since)
    linked = events.filter(intervention__in=performed.values("pk"))
    n_of = counted(performed, "modality", "pk")
    any_of = counted(linked, "intervention__modality", "intervention")
    categories = by_category(linked)
    return Denominators(
        modalities=[
            of_modality(modality, n_of, any_of, categories)
            for modality in sorted(n_of, key=lambda m: (-any_of.get(m, 0), -n_of[m]))
        ],
        unlinked=loose.filter(intervention=None).count(),
        not_performed=not_performed(loose).count(),
    )


def not_performed(events: AdverseEventQuerySet) -> AdverseEventQuerySet:
    """Linked to what is only planned, was cancelled or was taken back."""
    linked = events.filter(intervention__isnull=False)
    return linked.exclude(intervention__status=Intervention.Status.PERFORMED)


def counted(rows: QuerySet, group: str, what: str) -> Mapping[str, int]:
    grouped = rows.order_by().values(group).annotate(n=Count(what, distinct=True))
    return dict(grouped.values_list(group, "n"))


def by_category(linked: QuerySet[AdverseEvent]) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    grouped = linked.order_by().values("intervention__modality", "category")
    counts = grouped.annotate(n=Count("intervention", distinct=True))
    for modality, category, n in counts.values_list(
        "intervention__modality", "category", "n"
    ):
        found[modality][category] = n
    return found


def of_modality(
    modality: str,
    n_of: Mapping[str, int],
    any_of: Mapping[str, int],
    categories: Mapping[str, Mapping[str, int]],
) -> OfModality:
    n, own = n_of[modality], categories.get(modality, {})
    known = catalogue.categories()
    shares = [
        Share(catalogue.label(known, key), count, n, key)
        for key, count in sorted(own.items(), key=lambda item: (-item[1], item[0]))
    ]
    label = str(Modality(modality).label)
    any_event = Share("any event", any_of.get(modality, 0), n)
    return OfModality(label, any_event, shares, modality)
