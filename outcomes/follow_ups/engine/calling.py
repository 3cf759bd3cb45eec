"""Whether a patient may and can be called; for who cannot, staff find another way."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Q, QuerySet

from outcomes.models import StaffTask
from patients.models import Consent, ContactPoint, Patient

# Text messages fail there, and it rings all the same.
RINGS = ("landline",)
_DIALED = Q(failed_at=None) | Q(failure__in=RINGS)


def numbers(patient: Patient) -> QuerySet[ContactPoint]:
    """What can be dialed; one that was found to be wrong is none."""
    system = ContactPoint.System.PHONE
    return ContactPoint.objects.filter(_DIALED, patient=patient, system=system)


def kind_for(patient: Patient, *, may_be_called: bool | None = None) -> StaffTask.Kind:
    """What staff can do about who is not reached by messages.

    Costs no query where the contacts came with the patient and consent is known.
    """
    if may_be_called is None:
        may_be_called = not taken_back(dict.fromkeys(patient.record_ids, patient.pk))
    is_called = may_be_called and _has_number(patient)
    return StaffTask.Kind.CALL if is_called else StaffTask.Kind.REACH


def _has_number(patient: Patient) -> bool:
    return any(
        one.system == ContactPoint.System.PHONE
        and (one.failed_at is None or one.failure in RINGS)
        for one in patient.contact_points.all()
    )


def taken_back(kept: Mapping[UUID, UUID]) -> set[UUID]:
    """Who agreed to be called once, and took it back; by records, of which is kept."""
    asked = Consent.objects.filter(patient__in=kept, scope=Consent.Scope.PHONE)
    withdrawn: set[UUID] = set()
    in_force: set[UUID] = set()
    for patient_id, withdrawn_on in asked.values_list("patient", "withdrawn_on"):
        (in_force if withdrawn_on is None else withdrawn).add(kept[patient_id])
    return withdrawn - in_force
