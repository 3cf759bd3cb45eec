"""The row that a page's address names, where whoever asks may see it."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from clinic.requests import StaffRequest
from patients.models import Complaint, Patient


def find_patient(request: StaffRequest, patient_id: UUID) -> Patient:
    visible = Patient.objects.visible_to(request.user).select_related("clinic")
    return get_object_or_404(visible, pk=patient_id)


def find_complaint(request: StaffRequest, complaint_id: UUID) -> Complaint:
    visible = Complaint.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("patient__clinic"), pk=complaint_id)
