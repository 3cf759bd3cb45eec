"""A complaint on paper: the note for the record system, and the referrer's letter."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic.requests import StaffRequest
from patients import rows
from patients.models import Complaint, Evaluation, SourceHypothesis
from patients.triage.note import letter, written
from patients.triage.note.plain_text import WIDTH
from patients.triage.note.written import Written

LEDGER = SourceHypothesis.SHOWN_WITH


@require_GET
def show_note(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    found = _written(request, complaint, "page")
    context = {
        "complaint": complaint,
        "patient": complaint.patient.kept,
        "evaluation": found.evaluation,
        "evaluations": found.evaluations,
        "text": found.text,
        "lines": found.text.count("\n"),
        "width": WIDTH,
    }
    return render(request, "patients/note.html", context)


@require_GET
def download_note(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    """The same as a file, for a browser that may not copy."""
    found = _written(request, rows.find_complaint(request, complaint_id), "file")
    return HttpResponse(
        found.text.replace("\n", "\r\n"),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="note.txt"'},
    )


@require_GET
def show_letter(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    visible = (
        Complaint.objects.visible_to(request.user)
        .select_related("patient__clinic", "patient__merged_into__clinic")
        .prefetch_related(*(f"hypotheses__{name}" for name in LEDGER))
    )
    complaint = get_object_or_404(visible, pk=complaint_id)
    context = {
        "letter": letter.write(complaint, by=request.user),
        "complaint": complaint,
        "patient": complaint.patient.kept,
    }
    return render(request, "patients/letter.html", context)


def _written(request: StaffRequest, complaint: Complaint, form: str) -> Written:
    asked = request.GET.get("evaluation", "")
    try:
        return written.write(complaint, by=request.user, form=form, asked=asked)
    except Evaluation.DoesNotExist as unknown:
        raise Http404 from unknown
