"""What was done, on paper: the passport of a PRP injection, and the note of any."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic.requests import StaffRequest
from patients.triage.note.plain_text import WIDTH
from plans.models import Intervention, Modality
from plans.procedures import recorded
from plans.procedures.papers import note
from plans.procedures.prp import passport

CAVEAT = (
    "These letters describe what was made and injected. They do not say what it did: "
    "that is read from the patient's answers."
)


@require_GET
def show_passport(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = find(request, intervention_id)
    if intervention.modality != Modality.PRP:
        raise Http404("Only a PRP injection has a passport.")
    read = passport.read(intervention, by=request.user)
    context = {**about(intervention), "passport": read, "caveat": CAVEAT}
    return render(request, "plans/passport.html", context)


@require_GET
def show_note(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = find(request, intervention_id)
    written = note.write(intervention, by=request.user, form="page")
    context = {
        **about(intervention),
        "text": written.text,
        "lines": written.text.count("\n"),
        "width": WIDTH,
        "has_passport": intervention.modality == Modality.PRP,
    }
    return render(request, "plans/procedure_note.html", context)


@require_GET
def download_note(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    """The same as a file, for a browser that may not copy."""
    written = note.write(find(request, intervention_id), by=request.user, form="file")
    return HttpResponse(
        written.text.replace("\n", "\r\n"),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="procedure.txt"'},
    )


def find(request: StaffRequest, intervention_id: UUID) -> Intervention:
    visible = Intervention.objects.visible_to(request.user)
    rows = recorded.with_details(visible).select_related(
        "plan__complaint__patient__clinic",
        "plan__complaint__patient__merged_into__clinic",
    )
    return get_object_or_404(rows, pk=intervention_id)


def about(intervention: Intervention) -> dict[str, object]:
    complaint = intervention.plan.complaint
    return {
        "intervention": intervention,
        "plan": intervention.plan,
        "complaint": complaint,
        "patient": complaint.patient.kept,
    }
