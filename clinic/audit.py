"""The record of who did and who read what, written with the change itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

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
        event = AuditEvent.objects.create(
            clinic_id=clinic_of(about),
            actor=by if isinstance(by, User) else None,
            actor_kind=AuditEvent.ActorKind.USER if isinstance(by, User) else by.kind,
            action=action,
            about_type=about._meta.label_lower,
            about_id=str(about.pk or ""),
            facts=facts,
        )
        AuditSubject.objects.bulk_create(
            AuditSubject(event=event, patient_id=patient)
            for patient in subjects(about, patients)
        )
    return event


def clinic_of(about: Model) -> UUID | None:
    return about.pk if isinstance(about, Clinic) else getattr(about, "clinic_id", None)


def subjects(about: Model, patients: Iterable[UUID] | None) -> Iterable[UUID]:
    if patients is not None:
        return dict.fromkeys(patients)
    own = getattr(about, "audit_subject", None)
    return [] if own is None else [own]
