"""Whom a recall concerns and how to reach them, each person once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from clinic import clock
from clinic.models import User
from patients.models import ContactPoint, Patient
from plans.models import Intervention

PATIENT = "plan__complaint__patient"
PART = 200
KEPT = Coalesce(f"{PATIENT}__merged_into", PATIENT)


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


def people(interventions: QuerySet[Intervention], user: User) -> QuerySet[Patient]:
    """Whom they were done on, by name; of merged records the one that is kept."""
    ids = interventions.order_by().values_list(KEPT)
    found: QuerySet[Patient] = Patient.objects.visible_to(user).filter(pk__in=ids)
    ordered = found.order_by("family_name", "given_name", "pk")
    return ordered.select_related("clinic")


def of(
    people: Iterable[Patient], interventions: QuerySet[Intervention], user: User
) -> list[Contact]:
    """In their order; two queries more."""
    people = list(people)
    ids = [person.pk for person in people]
    days, reached = days_of(ids, interventions), reached_by(user, ids)
    return [
        Contact(
            patient=person,
            phone=reached.get((person.pk, "phone"), ""),
            email=reached.get((person.pk, "email"), ""),
            days=days[person.pk],
        )
        for person in people
    ]


def in_parts(
    ids: Sequence[UUID], interventions: QuerySet[Intervention], user: User
) -> Iterator[Contact]:
    """Those people in that order, however many: no more of them at once than a part."""
    known = people(interventions, user)
    for start in range(0, len(ids), PART):
        part = ids[start : start + PART]
        yield from of(known.filter(pk__in=part), interventions, user)


def days_of(
    people: Iterable[UUID], interventions: QuerySet[Intervention]
) -> Mapping[UUID, list[date]]:
    """When it was used on each of them, each day once."""
    found: dict[UUID, list[date]] = defaultdict(list)
    used = (
        interventions.annotate(kept=KEPT)
        .filter(kept__in=people)
        .order_by("performed_on")
        .values_list("kept", "performed_on")
    )
    for person, day in used.distinct():
        if day is not None:
            found[person].append(day)
    return found


def reached_by(user: User, people: Iterable[UUID]) -> Mapping[tuple[UUID, str], str]:
    points = ContactPoint.objects.visible_to(user).filter(patient__in=list(people))
    return {
        (patient, system): value
        for patient, system, value in points.order_by("pk").values_list(
            "patient_id", "system", "value"
        )
    }
