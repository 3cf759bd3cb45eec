"""The page of the source ledger: the history, and a new judgement."""

from uuid import UUID

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from patients import rows
from patients.models import SourceHypothesis
from patients.triage import ledger, ledger_lines
from patients.triage.forms import ledger as ledger_form


@get_or_post
def name_source(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.DIAGNOSE)
    form = ledger_form.SourceForm(posted(request), complaint=complaint)
    named = carry_out(request, form, ledger.name_source, complaint, seen=seen(request))
    if named is not None:
        messages.success(request, f"In the ledger: {named}.")
        for other in ledger.beside(named):
            who = other.stated_by or "Somebody"
            words = f"{who} named the {other} while you did; both entries stand."
            messages.warning(request, words)
        return redirect("outcomes:patient", complaint.patient_id)
    audit.record(by=request.user, action="complaint.read", about=complaint)
    shown = (f"hypotheses__{name}" for name in SourceHypothesis.SHOWN_WITH)
    prefetch_related_objects([complaint], *shown)
    lines = ledger_lines.of(complaint)
    context = {
        "form": form,
        "complaint": complaint,
        "patient": complaint.patient,
        "lines": lines,
        "seen": [line.entry.pk for line in lines if not line.ended],
    }
    return render(request, "patients/name_source.html", context)


def seen(request: StaffRequest) -> list[UUID]:
    """The standing entries that the page showed when it was filled in."""
    found = []
    for text in request.POST.getlist("seen"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
