"""What a recall shows of each intervention: how it went since, and what went wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from clinic.models import User
from outcomes.models import FollowUp, OutcomeFact
from patients.models import Patient
from plans.models import AdverseEvent, Intervention, LotUse

PAIN = "pain_site"


@dataclass(frozen=True, slots=True)
class PainChange:
    """The latest answer of the plan's follow-up against its baseline."""

    baseline: Decimal
    value: Decimal
    label: str

    @property
    def change(self) -> Decimal:
        return self.value - self.baseline


@dataclass(frozen=True, slots=True)
class Row:
    intervention: Intervention
    pain: PainChange | None

    @property
    def patient(self) -> Patient:
        return self.intervention.plan.complaint.patient.kept


def with_all(found: QuerySet[Intervention], user: User) -> QuerySet[Intervention]:
    """With patient, plan, what was used, and the adverse events that stand."""
    events = (
        AdverseEvent.objects.visible_to(user).standing().prefetch_related("ratings")
    )
    return found.select_related(
        "plan__complaint__patient__clinic",
        "plan__complaint__patient__merged_into__clinic",
        "performed_by",
    ).prefetch_related(
        Prefetch("lots", LotUse.objects.visible_to(user)),
        Prefetch("adverse_events", events),
    )


def rows(interventions: Iterable[Intervention], user: User) -> list[Row]:
    """Two queries more for how they went."""
    done = list(interventions)
    changes = pain_changes(user, {row.plan_id for row in done})
    return [Row(row, changes.get(row.plan_id)) for row in done]


def pain_changes(user: User, plans: Iterable[UUID]) -> Mapping[UUID, PainChange]:
    """Of each plan's follow-up the last answered time point that has a change."""
    facts = list(
        OutcomeFact.objects.visible_to(user)
        .filter(episode__plan__in=list(plans), measure__key=PAIN, change__isnull=False)
        .values_list(
            "episode_id", "episode__plan_id", "timepoint_key", "baseline", "value"
        )
    )
    asked = {
        (episode, key): (due_on, label)
        for episode, key, due_on, label in FollowUp.objects.filter(
            episode__in={fact[0] for fact in facts}
        ).values_list("episode_id", "timepoint_key", "due_on", "label")
    }
    return dict(_in_time_order(facts, asked))


def _in_time_order(
    facts: Sequence[tuple], asked: Mapping[tuple, tuple]
) -> Iterable[tuple[UUID, PainChange]]:
    dated = [
        (*asked[episode, key], plan, baseline, value)
        for episode, plan, key, baseline, value in facts
        if (episode, key) in asked
    ]
    for _, label, plan, baseline, value in sorted(dated, key=lambda row: row[0]):
        yield plan, PainChange(baseline, value, label)
