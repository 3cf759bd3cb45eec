"""One row of this app: found where whoever asks may see it, or held for a change."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.shortcuts import get_object_or_404

from clinic.requests import StaffRequest
from patients.models import Complaint, Patient, Study


def find_patient(request: StaffRequest, patient_id: UUID) -> Patient:
    """The record that is kept, where the one named was merged into it."""
    visible = Patient.objects.visible_to(request.user)
    related = visible.select_related("clinic", "merged_into__clinic")
    return get_object_or_404(related, pk=patient_id).kept


def find_complaint(request: StaffRequest, complaint_id: UUID) -> Complaint:
    visible = Complaint.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("patient__clinic"), pk=complaint_id)


def find_study(request: StaffRequest, study_id: UUID) -> Study:
    visible = Study.objects.visible_to(request.user).with_people()
    return get_object_or_404(visible, pk=study_id)


def hold_patient(patient: Patient) -> None:
    """One writer of what is kept of a patient at a time; SQLite has one anyway."""
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)


def lock_complaint(complaint: Complaint) -> None:
    """Reads it afresh; one writer at a time, so that this still holds when saved.

    SQLite has one writer anyway.
    """
    stored = Complaint.objects.select_for_update(of=("self",), no_key=True)
    complaint.refresh_from_db(from_queryset=stored.select_related("patient__clinic"))


def lock_complaints(ids: Iterable[UUID]) -> None:
    """Several, in one order for everybody: nobody waits for whoever waits for them.

    SQLite has one writer anyway, and is not asked for what it would not hold.
    """
    if not connection.features.has_select_for_update:
        return
    stored = Complaint.objects.select_for_update(of=("self",), no_key=True)
    list(stored.filter(pk__in=set(ids)).order_by("pk").values_list("pk"))
