"""Whom a recall concerns and how to reach them, each person once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from clinic import clock
from clinic.models import User
from patients.models import ContactPoint, Patient
from plans.models import Intervention


@dataclass(frozen=True, slots=True)
class Contact:
    patient: Patient
    phone: str
    email: str
    # Days on which it was used on this person.
    days: Sequence[date]

    @property
    def state(self) -> str:
        """What stands in the way of getting in touch, or that nothing does."""
        if self.patient.deceased_on is not None:
            return "deceased"
        if self.patient.withdrawn_on is not None:
            return "withdrew from follow-up"
        if self.patient.is_on_hold and self.patient.hold_until is not None:
            return f"on hold until {clock.in_words(self.patient.hold_until)}"
        if not self.phone and not self.email:
            return "no phone or e-mail on file"
        return "may be contacted"

    @property
    def is_free(self) -> bool:
        return self.state == "may be contacted"


def of(interventions: Iterable[Intervention], user: User) -> list[Contact]:
    """By name; one query more. Who may not read contact data gets names alone."""
    days: dict[UUID, list[date]] = defaultdict(list)
    people: dict[UUID, Patient] = {}
    for row in interventions:
        kept = row.plan.complaint.patient.kept
        people[kept.pk] = kept
        days[kept.pk] += [row.performed_on] if row.performed_on else []
    reached = reached_by(user, people)
    contacts = [
        Contact(
            patient=person,
            phone=reached.get((key, "phone"), ""),
            email=reached.get((key, "email"), ""),
            days=sorted(set(days[key])),
        )
        for key, person in people.items()
    ]
    return sorted(contacts, key=lambda c: (c.patient.family_name, c.patient.given_name))


def reached_by(user: User, people: Iterable[UUID]) -> Mapping[tuple[UUID, str], str]:
    points = ContactPoint.objects.visible_to(user).filter(patient__in=list(people))
    return {
        (patient, system): value
        for patient, system, value in points.order_by("pk").values_list(
            "patient_id", "system", "value"
        )
    }
