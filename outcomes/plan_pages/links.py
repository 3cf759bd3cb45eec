"""What can be done about an intervention or a plan: pages of all slices, by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from clinic.access import Act
from plans.models import NEEDLE, Intervention, Modality, Plan

Status = Intervention.Status


@dataclass(frozen=True, slots=True)
class Offer:
    """A page that exists or not, for whom, and for which rows."""

    name: str
    words: str
    act: Act
    statuses: frozenset[str]
    modalities: frozenset[str] = frozenset(Modality.values)
    plan_runs: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    words: str
    address: str


_PLANNED = frozenset({Status.PLANNED.value})
_DONE = frozenset({Status.PERFORMED.value})
OFFERS = (
    Offer(
        "plans:perform",
        "Record as done",
        Act.RECORD_INTERVENTIONS,
        _PLANNED,
        plan_runs=True,
    ),
    Offer(
        "plans:reschedule", "Change the day", Act.WRITE_PLANS, _PLANNED, plan_runs=True
    ),
    Offer("plans:cancel", "Cancel", Act.WRITE_PLANS, _PLANNED, plan_runs=True),
    Offer(
        "outcomes:consent_sheet",
        "Before consent",
        Act.READ_ANSWERS,
        _PLANNED,
        NEEDLE,
        plan_runs=True,
    ),
    Offer("plans:intervention", "Details", Act.READ_PLANS, _PLANNED | _DONE),
    Offer(
        "plans:measure",
        "Measure",
        Act.RECORD_INTERVENTIONS,
        _DONE,
        frozenset({Modality.LIFESTYLE.value}),
        plan_runs=True,
    ),
    Offer(
        "plans:passport",
        "Passport",
        Act.READ_PLANS,
        _DONE,
        frozenset({Modality.PRP.value}),
    ),
    Offer("outcomes:repeat_injection", "Repeat?", Act.READ_ANSWERS, _DONE, NEEDLE),
    Offer("plans:reschedule", "Correct the day", Act.WRITE_PLANS, _DONE),
    Offer("plans:take_back", "Take back", Act.RECORD_INTERVENTIONS, _DONE),
    Offer(
        "plans:plan_again",
        "Plan again",
        Act.WRITE_PLANS,
        frozenset({Status.CANCELLED}),
        plan_runs=True,
    ),
)


def of_intervention(
    acts: frozenset[Act], plan: Plan, intervention: Intervention
) -> list[Link]:
    """For somebody with these acts; each is a page that stands."""
    runs = plan.status == Plan.Status.ACTIVE
    offered = (
        offer
        for offer in OFFERS
        if intervention.status in offer.statuses
        and intervention.modality in offer.modalities
        and offer.act in acts
        and (runs or not offer.plan_runs)
    )
    return list(_existing(offered, intervention.pk))


def _existing(offers: Iterable[Offer], row: UUID) -> Iterable[Link]:
    """Slices that are not there are passed over."""
    for offer in offers:
        try:
            yield Link(offer.words, reverse(offer.name, args=[row]))
        except NoReverseMatch:
            continue
