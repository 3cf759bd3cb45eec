"""The one e-mail address and the one phone number by which a patient is reached."""

import functools
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from clinic.models import Clinic
from patients.models import ContactPoint, Patient
from patients.models.contact import match_key

SYSTEMS = (ContactPoint.System.EMAIL, ContactPoint.System.PHONE)


@dataclass(frozen=True, slots=True)
class Shared:
    """Somebody else has the same address or number on file."""

    system: str
    value: str
    patient: Patient

    @property
    def words(self) -> str:
        return f"same {ContactPoint.System(self.system).label}"


def update(patient: Patient, wanted: Mapping[str, str | None]) -> list[str]:
    """Replace what is given; returns the systems that changed.

    A consent to be asked stays with the person when the address changes.
    """
    held = {contact.system: contact for contact in patient.contact_points.all()}
    changed = []
    for system in SYSTEMS:
        value = wanted.get(system)
        known = held.get(system)
        if value is None or value.strip() == (known.value if known else ""):
            continue
        if known:
            known.delete()
        if value.strip():
            _add(patient, system, value.strip())
        changed.append(str(system))
    return changed


def _add(patient: Patient, system: str, value: str) -> None:
    """Beside none of its kind, so that no constraint is asked what it says anyway."""
    contact = ContactPoint.made(patient, system, value)
    try:
        contact.full_clean(
            exclude={"clinic", "patient"},
            validate_unique=False,
            validate_constraints=False,
        )
    except ValidationError as error:
        raise ValidationError({system: error.messages}) from error
    contact.save()


def shared_with(patient: Patient, record_ids: Iterable[object]) -> list[Shared]:
    """Other patients with the same address or number; `record_ids` are the own."""
    keys = {
        contact.system: contact.match_key for contact in patient.contact_points.all()
    }
    return sharing(patient.clinic_id, keys, set(record_ids))


def sharing_with_new(clinic: Clinic, **values: str) -> list[Shared]:
    """Who has this address or number already, before somebody is registered with it."""
    keys = {
        system: match_key(system, value.strip(), clinic.zone)
        for system, value in values.items()
        if value.strip()
    }
    return sharing(clinic.pk, keys, set())


def sharing(clinic_id: UUID, keys: Mapping[str, str], own: set[object]) -> list[Shared]:
    """One query, one entry a person: a merged record leads to the kept one."""
    conditions = [
        Q(system=system, match_key=key) for system, key in keys.items() if key
    ]
    if not conditions:
        return []
    wanted = functools.reduce(operator.or_, conditions)
    found: QuerySet[ContactPoint] = (
        ContactPoint.objects.filter(wanted, clinic=clinic_id)
        .select_related("patient__merged_into")
        .order_by("patient__family_name", "patient__given_name", "pk")
    )
    others = {
        (contact.patient.kept.pk, contact.system): contact
        for contact in found
        if contact.patient.kept.pk not in own
    }
    return [
        Shared(contact.system, contact.value, contact.patient.kept)
        for contact in others.values()
    ]
