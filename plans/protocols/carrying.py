"""Plans of which a newer version changes no step and no goal: they are carried over.

What is planned of them only reads as the new version's, so that ten thousand take as
many statements as one, and no row of theirs is read.
"""

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from clinic import audit
from plans.course import series
from plans.models import Intervention, Plan, Protocol, ProtocolStep
from plans.protocols import goal_changes, step_changes

Status = Intervention.Status
_OF_STEP = attrgetter(
    *("position", "key", "title", "modality", "kind", "after", "offset_days"),
    *("repeats", "every_days", "who", "is_index", "detail"),
)
_ROW = "interventions__"


class Carried(NamedTuple):
    """What of a plan is said where it is carried over."""

    pk: UUID
    clinic_id: UUID
    protocol_id: UUID
    patient_id: UUID

    @property
    def about(self) -> audit.About:
        label = Plan._meta.label_lower
        return audit.About(label, str(self.pk), self.clinic_id, self.patient_id)


_COLUMNS = ("pk", "clinic", "protocol", "complaint__patient")


def leaves_plans_as_they_are(old: Protocol, new: Protocol) -> bool:
    """Whether two versions differ in nothing but whom they ask when, and by what."""
    return _said(old) == _said(new)


def _said(protocol: Protocol) -> tuple[Any, ...]:
    steps = [_OF_STEP(step) for step in protocol.steps.all()]
    aims = [goal_changes.aim_of(goal) for goal in protocol.goals.all()]
    return protocol.anchor, steps, aims


def among(
    ids: Collection[UUID],
    old: Iterable[Protocol],
    new: Protocol,
    statuses: Collection[str],
) -> list[Carried]:
    """Those of these plans, in the order of their keys, that go by such an old version,
    and in which each of its steps stands and nothing else of one.

    Of one of whose steps a repeat is missing, or that has one too many, the row itself
    must be looked at.
    """
    places = step_changes.repeats(new)
    found = Plan.objects.filter(
        pk__in=ids, protocol__in=[one.pk for one in old], status__in=statuses
    )
    odd = _of_steps() & ~_in(new) | _planned_by_another(old) | _stepless()
    found = found.annotate(
        standing=Count(_place(), filter=_of_steps(), distinct=True),
        strange=Count(_ROW + "pk", filter=odd),
    )
    as_it_says = found.filter(standing=len(places), strange=0)
    return [Carried(*row) for row in as_it_says.order_by("pk").values_list(*_COLUMNS)]


def _place() -> Concat:
    number = Coalesce(F(_ROW + "series_number"), 1)
    return Concat(
        F(_ROW + "step__key"),
        Value("/"),
        Cast(number, CharField()),
        output_field=CharField(),
    )


def _of_steps() -> Q:
    """What a new version would look at: of the first course, and not taken back."""
    in_error = Q(**{_ROW + "status": Status.ENTERED_IN_ERROR})
    return Q(**{_ROW + "course": 1, _ROW + "step__isnull": False}) & ~in_error


def _in(protocol: Protocol) -> Q:
    """A repeat of one of its steps."""
    found = Q(pk__in=[])
    for step in protocol.steps.all():
        number = _ROW + "series_number"
        is_it = Q(**{number + "__range": (1, step.repeats)})
        is_it |= Q(**{number + "__isnull": True})
        found |= Q(**{_ROW + "step__key": step.key}) & is_it
    return found


def _planned_by_another(old: Iterable[Protocol]) -> Q:
    """Planned again as a version before said it: what that changes is looked at."""
    is_planned = Q(**{_ROW + "course": 1, _ROW + "status": Status.PLANNED})
    is_of_another = ~Q(**{_ROW + "step__protocol__in": [one.pk for one in old]})
    return is_planned & Q(**{_ROW + "step__isnull": False}) & is_of_another


def _stepless() -> Q:
    """A day 0 that follows no step."""
    is_day_0 = {"course": 1, "is_index": True, "status__in": series.STANDING}
    named = {_ROW + name: value for name, value in is_day_0.items()}
    return Q(**named, **{_ROW + "step__isnull": True})


def carry(plans: Iterable[Carried], old: Iterable[Protocol], new: Protocol) -> None:
    """Plans that are held: they and what is planned of them go by the new version."""
    ids = [plan.pk for plan in plans]
    steps = _steps_by_key(new)
    becomes = [
        When(step=step.pk, then=Value(steps[step.key].pk))
        for version in old
        for step in version.steps.all()
    ]
    Plan.objects.filter(pk__in=ids).update(protocol=new)
    if becomes:
        _planned(ids).update(step=Case(*becomes, default=F("step")))


def _planned(plans: Collection[UUID]) -> QuerySet[Intervention]:
    planned = {"course": 1, "status": Status.PLANNED, "step__isnull": False}
    return Intervention.objects.filter(plan__in=plans, **planned)


def _steps_by_key(protocol: Protocol) -> Mapping[str, ProtocolStep]:
    return {step.key: step for step in protocol.steps.all()}
