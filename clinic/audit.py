"""The record of who did and who read what, written with the change itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from clinic import bulk, clock
from clinic.models import AuditEvent, AuditSubject, Clinic, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody without an account: a patient behind a link, or the system itself."""

    kind: AuditEvent.ActorKind


# Whoever does or reads something.
By = User | Actor

PATIENT = Actor(AuditEvent.ActorKind.PATIENT)
SYSTEM = Actor(AuditEvent.ActorKind.SYSTEM)


def record(
    *,
    by: By,
    action: str,
    about: Model,
    patients: Iterable[UUID] | None = None,
    **facts: Any,
) -> AuditEvent:
    """Keep that `by` did `action`, a dotted past-tense name, to `about`.

    `patients` are the ids shown or changed where that is not `about`'s own patient.
    `facts` must be JSON: before and after, counts, reasons.
    """
    with transaction.atomic():
        event = _event(by, action, about, facts)
        event.save()
        AuditSubject.objects.bulk_create(
            AuditSubject(event=event, patient_id=patient)
            for patient in subjects(about, patients)
        )
    return event


@dataclass(frozen=True, slots=True)
class Entry:
    """One of many that are kept at once."""

    action: str
    about: Model
    facts: dict[str, Any]


def record_all(entries: Sequence[Entry], *, by: By) -> None:
    """The same for many, in two statements a table."""
    if not entries:
        return
    actor, now = _actor(by), clock.now()
    events = [_Event.of(one, *actor, now) for one in entries]
    with transaction.atomic():
        keys = bulk.insert_counted(events, AuditEvent)
        named = [
            _Subject(key, patient)
            for key, one in zip(keys, entries, strict=True)
            for patient in subjects(one.about, None)
        ]
        bulk.insert(named, AuditSubject)


class _Event(NamedTuple):
    """An event of many; models of ten thousand would take longer than to write them."""

    clinic_id: UUID | None
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    action: str
    about_type: str
    about_id: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, one: Entry, kind: str, actor_id: UUID | None, at: datetime) -> Self:
        about = one.about
        return cls(
            clinic_id=clinic_of(about),
            at=at,
            actor_kind=kind,
            actor_id=actor_id,
            action=one.action,
            about_type=about._meta.label_lower,
            about_id=str(about.pk or ""),
            facts=one.facts,
        )


class _Subject(NamedTuple):
    event_id: int
    patient_id: UUID


def _actor(by: By) -> tuple[str, UUID | None]:
    """The kind, and who it was of those with an account."""
    if isinstance(by, User):
        return AuditEvent.ActorKind.USER, by.pk
    return by.kind, None


def _event(by: By, action: str, about: Model, facts: dict[str, Any]) -> AuditEvent:
    kind, actor_id = _actor(by)
    return AuditEvent(
        clinic_id=clinic_of(about),
        actor_id=actor_id,
        actor_kind=kind,
        action=action,
        about_type=about._meta.label_lower,
        about_id=str(about.pk or ""),
        facts=facts,
    )


def clinic_of(about: Model) -> UUID | None:
    return about.pk if isinstance(about, Clinic) else getattr(about, "clinic_id", None)


def subjects(about: Model, patients: Iterable[UUID] | None) -> Iterable[UUID]:
    if patients is not None:
        return dict.fromkeys(patients)
    own = getattr(about, "audit_subject", None)
    return [] if own is None else [own]
