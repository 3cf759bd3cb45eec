"""The evaluation page: a sheet that saves as it is filled, and what follows from it."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, get_or_post, posted_revision
from patients import rows
from patients.catalogue import findings, red_flags, regions
from patients.models import Evaluation, RedFlag
from patients.triage import cells, checklist, evaluations, flag_baselines, sheet
from patients.triage.cells import Entries
from patients.triage.evaluations import Saved
from patients.triage.origin_items import Cell
from patients.triage.sheet import Faults

SIDE_PANEL = "patients/_evaluation_side.html"
NOT_SIGNED = (
    "Not signed: something was refused, or somebody else saved meanwhile. "
    "Look at the sheet as it stands now and sign again."
)


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
    """What stands on the sheet is saved first; nothing is signed that nobody saw."""
    shown = find(request, evaluation_id)
    access.require(request.user, Act.SIGN_EVALUATIONS)
    seen = posted_revision(request)
    try:
        if seen is not None and shown.is_draft:
            entries, faults = sheet.read(
                shown.complaint.pain_site, dict(request.POST.lists())
            )
            good, refused = cells.sort_out(shown, entries)
            faults |= refused
            saved = _record(request, shown, good, faults)
            if faults or saved.found_at > seen:
                messages.warning(request, NOT_SIGNED)
                return _answer(request, shown, faults, saved)
        evaluations.sign(shown, by=request.user)
        messages.success(request, "Signed. It stays as it is now.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("patients:evaluation", shown.pk)


@require_POST
def move(request: StaffRequest, evaluation_id: UUID) -> HttpResponse:
    """The visit was on another day than the draft says."""
    shown = find(request, evaluation_id)
    access.require(request.user, Act.RECORD_FINDINGS)
    try:
        day = date.fromisoformat(request.POST.get("examined_on", ""))
        evaluations.move(shown, by=request.user, examined_on=day)
        messages.success(request, f"The visit was on {clock.in_words(day)}.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except ValueError:
        messages.error(request, "Give the day of the visit, such as 2026-03-14.")
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
    good, refused = cells.sort_out(shown, entries)
    faults |= refused
    try:
        saved = _record(request, shown, good, faults)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        # Signed or taken back meanwhile: the whole page must say so.
        return _afresh(request, shown)
    return _answer(request, shown, faults, saved)


def _afresh(request: StaffRequest, shown: Evaluation) -> HttpResponse:
    """The page as it stands now, for a save in the background by loading it anew.

    Whoever filled a block with one button goes on there.
    """
    if not request.htmx:
        address = reverse("patients:evaluation", args=[shown.pk])
        block = request.POST.get("normal", "")
        return redirect(f"{address}#{block}" if block in findings.BLOCKS else address)
    return HttpResponse(headers={"HX-Refresh": "true"})


@transaction.atomic
def _record(
    request: StaffRequest, shown: Evaluation, entries: Entries, faults: Faults
) -> Saved:
    """What was typed, then what the button asked for on top."""
    seen = posted_revision(request)
    saved = evaluations.record(shown, by=request.user, entries=entries, seen=seen)
    if request.POST.get("normal"):
        evaluations.mark_normal(
            shown,
            by=request.user,
            block=request.POST["normal"],
            leaving={cells.cell_of(name) for name in faults},
        )
    if request.POST.get("mine"):
        cell, ours = _taken_over(request.POST["mine"])
        evaluations.record(shown, by=request.user, entries={cell: ours})
        # What was taken over is no conflict any more.
        rest = [c for c in saved.conflicts if c.cell != cell]
        saved = replace(saved, conflicts=rest)
    return saved


def _taken_over(text: str) -> tuple[Cell, cells.Entry | None]:
    """The button of a conflict: cell, day and value as conflict_words wrote them."""
    name, _, rest_of_it = text.partition("=")
    since, _, value = rest_of_it.partition("=")
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError:
        raise ValidationError(f"{since[:20]!r} is not a day.") from None
    return cells.cell_of(name), cells.Entry(value, day) if value else None


def _answer(
    request: StaffRequest,
    shown: Evaluation,
    faults: dict[str, str],
    saved: Saved | None,
) -> HttpResponse:
    """The panel alone for a save in the background; else the page, once more."""
    is_clean = not faults and saved is not None and not saved.conflicts
    # Others saved what this sheet does not show: it may not take that back unseen.
    if is_clean and (_is_behind(request, saved) or not request.htmx):
        return _afresh(request, shown)
    audit.record(by=request.user, action="evaluation.read", about=shown)
    context = page(request, shown, faults=faults, saved=saved)
    template = SIDE_PANEL if request.htmx else "patients/evaluation.html"
    return render(request, template, context)


def _is_behind(request: StaffRequest, saved: Saved | None) -> bool:
    """Whether others had saved since the sheet in the browser was shown."""
    seen = posted_revision(request)
    return saved is not None and seen is not None and seen < saved.found_at


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
        "seen": revision_seen(request, shown, saved),
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
        "urgent": [flag for flag in standing if flag.is_urgent],
        "baselines": flag_baselines.standing(complaint.patient),
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


def revision_seen(request: StaffRequest, shown: Evaluation, saved: Saved | None) -> int:
    """The save that the sheet in the browser shows: the panel alone brings no cells."""
    seen = posted_revision(request)
    if request.htmx and seen is not None and _is_behind(request, saved):
        return seen
    return shown.revision


def _label(name: str) -> str:
    code, side = cells.cell_of(name)
    known = findings.definitions().get(code)
    if known is None:
        return name
    return f"{known.label}, {side}" if side != "none" else known.label


def conflict_words(conflict: cells.Conflict) -> dict[str, str]:
    known = findings.definitions()[conflict.cell[0]]
    name = cells.cell_name(conflict.cell)
    ours, theirs = conflict.ours, conflict.theirs
    return {
        "label": _label(name),
        "by": conflict.by or "somebody else",
        "theirs": entry_words(known, theirs),
        "ours": entry_words(known, ours),
        "mine": f"{name}={(ours and ours.since_on) or ''}={ours.value if ours else ''}",
    }


def entry_words(known: findings.Definition, entry: cells.Entry | None) -> str:
    if entry is None:
        return "not recorded"
    since = f", since {clock.in_words(entry.since_on)}" if entry.since_on else ""
    return known.words(entry.value) + since
