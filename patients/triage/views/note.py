"""A complaint on paper: the note for the record system, and the referrer's letter."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic import audit
from clinic.requests import StaffRequest
from patients import rows
from patients.models import Complaint, Evaluation, SourceHypothesis
from patients.triage.note import letter, note
from patients.triage.note.plain_text import WIDTH

LEDGER = SourceHypothesis.SHOWN_WITH


@require_GET
def show_note(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint, made, others = _found(request, complaint_id)
    written = note.text(note.load(complaint, made, request.user))
    _put_on_record(request, complaint, made, "page")
    context = {
        "complaint": complaint,
        "patient": complaint.patient.kept,
        "evaluation": made,
        "evaluations": others,
        "text": written,
        "lines": written.count("\n"),
        "width": WIDTH,
    }
    return render(request, "patients/note.html", context)


@require_GET
def download_note(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    """The same as a file, for a browser that may not copy."""
    complaint, made, _ = _found(request, complaint_id)
    written = note.text(note.load(complaint, made, request.user))
    _put_on_record(request, complaint, made, "file")
    return HttpResponse(
        written.replace("\n", "\r\n"),
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
    audit.record(by=request.user, action="letter.read", about=complaint)
    context = {
        "letter": letter.load(complaint, request.user),
        "complaint": complaint,
        "patient": complaint.patient.kept,
    }
    return render(request, "patients/letter.html", context)


def _found(
    request: StaffRequest, complaint_id: UUID
) -> tuple[Complaint, Evaluation | None, list[Evaluation]]:
    """The complaint, the evaluation asked for or else the newest, and all of them."""
    complaint = rows.find_complaint(request, complaint_id)
    visible = Evaluation.objects.visible_to(request.user).filter(complaint=complaint)
    made = list(visible.select_related("signed_by"))
    for each in made:
        # Saves a query: it is this complaint's.
        each.complaint = complaint
    asked = request.GET.get("evaluation", "")
    if not asked:
        error = Evaluation.State.ENTERED_IN_ERROR
        newest = next((e for e in made if e.state != error), None)
        return complaint, newest, made
    chosen = next((e for e in made if str(e.pk) == asked), None)
    if chosen is None:
        raise Http404
    return complaint, chosen, made


def _put_on_record(
    request: StaffRequest, complaint: Complaint, made: Evaluation | None, how: str
) -> None:
    audit.record(
        by=request.user,
        action="note.read",
        about=complaint,
        evaluation=str(made.pk) if made else "",
        form=how,
    )
