"""What the patient page shows of the record: who is beside the patient, what stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from patients.models import (
    Caregiver,
    Consent,
    ContactPoint,
    OutsideClinician,
    Patient,
    PatientMerge,
)
from patients.record import contacts, separating
from patients.record.contacts import Shared


@dataclass(frozen=True, slots=True)
class Reach:
    """An address or number, whether it may be used, and who has the same."""

    contact: ContactPoint
    shared_with: Sequence[Patient]


@dataclass(frozen=True, slots=True)
class Joined:
    """A record merged into this one, and what stays on it should they be separated."""

    made: PatientMerge
    said_meanwhile: Sequence[str]


@dataclass(frozen=True, slots=True)
class RecordCard:
    record_ids: Sequence[UUID]
    reached_by: Sequence[Reach]
    caregivers: Sequence[Caregiver]
    clinicians: Sequence[OutsideClinician]
    consents: Sequence[Consent]
    merges: Sequence[Joined]

    @property
    def patients_shown(self) -> list[UUID]:
        """Whose data the page shows, for the audit."""
        shared = [other.pk for way in self.reached_by for other in way.shared_with]
        return [*self.record_ids, *shared]

    @property
    def agreed_in_words(self) -> str:
        """Such as "to be asked by e-mail; answers used for treatment"."""
        order = Consent.Scope.values
        held = sorted(self.consents, key=lambda consent: order.index(consent.scope))
        return "; ".join(consent.get_scope_display() for consent in held)

    @property
    def needs_guardian(self) -> bool:
        return not any(person.is_guardian for person in self.caregivers)


def of(patient: Patient) -> RecordCard:
    """Six queries, one more a merge, and the contact points; the caller has looked who
    may see it.
    """
    ids = patient.record_ids
    shared = contacts.shared_with(patient, ids)
    merges = PatientMerge.objects.filter(kept=patient, undone_at=None)
    return RecordCard(
        record_ids=ids,
        reached_by=[_reach(point, shared) for point in patient.contact_points.all()],
        caregivers=list(patient.caregivers.filter(ended_on=None)),
        clinicians=list(patient.outside_clinicians.order_by("-role")),
        consents=list(patient.consents.filter(withdrawn_on=None)),
        merges=[
            Joined(made, separating.in_words(made))
            for made in merges.select_related("merged_by", *separating.BOTH)
        ],
    )


def _reach(point: ContactPoint, shared: Sequence[Shared]) -> Reach:
    return Reach(point, [one.patient for one in shared if one.system == point.system])
