"""The evaluation page: a sheet that saves as it is filled, and what follows from it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, get_or_post
from patients import rows
from patients.catalogue import findings, red_flags, regions
from patients.models import Evaluation, RedFlag
from patients.triage import checklist, evaluations, flags, sheet
from patients.triage.evaluations import Entries, Saved

SIDE_PANEL = "patients/_evaluation_side.html"


@get_or_post
def evaluate(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    """All looks at a complaint so far, and the way to the next one."""
    complaint = rows.find_complaint(request, complaint_id)
    if request.method == "POST":
        access.require(request.user, Act.RECORD_FINDINGS)
        evaluation = evaluations.start(complaint, by=request.user)
        return redirect("patients:evaluation", evaluation.pk)
    found = complaint.evaluations.select_related("signed_by", "started_by")
    audit.record(by=request.user, action="complaint.read", about=complaint)
    context = {
        "complaint": complaint,
        "patient": complaint.patient,
        "evaluations": found,
        "draft": next((e for e in found if e.is_draft), None),
    }
    return render(request, "patients/evaluations.html", context)


@get_or_post
def evaluation(request: StaffRequest, evaluation_id: UUID) -> HttpResponse:
    shown = find(request, evaluation_id)
    if request.method == "POST":
        return _save(request, shown)
    audit.record(by=request.user, action="evaluation.read", about=shown)
    return render(request, "patients/evaluation.html", page(request, shown))


@require_POST
def sign(request: StaffRequest, evaluation_id: UUID) -> HttpResponse:
    shown = find(request, evaluation_id)
    access.require(request.user, Act.SIGN_EVALUATIONS)
    try:
        evaluations.sign(shown, by=request.user)
        messages.success(request, "Signed. It stays as it is now.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("patients:evaluation", shown.pk)


@require_POST
def enter_in_error(request: StaffRequest, evaluation_id: UUID) -> HttpResponse:
    shown = find(request, evaluation_id)
    access.require(request.user, Act.SIGN_EVALUATIONS)
    reason = request.POST.get("reason", "")
    try:
        evaluations.enter_in_error(shown, by=request.user, reason=reason)
        messages.success(request, "Marked as entered in error; it counts nowhere.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("patients:evaluation", shown.pk)


def find(request: StaffRequest, evaluation_id: UUID) -> Evaluation:
    visible = Evaluation.objects.visible_to(request.user).select_related(
        "complaint__patient__clinic", "signed_by", "started_by"
    )
    return get_object_or_404(visible, pk=evaluation_id)


def _save(request: StaffRequest, shown: Evaluation) -> HttpResponse:
    access.require(request.user, Act.RECORD_FINDINGS)
    form = dict(request.POST.lists())
    entries, faults = sheet.read(shown.complaint.pain_site, form)
    good, refused = evaluations.sort_out(shown, entries)
    faults |= refused
    try:
        saved = _record(request, shown, good)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _answer(request, shown, faults, None)
    return _answer(request, shown, faults, saved)


def _record(request: StaffRequest, shown: Evaluation, entries: Entries) -> Saved:
    """What was typed, then what the button asked for on top."""
    seen = request.POST.get("seen", "")
    saved = evaluations.record(
        shown,
        by=request.user,
        entries=entries,
        seen=int(seen) if seen.isdecimal() else None,
    )
    if request.POST.get("normal"):
        evaluations.mark_normal(shown, by=request.user, block=request.POST["normal"])
    if request.POST.get("mine"):
        name, _, value = request.POST["mine"].partition("=")
        ours = evaluations.Entry(value) if value else None
        cell = evaluations.cell_of(name)
        evaluations.record(shown, by=request.user, entries={cell: ours})
        # What was taken over is no conflict any more.
        rest = [c for c in saved.conflicts if c.cell != cell]
        saved = Saved(shown, saved.changed, rest, saved.raised)
    return saved


def _answer(
    request: StaffRequest,
    shown: Evaluation,
    faults: dict[str, str],
    saved: Saved | None,
) -> HttpResponse:
    """The panel alone for a save in the background; else the page, once more."""
    is_clean = not faults and saved is not None and not saved.conflicts
    if is_clean and not request.htmx:
        return redirect("patients:evaluation", shown.pk)
    audit.record(by=request.user, action="evaluation.read", about=shown)
    context = page(request, shown, faults=faults, saved=saved)
    template = SIDE_PANEL if request.htmx else "patients/evaluation.html"
    return render(request, template, context)


def page(
    request: StaffRequest,
    shown: Evaluation,
    *,
    faults: dict[str, str] | None = None,
    saved: Saved | None = None,
) -> dict[str, Any]:
    complaint = shown.complaint
    stored = evaluations.standing(shown)
    values = {cell: finding.value for cell, finding in stored.items()}
    standing = list(
        RedFlag.objects.visible_to(request.user)
        .of_person(complaint.patient)
        .filter(state__in=RedFlag.STANDING)
        .select_related("acknowledged_by")
        .prefetch_related("events")
    )
    return {
        "evaluation": shown,
        "complaint": complaint,
        "patient": complaint.patient,
        "blocks": sheet.blocks(
            complaint.pain_site,
            stored,
            typed={name: ",".join(v) for name, v in request.POST.lists()},
            faults=faults,
            said=evaluations.said_otherwise(shown, stored),
        ),
        "faults": [(_label(name), name, said) for name, said in (faults or {}).items()],
        "conflicts": [conflict_words(c) for c in saved.conflicts] if saved else [],
        "flags": [(flag, red_flags.red_flags()[flag.flag]) for flag in standing],
        "baselines": flags.baselines(complaint.patient),
        "checklists": checklist.of_evaluation(shown, values, standing),
        "regions": regions.choices("en"),
        "chosen": set(
            filter(None, values.get(("pain_regions", "none"), "").split(","))
        ),
        "worst": values.get(("pain_worst", "none"), ""),
        "may_edit": shown.is_draft and access.can(request.user, Act.RECORD_FINDINGS),
        "may_sign": shown.is_draft and access.can(request.user, Act.SIGN_EVALUATIONS),
        "saved_at": clock.now() if saved else None,
    }


def _label(name: str) -> str:
    code, side = evaluations.cell_of(name)
    known = findings.definitions().get(code)
    if known is None:
        return name
    return f"{known.label}, {side}" if side != "none" else known.label


def conflict_words(conflict: evaluations.Conflict) -> dict[str, str]:
    known = findings.definitions()[conflict.cell[0]]
    name = evaluations.cell_name(conflict.cell)
    ours, theirs = conflict.ours, conflict.theirs
    return {
        "label": _label(name),
        "by": conflict.by or "somebody else",
        "theirs": known.words(theirs.value) if theirs else "not recorded",
        "ours": known.words(ours.value) if ours else "not recorded",
        "mine": f"{name}={ours.value if ours else ''}",
    }
