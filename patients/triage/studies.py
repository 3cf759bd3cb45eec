"""Studies: ordered, booked, done, their result received and reviewed.

Every change is one conditional UPDATE, so of two people who act at once one does it
and the other is told. What was reviewed stays; a wrong one is marked as such.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from clinic import audit, clock
from clinic.audit import By
from clinic.models import User
from patients import rows
from patients.catalogue import study_words
from patients.models import Complaint, Side, Study
from patients.models.patient import validate_past
from patients.triage import reasons, study_checks

State = Study.State
# Nobody books further ahead; a year typed wrongly is caught.
FURTHEST_BOOKING = timedelta(days=730)
MOVES: Mapping[str, frozenset[str]] = {
    State.ORDERED: frozenset(
        {State.SCHEDULED, State.DONE, State.RECEIVED, State.CANCELLED}
    ),
    State.SCHEDULED: frozenset(
        {State.SCHEDULED, State.DONE, State.RECEIVED, State.CANCELLED}
    ),
    # Back to a new day where the patient had not come after all.
    State.DONE: frozenset({State.SCHEDULED, State.RECEIVED, State.CANCELLED}),
    # A result can be put right until it is reviewed.
    State.RECEIVED: frozenset({State.RECEIVED, State.REVIEWED, State.ENTERED_IN_ERROR}),
    State.REVIEWED: frozenset({State.ENTERED_IN_ERROR}),
    State.CANCELLED: frozenset(),
    State.ENTERED_IN_ERROR: frozenset(),
}
MOVED = {
    State.SCHEDULED: "booked",
    State.DONE: "recorded as done",
    State.RECEIVED: "given a result",
    State.REVIEWED: "reviewed",
    State.CANCELLED: "cancelled",
    State.ENTERED_IN_ERROR: "marked as entered in error",
}
# Empty ones are as good as any: an order has no result yet.
MAY_BE_EMPTY = [
    field.name
    for field in Study._meta.fields
    if field.null or isinstance(field, models.JSONField)
]


@transaction.atomic
def order(
    complaint: Complaint,
    *,
    by: By,
    kind: str,
    region: str,
    side: str = Side.NONE,
    priority: str = Study.Priority.ROUTINE,
    reason: str = "",
    owner: User | None = None,
    ordered_on: date | None = None,
) -> Study:
    """Ask for a study; its owner, who orders if nobody else is named, sees to it."""
    rows.lock_complaint(complaint)
    study_checks.refuse_ended(complaint)
    today = clock.today(complaint.patient.time_zone)
    study = _new(complaint, kind, region, side, by=by, owner=owner)
    study.ordered_on = ordered_on or today
    study.ordered_by = by if isinstance(by, User) else None
    study.priority, study.reason = priority, reason.strip()
    validate_past("ordered_on", study.ordered_on, today)
    study_checks.refuse_twin(study)
    _add(study)
    audit.record(
        by=by,
        action="study.ordered",
        about=study,
        kind=kind,
        region=region,
        priority=priority,
        due_on=str(study.due_on),
    )
    return study


@transaction.atomic
def take_in(
    complaint: Complaint,
    *,
    by: By,
    kind: str,
    region: str,
    performed_on: date,
    owner: User | None = None,
    **result: Any,
) -> Study:
    """A study that the patient brought: nobody here ordered it; it waits for review."""
    rows.lock_complaint(complaint)
    study = _new(complaint, kind, region, result.get("side"), by=by, owner=owner)
    study.state = State.RECEIVED
    study.ordered_on = clock.today(complaint.patient.time_zone)
    for name, value in study_checks.result(
        study, performed_on=performed_on, **result
    ).items():
        setattr(study, name, value)
    study_checks.refuse_second_copy(study)
    _add(study)
    audit.record(
        by=by,
        action="study.brought",
        about=study,
        kind=kind,
        region=region,
        results=study.results,
        due_on=str(study.due_on),
    )
    return study


@transaction.atomic
def schedule(
    study: Study, *, by: By, scheduled_for: date, seen: int | None = None
) -> Study:
    _look_again(study, seen)
    if scheduled_for < study.ordered_on:
        raise ValidationError(
            {"scheduled_for": f"It was ordered on {clock.in_words(study.ordered_on)}."}
        )
    if scheduled_for > study.ordered_on + FURTHEST_BOOKING:
        raise ValidationError({"scheduled_for": "That is more than two years ahead."})
    return _move(
        study,
        State.SCHEDULED,
        by=by,
        action="study.scheduled",
        scheduled_for=scheduled_for,
        performed_on=None,
    )


@transaction.atomic
def record_done(
    study: Study, *, by: By, performed_on: date, seen: int | None = None
) -> Study:
    """It took place; the result is waited for."""
    _look_again(study, seen)
    study_checks.check_performed(study, performed_on)
    return _move(
        study, State.DONE, by=by, action="study.done", performed_on=performed_on
    )


@transaction.atomic
def receive(study: Study, *, by: By, seen: int | None = None, **result: Any) -> Study:
    """Keep what the report says; again, it replaces a result that nobody reviewed."""
    _look_again(study, seen)
    return _move(
        study,
        State.RECEIVED,
        by=by,
        action="study.received",
        facts={"results": result.get("results", [])},
        **study_checks.result(study, **result),
    )


@transaction.atomic
def review(study: Study, *, by: User, seen: int | None = None) -> Study:
    """A clinician has read the result; from now on it stays as it is."""
    _look_again(study, seen)
    return _move(
        study,
        State.REVIEWED,
        by=by,
        action="study.reviewed",
        reviewed_by=by,
        reviewed_at=clock.now(),
    )


@transaction.atomic
def cancel(study: Study, *, by: By, reason: str, seen: int | None = None) -> Study:
    """It will not take place."""
    _look_again(study, seen)
    return _move(
        study,
        State.CANCELLED,
        by=by,
        action="study.cancelled",
        cancel_reason=reasons.typed(
            reason, "Say why, such as: claustrophobia, CT instead."
        ),
    )


@transaction.atomic
def enter_in_error(
    study: Study, *, by: User, reason: str, seen: int | None = None
) -> Study:
    """A result that is wrong or another patient's; kept, and cited by nothing new."""
    _look_again(study, seen)
    return _move(
        study,
        State.ENTERED_IN_ERROR,
        by=by,
        action="study.entered_in_error",
        cancel_reason=reasons.typed(
            reason, "Say why, such as: another patient's report."
        ),
    )


@transaction.atomic
def hand_over(study: Study, *, by: By, owner: User, seen: int | None = None) -> Study:
    """Somebody else sees to it from now on."""
    _look_again(study, seen)
    if not study.is_open:
        raise ValidationError(f"The study is {_state_words(study)}.")
    study_checks.check_owner(study.clinic, owner)
    before = study.owner_id
    _save(study, state=study.state, owner=owner)
    audit.record(
        by=by,
        action="study.handed_over",
        about=study,
        before=str(before or ""),
        after=str(owner.pk),
    )
    return study


def follow_clock(complaint: Complaint, *, by: By) -> None:
    """Move the due days of open studies where a weakness began or ended."""
    for study in complaint.studies.filter(state__in=Study.OPEN):
        study.complaint = complaint
        before, after = study.due_on, study.next_due()
        if before == after:
            continue
        Study.objects.filter(pk=study.pk, state=study.state).update(due_on=after)
        audit.record(
            by=by,
            action="study.due_moved",
            about=study,
            before=str(before),
            after=str(after),
        )


def _new(
    complaint: Complaint,
    kind: str,
    region: str,
    side: str | None,
    *,
    by: By,
    owner: User | None,
) -> Study:
    if kind not in Study.Kind.values:
        raise ValidationError({"kind": f"{kind!r} is not a kind of study."})
    known = study_words.regions().get(region)
    if known is None:
        raise ValidationError({"region": f"{region!r} is not a region of studies."})
    if kind not in known.kinds:
        label = Study.Kind(kind).label
        raise ValidationError({"region": f"There is no {label} of the {known.label}."})
    if owner is not None:
        study_checks.check_owner(complaint.clinic, owner)
    elif isinstance(by, User):
        owner = by
    return Study(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        kind=kind,
        region=region,
        side=side or Side.NONE,
        owner=owner,
    )


def _look_again(study: Study, seen: int | None) -> None:
    """Reads it afresh; who filled a form in upon an earlier state is told."""
    study.refresh_from_db()
    if seen is not None and seen != study.revision:
        raise ValidationError(_meanwhile(study))


def _move(
    study: Study,
    to: str,
    *,
    by: By,
    action: str,
    facts: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Study:
    before = study.state
    if to not in MOVES[before]:
        raise ValidationError(
            f"It is {_state_words(study)} and cannot be {MOVED[State(to)]} any more."
        )
    _save(study, state=to, **changes)
    audit.record(
        by=by,
        action=action,
        about=study,
        before=before,
        after=to,
        due_on=str(study.due_on or ""),
        **(facts or {}),
    )
    return study


def _add(study: Study) -> None:
    study.full_clean(exclude=MAY_BE_EMPTY)
    study.due_on = study.next_due()
    study.save()


def _save(study: Study, **changes: Any) -> None:
    """Nothing, if the row is not as it was read a moment ago."""
    as_read = Study.objects.filter(
        pk=study.pk, state=study.state, revision=study.revision
    )
    changes["revision"] = study.revision + 1
    for name, value in changes.items():
        setattr(study, name, value)
    changes["due_on"] = study.due_on = study.next_due()
    study.full_clean(exclude=MAY_BE_EMPTY)
    if not as_read.update(**changes):
        study.refresh_from_db()
        raise ValidationError(_meanwhile(study))


def _meanwhile(study: Study) -> str:
    return (
        "Somebody else changed this study since you opened the page: it is "
        f"{_state_words(study)} now. Nothing of yours was saved; look at it again."
    )


def _state_words(study: Study) -> str:
    words = str(study.get_state_display()).lower()
    return "there with its result" if study.state == State.RECEIVED else words
