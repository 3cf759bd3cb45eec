from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from patients import rows
from patients.models import Caregiver
from patients.record import caregivers
from patients.record.forms.caregivers import CaregiverForm, ChangeCaregiverForm


@get_or_post
def listed(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Everybody beside the patient, and a form for one more."""
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.WRITE_PATIENTS)
    form = CaregiverForm(posted(request))
    added = carry_out(request, form, caregivers.add, patient)
    if added is not None:
        messages.success(request, f"{added.name} is on file.")
        return redirect("patients:caregivers", patient.pk)
    audit.record(by=request.user, action="patient.read", about=patient)
    found = list(patient.caregivers.all())
    context = {
        "form": form,
        "patient": patient,
        "current": [person for person in found if person.ended_on is None],
        "ended": [person for person in found if person.ended_on is not None],
    }
    return render(request, "patients/caregivers.html", context)


@get_or_post
def change(request: StaffRequest, caregiver_id: UUID) -> HttpResponse:
    visible = Caregiver.objects.visible_to(request.user)
    related = visible.select_related("patient__clinic", "patient__merged_into")
    caregiver = get_object_or_404(related, pk=caregiver_id)
    access.require(request.user, Act.WRITE_PATIENTS)
    held = {name: getattr(caregiver, name) for name in ChangeCaregiverForm.base_fields}
    form = ChangeCaregiverForm(posted(request), initial=held)
    changed = carry_out(request, form, caregivers.change, caregiver)
    if changed is not None:
        messages.success(request, "Saved.")
        return redirect("patients:caregivers", caregiver.patient.kept.pk)
    audit.record(by=request.user, action="patient.read", about=caregiver)
    context = {
        "form": form,
        "caregiver": get_object_or_404(related, pk=caregiver_id),
        "patient": caregiver.patient.kept,
    }
    return render(request, "patients/change_caregiver.html", context)
