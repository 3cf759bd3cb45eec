from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from patients import rows
from patients.catalogue import icd10, regions
from patients.models import Complaint, Diagnosis
from patients.triage import diagnoses, forms, intake, ledger

MOST_CODES = 20


@get_or_post
def open_complaint(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.WRITE_COMPLAINTS)
    form = forms.ComplaintForm(
        posted(request),
        names_source=access.can(request.user, Act.DIAGNOSE),
    )
    opened = carry_out(request, form, intake.take, patient)
    if opened is not None:
        named = " and ".join(map(str, opened))
        is_are = "is" if len(opened) == 1 else "are"
        messages.success(request, f"{named} {is_are} open.")
        return _onwards(opened[0])
    audit.record(by=request.user, action="patient.read", about=patient)
    context = {
        "form": form,
        "patient": patient,
        "regions": regions.choices("en"),
        "chosen": set(request.POST.getlist("regions")),
        "worst": request.POST.get("worst_region", ""),
        "errors": [
            *form.errors.get("regions", []),
            *form.errors.get("worst_region", []),
        ],
    }
    return render(request, "patients/open_complaint.html", context)


def _onwards(complaint: Complaint) -> HttpResponse:
    """To the sheet where more can be said, if something was; else to the patient."""
    draft = complaint.evaluations.first()
    if draft is None:
        return redirect("outcomes:patient", complaint.patient_id)
    return redirect("patients:evaluation", draft.pk)


@get_or_post
def name_source(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.DIAGNOSE)
    form = forms.SourceForm(posted(request))
    named = carry_out(request, form, ledger.name_source, complaint)
    if named is not None:
        messages.success(request, f"In the ledger: {named}.")
        return redirect("outcomes:patient", complaint.patient_id)
    audit.record(by=request.user, action="complaint.read", about=complaint)
    context = {
        "form": form,
        "complaint": complaint,
        "patient": complaint.patient,
        "ledger": complaint.hypotheses.select_related("stated_by"),
    }
    return render(request, "patients/name_source.html", context)


@get_or_post
def diagnose(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.DIAGNOSE)
    form = forms.DiagnosisForm(posted(request))
    made = carry_out(request, form, diagnoses.diagnose, complaint)
    if made is not None:
        messages.success(request, f"Recorded {made}.")
        return redirect("outcomes:patient", complaint.patient_id)
    audit.record(by=request.user, action="complaint.read", about=complaint)
    context = {
        "form": form,
        "complaint": complaint,
        "patient": complaint.patient,
        "diagnoses": complaint.diagnoses.filter(status=Diagnosis.Status.ACTIVE),
        "certainties": Diagnosis.Certainty.choices,
        **code_results(request.GET.get("q", "") or request.POST.get("q", "")),
    }
    return render(request, "patients/diagnose.html", context)


@require_POST
def revise_diagnosis(request: StaffRequest, diagnosis_id: UUID) -> HttpResponse:
    visible = Diagnosis.objects.visible_to(request.user).select_related("complaint")
    diagnosis = get_object_or_404(visible, pk=diagnosis_id)
    access.require(request.user, Act.DIAGNOSE)
    certainty = request.POST.get("certainty", "")
    try:
        diagnoses.revise_diagnosis(diagnosis, by=request.user, certainty=certainty)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{diagnosis.code} is {diagnosis.certainty} now.")
    return redirect("patients:diagnose", diagnosis.complaint_id)


@require_GET
def search_codes(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_CLINICAL)
    found = code_results(request.GET.get("q", ""))
    return render(request, "patients/_icd10_results.html", found)


def code_results(query: str) -> dict[str, Any]:
    query = query.strip()[:100]
    found = icd10.search(query, limit=MOST_CODES + 1) if query else []
    return {
        "query": query,
        "codes": found[:MOST_CODES],
        "has_more_codes": len(found) > MOST_CODES,
    }
