"""Between two rooms: one screen of a phone about the patient in the next one."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest
from outcomes.sheets import finding, person
from outcomes.sheets.glance import glance


@require_GET
def show(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    patient = finding.patient(request, patient_id)
    access.require(request.user, Act.READ_ANSWERS)
    if patient.merged_into_id is not None:
        return redirect("outcomes:glance", patient.merged_into_id)
    found = person.read(request.user, patient)
    audit.record(
        by=request.user,
        action="glance.read",
        about=patient,
        patients=found.record_ids,
    )
    context = {"patient": patient, "glance": glance.of(found)}
    return render(request, "outcomes/sheets/glance.html", context)
