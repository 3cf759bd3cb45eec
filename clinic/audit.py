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
    with transaction.atomic(savepoint=False):
        event = _event(by, action, about, facts)
        event.save()
        AuditSubject.objects.bulk_create(
            AuditSubject(event=event, patient_id=patient)
            for patient in subjects(about, patients)
        )
    return event


class About(NamedTuple):
    """What an event is about, where no model of it was read."""

    type: str
    id: str
    clinic_id: UUID | None
    patient_id: UUID | None

    @classmethod
    def of(cls, about: Model) -> Self:
        own = getattr(about, "audit_subject", None)
        return cls(about._meta.label_lower, str(about.pk or ""), clinic_of(about), own)


@dataclass(frozen=True, slots=True)
class Entry:
    """One of many that are kept at once."""

    action: str
    about: Model | About
    facts: dict[str, Any]


def record_all(entries: Sequence[Entry], *, by: By) -> None:
    """The same for many, in two statements a table.

    Without a savepoint of its own: while one is open, SQLite writes rows ten times as
    slowly once there are many.
    """
    if not entries:
        return
    kind, actor_id = _actor(by)
    now = clock.now()
    abouts = [
        one.about if isinstance(one.about, About) else About.of(one.about)
        for one in entries
    ]
    events = [
        _Event(
            *(about.clinic_id, now, kind, actor_id),
            *(one.action, about.type, about.id, one.facts),
        )
        for one, about in zip(entries, abouts, strict=True)
    ]
    with transaction.atomic(savepoint=False):
        keys = bulk.insert_counted(events, AuditEvent)
        named = [
            _Subject(key, about.patient_id)
            for key, about in zip(keys, abouts, strict=True)
            if about.patient_id is not None
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
    named = About.of(about)
    return AuditEvent(
        clinic_id=named.clinic_id,
        actor_id=actor_id,
        actor_kind=kind,
        action=action,
        about_type=named.type,
        about_id=named.id,
        facts=facts,
    )


def clinic_of(about: Model) -> UUID | None:
    return about.pk if isinstance(about, Clinic) else getattr(about, "clinic_id", None)


def subjects(about: Model, patients: Iterable[UUID] | None) -> Iterable[UUID]:
    if patients is not None:
        return dict.fromkeys(patients)
    own = About.of(about).patient_id
    return [] if own is None else [own]
