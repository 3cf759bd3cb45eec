"""Finding a code, recording it on a complaint, and revising it later."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from patients import rows
from patients.catalogue import icd10
from patients.catalogue.icd10 import Code
from patients.models import Complaint, Diagnosis
from patients.triage import code_checks, diagnoses
from patients.triage.forms.diagnoses import DiagnosisForm, RevisionForm

MOST_CODES = 20
ACTIVE = Diagnosis.Status.ACTIVE


@dataclass(frozen=True, slots=True)
class Hit:
    """A code that was found, and what stands against it on this complaint."""

    code: Code
    side_words: str
    is_other_side: bool
    excluded_by: tuple[str, ...]
    is_recorded: bool


@get_or_post
def diagnose(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.DIAGNOSE)
    form = DiagnosisForm(posted(request), complaint=complaint)
    made = carry_out(request, form, diagnoses.diagnose, complaint)
    if made is not None:
        messages.success(request, f"Recorded {made}.")
        for words in code_checks.warnings(made):
            messages.warning(request, words)
        return redirect("outcomes:patient", complaint.patient_id)
    return page(request, complaint, form)


@require_POST
def revise(request: StaffRequest, diagnosis_id: UUID) -> HttpResponse:
    visible = Diagnosis.objects.visible_to(request.user).select_related(
        "complaint__patient__clinic"
    )
    diagnosis = get_object_or_404(visible, pk=diagnosis_id)
    access.require(request.user, Act.DIAGNOSE)
    form = RevisionForm(request.POST, diagnosis=diagnosis)
    if form.is_valid():
        try:
            diagnoses.revise_diagnosis(diagnosis, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            say(form, error)
        else:
            status = diagnosis.get_status_display().lower()
            words = f"{diagnosis.code} is {diagnosis.certainty} now, {status}."
            messages.success(request, words)
            return redirect("patients:diagnose", diagnosis.complaint_id)
    complaint = rows.find_complaint(request, diagnosis.complaint_id)
    empty = DiagnosisForm(complaint=complaint)
    return page(request, complaint, empty, {diagnosis.pk: form})


@require_GET
def search_codes(request: StaffRequest) -> HttpResponse:
    """The results alone; with a complaint, also what stands against each there."""
    access.require(request.user, Act.READ_CLINICAL)
    complaint, held = None, []
    if "complaint" in request.GET:
        complaint = rows.find_complaint(request, asked_id(request.GET["complaint"]))
        held = list(complaint.diagnoses.all())
    found = code_results(request.GET.get("q", ""), complaint, held)
    return render(request, "patients/_icd10_results.html", found)


def asked_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404("There is no such complaint.") from None


def page(
    request: StaffRequest,
    complaint: Complaint,
    form: DiagnosisForm,
    revisions: dict[UUID, RevisionForm] | None = None,
) -> HttpResponse:
    audit.record(by=request.user, action="complaint.read", about=complaint)
    held = list(complaint.diagnoses.select_related("recorded_by"))
    query = request.GET.get("q", "") or request.POST.get("q", "")
    out_of_use = Diagnosis.Status.ENTERED_IN_ERROR
    context = {
        "form": form,
        "complaint": complaint,
        "patient": complaint.patient,
        "recorded": [
            (each, (revisions or {}).get(each.pk) or RevisionForm(diagnosis=each))
            for each in held
            if each.status != out_of_use
        ],
        "in_error": [each for each in held if each.status == out_of_use],
        "is_revising": bool(revisions),
        **code_results(query, complaint, held),
    }
    return render(request, "patients/diagnose.html", context)


def code_results(
    query: str, complaint: Complaint | None, held: list[Diagnosis]
) -> dict[str, Any]:
    query = query.strip()[:100]
    found = icd10.search(query, limit=MOST_CODES + 1) if query else []
    side = complaint.side if complaint else ""
    is_unlisted = bool(query) and not found and icd10.is_well_formed(query)
    return {
        "query": query,
        "hits": [hit(code, side, held) for code in found[:MOST_CODES]],
        "has_more_codes": len(found) > MOST_CODES,
        "unlisted": icd10.spelled(query) if is_unlisted else "",
        "release": icd10.release(),
        "complaint": complaint,
    }


def hit(code: Code, side: str, held: list[Diagnosis]) -> Hit:
    if not code.is_billable:
        return Hit(code, "", False, (), False)
    problem = icd10.side_problem(code.code, side)
    others = [d.code for d in held if d.is_standing and d.code != code.code]
    return Hit(
        code,
        problem.words if problem else "",
        problem.is_error if problem else False,
        tuple(other for other in others if icd10.conflicts(code.code, [other])),
        any(d.code == code.code and d.status == ACTIVE for d in held),
    )
