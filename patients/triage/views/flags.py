"""Pages of what cannot wait: the clinic's red flags, baselines, and the clock."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.models import User
from clinic.requests import StaffRequest, carry_out, get_or_post, posted, workplace
from patients import rows
from patients.models import RedFlag, RedFlagBaseline
from patients.triage import early_intervention, flag_baselines, flags
from patients.triage.forms.flags import ActionForm, BaselineForm, NoteForm

PAGE_SIZE = 50
CLOSED = "closed"
MEDIAN_OVER = timedelta(days=365)
# What a button of the page of a flag asks for: its form, verb, and what is said then.
ACTS: Mapping[str, tuple[type[forms.Form], Callable[..., RedFlag], str]] = {
    "acknowledge": (ActionForm, flags.acknowledge, "Acknowledged; the action is kept."),
    "note": (NoteForm, flags.add_note, "Added to the flag."),
    "close": (NoteForm, flags.close, "Closed; it stays on record."),
}


@require_GET
def red_flags(request: StaffRequest) -> HttpResponse:
    """What stands in the clinic, the most urgent first; or what is closed."""
    access.require(request.user, Act.READ_CLINICAL)
    clinic = workplace(request)
    shows_closed = request.GET.get("show") == CLOSED
    page = Paginator(listed(request.user, is_closed=shows_closed), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    audit.record(
        by=request.user,
        action="red_flags.listed",
        about=clinic,
        patients=[flag.patient.kept.pk for flag in page],
        page=page.number,
        was_closed=shows_closed,
    )
    people = [flag.patient.kept for flag in page]
    early_intervention.attach_clocks(people, user=request.user)
    context = {
        "page": page,
        "shows_closed": shows_closed,
        "times": median_times(request.user),
    }
    return render(request, "patients/red_flags.html", context)


def listed(user: User, *, is_closed: bool) -> QuerySet[RedFlag]:
    visible = RedFlag.objects.visible_to(user).for_pages()
    if is_closed:
        return visible.filter(state=RedFlag.State.CLOSED).order_by("-closed_at", "pk")
    return visible.standing()


def median_times(user: User) -> list[tuple[str, timedelta, int]]:
    """Tier, median time to the first action, and how many flags that is over."""
    acted_on = RedFlag.objects.visible_to(user).filter(
        acknowledged_at__isnull=False, raised_at__gt=clock.now() - MEDIAN_OVER
    )
    seconds: dict[str, list[float]] = defaultdict(list)
    for flag in acted_on.only("tier", "raised_at", "acknowledged_at"):
        if flag.acted_on_after is not None:
            seconds[flag.tier].append(flag.acted_on_after.total_seconds())
    return [
        (tier, timedelta(seconds=median(found)), len(found))
        for tier, found in sorted(seconds.items())
    ]


@get_or_post
def red_flag(request: StaffRequest, flag_id: UUID) -> HttpResponse:
    flag = find(request, flag_id)
    form: forms.Form | None = None
    if request.method == "POST":
        access.require(request.user, Act.ACT_ON_RED_FLAGS)
        asked = request.POST.get("act", "")
        kind, verb, said = ACTS.get(asked, ACTS["acknowledge"])
        form = kind(posted(request))
        if carry_out(request, form, verb, flag) is not None:
            messages.success(request, said)
            return redirect("patients:red_flag", flag.pk)
        # Somebody else may have been faster: the page shows what they did.
        flag = find(request, flag_id)
    audit.record(by=request.user, action="red_flag.read", about=flag)
    return render(request, "patients/red_flag.html", shown(flag, form))


def find(request: StaffRequest, flag_id: UUID) -> RedFlag:
    visible = RedFlag.objects.visible_to(request.user).for_pages()
    return get_object_or_404(visible.select_related("evaluation"), pk=flag_id)


def shown(flag: RedFlag, refused: forms.Form | None) -> dict[str, Any]:
    """The flag with the form that its state asks for; what was typed is kept."""
    wanted = ActionForm if flag.state == RedFlag.State.OPEN else NoteForm
    form = refused or wanted()
    if refused is not None and not isinstance(refused, wanted):
        typed = refused.data.get("action") or refused.data.get("note") or ""
        form = wanted(initial=dict.fromkeys(wanted.base_fields, typed))
    return {
        "flag": flag,
        "patient": flag.patient.kept,
        "complaint": flag.complaint,
        "baseline": flag_baselines.standing(flag.patient).get(flag.flag),
        "form": form,
        "refusals": refused.non_field_errors() if refused is not None else [],
    }


@get_or_post
def baselines(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """How it has long been with a patient, flag by flag, dated by a clinician."""
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.READ_CLINICAL)
    if request.method == "POST":
        access.require(request.user, Act.ACT_ON_RED_FLAGS)
    form = BaselineForm(posted(request))
    made = carry_out(request, form, flag_baselines.record, patient)
    if made is not None:
        messages.success(request, "Dated: from now on only new or worse is a flag.")
        return redirect("patients:baselines", patient.pk)
    audit.record(by=request.user, action="patient.read", about=patient)
    held = RedFlagBaseline.objects.of_person(patient).select_related("recorded_by")
    context = {
        "patient": patient,
        "form": form,
        "in_force": held.filter(ended_on=None).order_by("flag"),
        "ended": held.exclude(ended_on=None).order_by("-ended_on", "flag"),
    }
    return render(request, "patients/baselines.html", context)


@require_POST
def end_baseline(request: StaffRequest, baseline_id: UUID) -> HttpResponse:
    visible = RedFlagBaseline.objects.visible_to(request.user)
    baseline = get_object_or_404(
        visible.select_related("patient__clinic"), pk=baseline_id
    )
    access.require(request.user, Act.ACT_ON_RED_FLAGS)
    try:
        flag_baselines.end(baseline, by=request.user)
        messages.success(request, "Ended: any yes to it is a red flag again.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("patients:baselines", baseline.patient_id)


@require_POST
def stop_clock(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.ACT_ON_RED_FLAGS)
    reason = request.POST.get("reason", "")
    try:
        early_intervention.stop(complaint, by=request.user, reason=reason)
        messages.success(request, "The clock is stopped; the reason is kept.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("outcomes:patient", complaint.patient_id)
