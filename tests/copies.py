"""Many patients like one that the product made, with all that belongs to that one."""

from collections.abc import Iterator, Mapping
from operator import attrgetter
from uuid import UUID

from django.db import models, transaction

from clinic import bulk
from clinic.models import uuid7
from outcomes.models import Episode, FollowUp, StaffTask
from patients.models import Complaint, Consent, ContactPoint, Patient, SearchTerm
from plans.models import CautionPass, Goal, Intervention, Plan

AT_ONCE = 500
# What a patient with a plan has, each after what it belongs to, and the way from it to
# the patient. Who has been written to or has answered is not copied.
OWNED: Mapping[type[models.Model], str] = {
    Consent: "patient",
    ContactPoint: "patient",
    SearchTerm: "patient",
    Complaint: "patient",
    Plan: "complaint__patient",
    Goal: "plan__complaint__patient",
    Intervention: "plan__complaint__patient",
    CautionPass: "intervention__plan__complaint__patient",
    Episode: "patient",
    FollowUp: "patient",
    StaffTask: "patient",
}


@transaction.atomic
def of_patient(pattern: Patient, number: int) -> list[UUID]:
    """The ids of so many copies, each with an MRN and an address of its own."""
    rows: dict[type[models.Model], list[models.Model]] = {Patient: [pattern]}
    for model, way in OWNED.items():
        rows[model] = list(model._default_manager.filter(**{way: pattern}))
    made: list[UUID] = []
    while len(made) < number:
        some = min(AT_ONCE, number - len(made))
        keys = [_new_keys(rows) for _ in range(some)]
        for model, own in rows.items():
            bulk.insert([one for each in keys for one in _copied(model, own, each)])
        made += [each[pattern.pk] for each in keys]
    if number > AT_ONCE:
        bulk.analyze(*rows)
    return made


def _new_keys(
    rows: Mapping[type[models.Model], list[models.Model]],
) -> dict[UUID, UUID]:
    return {
        row.pk: uuid7() for own in rows.values() for row in own if type(row.pk) is UUID
    }


def _copied(
    model: type[models.Model], own: list[models.Model], keys: Mapping[UUID, UUID]
) -> Iterator[models.Model]:
    names = [field.attname for field in model._meta.concrete_fields]
    read = attrgetter(*names)
    for row in own:
        values = (
            keys.get(value, value) if type(value) is UUID else value
            for value in read(row)
        )
        copy = model(**dict(zip(names, values, strict=True)))
        if isinstance(copy, Patient):
            copy.mrn = copy.pk.hex[-16:]
        if isinstance(copy, Episode):
            # The tick after the plan was made has seen to it.
            copy.facts_due_at = None
        if isinstance(copy, ContactPoint) and copy.system == ContactPoint.System.EMAIL:
            copy.value = copy.match_key = f"{copy.pk.hex}@example.org"
        yield copy
