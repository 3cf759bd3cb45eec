from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted, workplace
from patients import rows
from patients.models import Patient
from patients.record import care_team, consents, duplicates, registration
from patients.record.forms.identity import PatientForm, RegistrationForm


@get_or_post
def register(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.WRITE_PATIENTS)
    clinic = workplace(request)
    form = RegistrationForm(posted(request), clinic=clinic)
    twins: list[duplicates.Twin] = []
    try:
        patient = carry_out(
            request,
            form,
            registration.register,
            clinic,
            is_confirmed="register_anyway" in request.POST,
            may_share_contacts=False,
        )
    except duplicates.LikelyDuplicateError as error:
        patient, twins = None, error.twins
        shown = [twin.pk for twin in error.patients]
        audit.record(
            by=request.user, action="patients.listed", about=clinic, patients=shown
        )
    if patient is not None:
        messages.success(request, f"{patient} is registered, MRN {patient.mrn}.")
        return redirect("outcomes:patient", patient.pk)
    context = {"form": form, "twins": twins}
    return render(request, "patients/register.html", context)


@get_or_post
def edit(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.WRITE_PATIENTS)
    form = PatientForm(posted(request), clinic=patient.clinic, initial=initial(patient))
    updated = carry_out(request, form, registration.update, patient)
    if updated is not None:
        messages.success(request, "Saved.")
        return redirect("outcomes:patient", patient.pk)
    audit.record(by=request.user, action="patient.read", about=patient)
    # The verb has put what was typed on the row; the page names who it is about.
    shown = rows.find_patient(request, patient_id)
    context = {
        "form": form,
        "patient": shown,
        "caregivers": shown.caregivers.filter(ended_on=None),
    }
    return render(request, "patients/edit.html", context)


def initial(patient: Patient) -> dict[str, Any]:
    contacts = {c.system: c for c in patient.contact_points.all()}
    email, phone = contacts.get("email"), contacts.get("phone")
    names = [*PatientForm.base_fields]
    held = {name: getattr(patient, name) for name in names if hasattr(patient, name)}
    clinicians = {
        f"{name}_{field}": getattr(clinician, field)
        for name, clinician in care_team.of(patient).items()
        for field in care_team.FIELDS
    }
    return {
        **held,
        **clinicians,
        "email": email.value if email else "",
        # Stands with the person, also while there is no address.
        "may_contact": consents.Scope.EMAIL in consents.in_force(patient),
        "phone": phone.value if phone else "",
    }
