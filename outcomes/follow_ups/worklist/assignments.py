"""Who makes which call: handed to a person, to nobody, or all of somebody's at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet

from clinic import access, audit, clinics, clock
from clinic.access import Act
from clinic.models import Clinic, Membership, User
from outcomes.follow_ups.engine import requests
from outcomes.follow_ups.worklist import calls, tasks
from outcomes.models import FollowUp, StaffTask

OPEN = StaffTask.State.OPEN
_NOBODY = {
    StaffTask.Kind.CALL: "There is nobody else who calls patients.",
    StaffTask.Kind.REACH: "There is nobody else who calls patients.",
    StaffTask.Kind.EXAMINE: "There are examinations among them, for who examines.",
}


def people(clinic: Clinic) -> QuerySet[User]:
    """Who can be given a call."""
    return clinics.who_may(clinic, Act.CALL_PATIENTS).order_by("name", "pk")


def examiners(clinic: Clinic) -> QuerySet[User]:
    """Who can be given an examination."""
    return clinics.who_may(clinic, Act.RECORD_FINDINGS).order_by("name", "pk")


def names(clinic: Clinic) -> list[tuple[UUID, str]]:
    """The same for a page, by name; one query."""
    members = Membership.objects.filter(clinic=clinic, user__is_active=True)
    acts = access.CAPABILITIES
    return [
        (pk, name)
        for pk, name, roles in members.order_by("user__name", "user").values_list(
            "user", "user__name", "roles"
        )
        if any(Act.CALL_PATIENTS in acts[access.Role(role)] for role in roles)
    ]


@transaction.atomic
def assign(follow_up: FollowUp, *, to: User | None, by: User) -> FollowUp:
    """Give all that is open for it to a person, or to nobody.

    Where nothing is, a call is made of it. Everybody may take a task or give their own
    back; handing them to other people is an act of its own.
    """
    person = requests.lock(follow_up.patient_id)
    follow_up.refresh_from_db(fields=["state", "state_reason", "answered_at"])
    found = list(follow_up.staff_tasks.filter(state=OPEN))
    if to is not None:
        _check_caller(follow_up.clinic, to)
        if not examiners(follow_up.clinic).filter(pk=to.pk).exists():
            found = [task for task in found if task.kind in StaffTask.TO_PATIENT]
    _check_may(by, to, found)
    if not found:
        found = [_new_call(follow_up, to, clock.today(person.time_zone))]
    before = sorted({str(task.assigned_to_id or "") for task in found})
    changed = StaffTask.objects.filter(pk__in=[t.pk for t in found], state=OPEN)
    changed.update(assigned_to=to)
    audit.record(
        by=by,
        action="task.assigned",
        about=follow_up,
        before=before,
        after=str(to.pk) if to else "",
        tasks=len(found),
    )
    return follow_up


def _new_call(follow_up: FollowUp, to: User | None, today: date) -> StaffTask:
    if to is None:
        raise ValidationError("Nobody has it already.")
    reason = calls.refusal(follow_up)
    if reason:
        raise ValidationError(reason)
    return tasks.make_call(follow_up, due_on=today)


def _check_may(by: User, to: User | None, found: Sequence[StaffTask]) -> None:
    if access.can(by, Act.ASSIGN_TASKS):
        return
    others = [t for t in found if t.assigned_to_id not in (None, by.pk)]
    if others or to not in (None, by):
        raise ValidationError(
            "Your role may take what nobody has; handing tasks to others is not in it."
        )


def _check_caller(clinic: Clinic, to: User) -> None:
    if not people(clinic).filter(pk=to.pk).exists():
        raise ValidationError({"to": "This person calls no patients here."})


def held_by(user: User, holder: User | None) -> QuerySet[StaffTask]:
    """What somebody has to do, what closes first at the top."""
    visible: QuerySet[StaffTask] = StaffTask.objects.visible_to(user)
    found = visible.filter(state=OPEN, assigned_to=holder)
    return found.order_by("closes_on", "pk")


def loads(user: User) -> dict[UUID, int]:
    """How much everybody has who has anything; one query."""
    visible: QuerySet[StaffTask] = StaffTask.objects.visible_to(user)
    counted = (
        visible.filter(state=OPEN, assigned_to__isnull=False)
        .order_by()
        .values_list("assigned_to")
        .annotate(Count("pk"))
    )
    return dict(counted)


def spread(task_ids: Sequence[UUID], loads: dict[UUID, int]) -> dict[UUID, list[UUID]]:
    """Each to whoever has least by then; who comes first among equals stays so."""
    shares: dict[UUID, list[UUID]] = {person: [] for person in loads}
    load = Counter(loads)
    for task in task_ids:
        least = min(shares, key=lambda person: load[person])
        shares[least].append(task)
        load[least] += 1
    return shares


def shares_of(
    clinic: Clinic, *, held: Mapping[UUID, str], away: User | None, to: User | None
) -> dict[User, list[UUID]]:
    """Which of these tasks would go to whom; evenly over the others without `to`.

    `held` names the kind of each: an examination goes to who may examine.
    """
    if to is not None:
        _check_caller(clinic, to)
        if to == away:
            raise ValidationError({"to": "Choose somebody else."})
    callers = [each for each in people(clinic) if each != away and to in (None, each)]
    able = set(examiners(clinic).values_list("pk", flat=True))
    have = Counter(
        StaffTask.objects.filter(
            clinic=clinic, state=OPEN, assigned_to__in=callers
        ).values_list("assigned_to", flat=True)
    )
    shares: dict[UUID, list[UUID]] = {each.pk: [] for each in callers}
    for kind in (StaffTask.Kind.EXAMINE, *StaffTask.TO_PATIENT):
        wanted = [task for task, its in held.items() if its == kind]
        is_call = kind in StaffTask.TO_PATIENT
        takers = [one.pk for one in callers if is_call or one.pk in able]
        if wanted and not takers:
            raise ValidationError({"to": _NOBODY[kind]})
        found = spread(wanted, {one: have[one] + len(shares[one]) for one in takers})
        for one, mine in found.items():
            shares[one] += mine
    return {one: shares[one.pk] for one in callers}


@transaction.atomic
def reassign(
    clinic: Clinic, *, away: User | None, to: User | None, by: User
) -> dict[User, int]:
    """Hand over all of somebody's open tasks; None as `away` is what nobody has.

    Returns how many each has got. A task that somebody took meanwhile stays theirs.
    """
    held = held_by(by, away)
    found = list(held.values_list("pk", "kind", "patient_id"))
    kinds = {pk: kind for pk, kind, _ in found}
    moved = {
        person: StaffTask.objects.filter(
            pk__in=mine, state=OPEN, assigned_to=away
        ).update(assigned_to=person)
        for person, mine in shares_of(clinic, held=kinds, away=away, to=to).items()
    }
    audit.record(
        by=by,
        action="tasks.reassigned",
        about=clinic,
        patients=[patient for _, _, patient in found],
        before=str(away.pk) if away else "",
        after={str(person.pk): count for person, count in moved.items() if count},
    )
    return moved
