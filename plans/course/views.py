from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit, clock, consequences
from clinic.access import Act
from clinic.forms import say
from clinic.requests import (
    StaffRequest,
    carry_out,
    get_or_post,
    posted,
    workplace,
)
from patients import rows
from patients.models import Complaint
from plans.course import (
    forms,
    interventions,
    lifecycle,
    planned,
    schedule_preview,
)
from plans.models import Anchor, Intervention, Plan, Protocol
from plans.protocols import offered

# The first press of a form that shows what it would do before it is confirmed.
PREVIEW = "preview"


@get_or_post
def start(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.WRITE_PLANS)
    today = clock.today(complaint.patient.time_zone)
    choices = offered.newest(offered.all_of(request.user))
    form = forms.StartForm(
        posted(request),
        clinic=workplace(request),
        protocols=choices,
        initial={"started_on": today, "provider": request.user.pk},
    )
    preview: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("step") == PREVIEW:
            preview = start_preview(complaint, form, today)
        elif started(request, complaint, form):
            return redirect("outcomes:patient", complaint.patient_id)
    audit.record(by=request.user, action="complaint.read", about=complaint)
    context = {
        "form": form,
        "complaint": complaint,
        "patient": complaint.patient,
        "protocols": choices,
        "anchor_procedure": Anchor.INDEX_PROCEDURE,
        **preview,
    }
    is_fragment = request.htmx and request.POST.get("step") == PREVIEW
    name = "plans/_start_preview.html" if is_fragment else "plans/start.html"
    return render(request, name, context)


def start_preview(
    complaint: Complaint, form: forms.StartForm, today: date
) -> dict[str, Any]:
    """What would be asked when; errors of the verb's own check land on the form."""
    chosen: Protocol = form.cleaned_data["protocol"]
    started_on = form.cleaned_data["started_on"]
    procedure_on = form.cleaned_data["procedure_on"]
    try:
        lifecycle.check_start(complaint, chosen, started_on, procedure_on)
    except ValidationError as error:
        say(form, error)
        return {}
    anchor_on = planned.anchor_day(chosen, started_on, procedure_on)
    draft = Plan(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        protocol=chosen,
        started_on=started_on,
    )
    return {
        "chosen": chosen,
        "anchor_on": anchor_on,
        "consequences": consequences.preview(
            "plan.started", draft, procedure_on=procedure_on
        ),
        "askings": schedule_preview.askings(
            chosen.timepoints.all(), anchor_on=anchor_on, today=today
        ),
    }


def started(request: StaffRequest, complaint: Complaint, form: forms.StartForm) -> bool:
    try:
        plan = lifecycle.start(complaint, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        say(form, error)
        return False
    messages.success(request, f"{plan.title} is started; follow-ups are planned.")
    return True


@get_or_post
def move(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    """Where the plan stands, and the moves that there are from there."""
    plan = find_plan(request, plan_id)
    access.require(request.user, Act.WRITE_PLANS)
    patient = plan.complaint.patient
    today = clock.today(patient.time_zone)
    initial = {"on": today, "move": request.GET.get("move")}
    form = forms.MoveForm(posted(request), plan=plan, initial=initial)
    if request.method == "POST":
        if carry_out(request, form, lifecycle.move, plan):
            words = plan.get_status_display().lower()
            messages.success(request, f"The plan is {words}.")
            return redirect("outcomes:plan", plan.pk)
        plan = find_plan(request, plan_id)
    audit.record(by=request.user, action="plan.read", about=plan)
    steps = plan.interventions.all()
    context = {
        "plan": plan,
        "patient": patient,
        "complaint": plan.complaint,
        "planned": [s for s in steps if s.status == Intervention.Status.PLANNED],
        "form": form if lifecycle.moves_from(plan.status) else None,
    }
    return render(request, "plans/move.html", context)


@get_or_post
def perform(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = find_intervention(request, intervention_id)
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    patient = intervention.plan.complaint.patient
    today = clock.today(patient.time_zone)
    guess = forms.day_not_after(intervention.planned_on, today)
    initial = {
        "performed_on": guess,
        "side": intervention.side,
        "target": intervention.target,
        "detail": "",
    }
    form = forms.PerformForm(posted(request), initial=initial)
    is_preview = request.POST.get("step") == PREVIEW
    if request.method == "POST" and form.is_valid() and not is_preview:
        if performed(request, intervention, form):
            return redirect("outcomes:patient", patient.pk)
        intervention = find_intervention(request, intervention_id)
    audit.record(by=request.user, action="intervention.read", about=intervention)
    performed_on = form.cleaned_data.get("performed_on") if form.is_bound else guess
    context = {
        "form": form,
        "intervention": intervention,
        "plan": intervention.plan,
        "complaint": intervention.plan.complaint,
        "patient": patient,
        "performed_on": performed_on,
        "consequences": perform_preview(intervention, performed_on, today),
    }
    is_fragment = request.htmx and is_preview
    name = "plans/_perform_preview.html" if is_fragment else "plans/perform.html"
    return render(request, name, context)


def perform_preview(
    intervention: Intervention, performed_on: date | None, today: date
) -> list[str]:
    is_open = intervention.status == Intervention.Status.PLANNED
    if not is_open or performed_on is None or performed_on > today:
        return []
    changes = consequences.preview(
        "intervention.performed", intervention, performed_on=performed_on
    )
    return changes + [
        f"{step.title} moves to {clock.in_words(day)}"
        for step, day in interventions.steps_that_move(intervention, performed_on)
    ]


def performed(
    request: StaffRequest, intervention: Intervention, form: forms.PerformForm
) -> bool:
    given = form.cleaned_data
    # The protocol's instructions stay where nothing was written over them.
    detail = {"detail": given["detail"]} if given["detail"] else {}
    try:
        interventions.perform(
            intervention,
            by=request.user,
            performed_on=given["performed_on"],
            side=given["side"],
            target=given["target"],
            **detail,
        )
    except ValidationError as error:
        say(form, error)
        return False
    messages.success(request, f"{intervention.title} is recorded as done.")
    return True


def find_plan(request: StaffRequest, plan_id: UUID) -> Plan:
    visible = Plan.objects.visible_to(request.user)
    plans = visible.select_related(
        "protocol", "provider", "complaint__patient__clinic"
    ).prefetch_related(
        Prefetch("interventions", Intervention.objects.select_related("performed_by"))
    )
    return get_object_or_404(plans, pk=plan_id)


def find_intervention(request: StaffRequest, intervention_id: UUID) -> Intervention:
    visible = Intervention.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("plan__complaint__patient__clinic"), pk=intervention_id
    )
