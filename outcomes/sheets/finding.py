"""The rows that sheets are about: looked up among what the user may see."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from clinic.requests import StaffRequest
from patients.models import Patient


def patient(request: StaffRequest, patient_id: UUID) -> Patient:
    visible = Patient.objects.visible_to(request.user).select_related("clinic")
    return get_object_or_404(visible, pk=patient_id)
