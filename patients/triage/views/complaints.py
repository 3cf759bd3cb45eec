from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from patients import rows
from patients.catalogue import regions
from patients.models import Complaint
from patients.triage import intake
from patients.triage.forms import complaints as forms


@get_or_post
def open_complaint(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.WRITE_COMPLAINTS)
    form = forms.ComplaintForm(
        posted(request),
        today=clock.today(patient.time_zone),
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
