"""The summary before a visit, as a page to print and as a PDF."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest
from outcomes.sheets import finding, person
from outcomes.sheets.summary import paper_form, summary
from outcomes.sheets.typesetting import replies


@require_GET
def show(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    patient = finding.patient(request, patient_id)
    access.require(request.user, Act.READ_ANSWERS)
    if patient.merged_into_id is not None:
        return redirect("outcomes:summary", patient.merged_into_id)
    found = person.read(request.user, patient)
    audit.record(
        by=request.user,
        action="summary.read",
        about=patient,
        patients=found.record_ids,
    )
    context = {"summary": summary.of(found), "patient": patient}
    return render(request, "outcomes/sheets/summary.html", context)


@require_GET
def download(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    patient = finding.patient(request, patient_id)
    access.require(request.user, Act.READ_ANSWERS)
    if patient.merged_into_id is not None:
        return redirect("outcomes:summary_pdf", patient.merged_into_id)
    found = person.read(request.user, patient)
    reply = replies.made(
        request,
        "summary",
        paper_form.of(summary.of(found)),
        clinic=patient.clinic,
    )
    if reply.status_code == HTTPStatus.OK:
        audit.record(
            by=request.user,
            action="summary.downloaded",
            about=patient,
            patients=found.record_ids,
        )
    return reply
