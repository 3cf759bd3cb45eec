"""An appointment finds its patient, once somebody with that number is registered."""

from patients.models import Appointment, Patient


def adopt(patient: Patient) -> int:
    """Those of the clinic that wait for this number; one UPDATE."""
    waiting = Appointment.objects.filter(
        clinic=patient.clinic_id, patient=None, mrn__iexact=patient.mrn
    )
    return waiting.update(patient=patient)
