from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted, workplace
from patients import rows
from patients.models import Complaint, Patient
from patients.record import forms, registration
from patients.triage import early_intervention

PAGE_SIZE = 50


@require_GET
def patients(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PATIENTS)
    form = forms.SearchForm(request.GET)
    form.is_valid()
    query, page = form.cleaned_data.get("q", ""), form.cleaned_data.get("page") or 1
    first = (page - 1) * PAGE_SIZE
    found = list(listed(request, query)[first : first + PAGE_SIZE + 1])
    for patient in found:
        # Joined in, it would keep SQLite from walking the index in the list's order.
        patient.clinic = workplace(request)
    shown = found[:PAGE_SIZE]
    audit.record(
        by=request.user,
        action="patients.listed",
        about=workplace(request),
        patients=[patient.pk for patient in shown],
        page=page,
        was_search=bool(query),
    )
    context = {
        "patients": shown,
        "query": query,
        "page": page,
        "first": first + 1,
        "last": first + len(shown),
        "has_more": len(found) > PAGE_SIZE,
    }
    return render(request, "patients/list.html", context)


def listed(request: StaffRequest, query: str) -> QuerySet[Patient]:
    """Found patients by name, with what this reader may know of their care."""
    visible = Patient.objects.visible_to(request.user)
    found = visible.search(query)
    if access.can(request.user, Act.READ_CLINICAL):
        complaints = Complaint.objects.filter(closed_on=None)
        found = found.prefetch_related(
            early_intervention.clocks(request.user),
            Prefetch("complaints", complaints),
            "complaints__hypotheses",
        )
    if access.can(request.user, Act.READ_PLANS):
        # By name: the plans app stands above this one.
        found = found.prefetch_related("complaints__plans")
    return found.order_by("family_name", "given_name", "pk")


@get_or_post
def register(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.WRITE_PATIENTS)
    clinic = workplace(request)
    form = forms.RegistrationForm(posted(request), clinic=clinic)
    twins: list[Patient] = []
    try:
        patient = carry_out(
            request,
            form,
            registration.register,
            clinic,
            is_confirmed="register_anyway" in request.POST,
        )
    except registration.LikelyDuplicateError as error:
        patient, twins = None, error.patients
        shown = [twin.pk for twin in twins]
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
    form = forms.PatientForm(
        posted(request), clinic=patient.clinic, initial=initial(patient)
    )
    was_in_follow_up = patient.is_in_follow_up
    updated = carry_out(request, form, registration.update, patient)
    if updated is not None:
        is_back = updated.is_in_follow_up and not was_in_follow_up
        note = f" Note: {forms.STAY_CANCELLED}." if is_back else ""
        messages.success(request, f"Saved.{note}")
        return redirect("outcomes:patient", patient.pk)
    audit.record(by=request.user, action="patient.read", about=patient)
    # The verb has put what was typed on the row; the page names who it is about.
    context = {"form": form, "patient": rows.find_patient(request, patient_id)}
    return render(request, "patients/edit.html", context)


def initial(patient: Patient) -> dict[str, Any]:
    contacts = {c.system: c for c in patient.contact_points.all()}
    email, phone = contacts.get("email"), contacts.get("phone")
    names = [*forms.PatientForm.base_fields]
    held = {name: getattr(patient, name) for name in names if hasattr(patient, name)}
    return held | {
        "email": email.value if email else "",
        "may_contact": bool(email and email.may_contact),
        "phone": phone.value if phone else "",
    }
