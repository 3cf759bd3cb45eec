"""The record of who did and who read what, written with the change itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from clinic import bulk
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
    """The same for many, in two queries."""
    if not entries:
        return
    with transaction.atomic():
        events = AuditEvent.objects.bulk_create(
            _event(by, one.action, one.about, one.facts) for one in entries
        )
        bulk.insert(
            [
                AuditSubject(event_id=event.pk, patient_id=patient)
                for event, one in zip(events, entries, strict=True)
                for patient in subjects(one.about, None)
            ]
        )


def _event(by: By, action: str, about: Model, facts: dict[str, Any]) -> AuditEvent:
    return AuditEvent(
        clinic_id=clinic_of(about),
        actor=by if isinstance(by, User) else None,
        actor_kind=AuditEvent.ActorKind.USER if isinstance(by, User) else by.kind,
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
