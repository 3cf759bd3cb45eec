from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit, clock
from clinic.access import Act
from clinic.consequences import Effect
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
from plans.course import foreseen, forms, lifecycle, start_preview, starting
from plans.course.intervention_views import effect_or_error
from plans.models import Intervention, Plan
from plans.protocols import offered

# The first press of a form that shows what it would do before it is confirmed.
PREVIEW = "preview"
# Another press keeps it as an intention.
DRAFT = "draft"


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
            preview = preview_of(complaint, form)
        elif plan := started(request, complaint, form):
            return redirect("outcomes:plan", plan.pk)
    audit.record(by=request.user, action="complaint.read", about=complaint)
    context = {
        "form": form,
        "complaint": complaint,
        "patient": complaint.patient,
        "groups": offered.by_purpose(choices),
        **preview,
    }
    is_fragment = request.htmx and request.POST.get("step") == PREVIEW
    name = "plans/_start_preview.html" if is_fragment else "plans/start.html"
    return render(request, name, context)


def preview_of(complaint: Complaint, form: forms.StartForm) -> dict[str, Any]:
    """What would be asked when; errors of the verb's own check land on the form."""
    try:
        found = start_preview.of(complaint, **form.cleaned_data)
    except ValidationError as error:
        say(form, error)
        return {}
    return {"preview": found, "chosen": found.chosen}


def started(
    request: StaffRequest, complaint: Complaint, form: forms.StartForm
) -> Plan | None:
    """The plan, running or as a draft; None where it was refused."""
    is_draft = request.POST.get("step") == DRAFT
    verb = starting.draft if is_draft else starting.start
    plan = carry_out(request, form, verb, complaint)
    if plan is not None:
        words = (
            "is kept as a draft; nobody is asked until it starts."
            if is_draft
            else "is started; follow-ups are planned."
        )
        messages.success(request, f"{plan.title} {words}")
    return plan


@get_or_post
def move(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    """Where the plan stands, and the moves that there are from there."""
    plan = find_plan(request, plan_id)
    access.require(request.user, Act.WRITE_PLANS)
    patient = plan.complaint.patient
    today = clock.today(patient.time_zone)
    chosen = move_asked_for(request, plan)
    initial = {"on": today, "move": chosen}
    form = forms.MoveForm(posted(request), plan=plan, chosen=chosen, initial=initial)
    effect = None
    if request.POST.get("step") == PREVIEW:
        effect = move_effect(form, plan)
    elif request.method == "POST":
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
        "effect": effect,
        "chosen": chosen and lifecycle.MOVES[chosen],
        "ends": chosen is None or lifecycle.MOVES[chosen].target in Plan.ENDED,
    }
    return render(request, "plans/move.html", context)


def move_asked_for(request: StaffRequest, plan: Plan) -> lifecycle.Move | None:
    """The one that a link names, where it may be made from where the plan stands."""
    named = request.GET.get("move")
    moves = lifecycle.moves_from(plan.status)
    return next((move for move in moves if move.value == named), None)


def move_effect(form: forms.MoveForm, plan: Plan) -> Effect | None:
    """What the move that is chosen would do; the reason may come later."""
    if not form.is_valid():
        return None
    given = dict(form.cleaned_data)
    given.pop("reason")
    return effect_or_error(form, foreseen.moved, plan, **given)


def find_plan(request: StaffRequest, plan_id: UUID) -> Plan:
    visible = Plan.objects.visible_to(request.user)
    plans = visible.select_related(
        "protocol", "provider", "complaint__patient__clinic"
    ).prefetch_related(
        Prefetch("interventions", Intervention.objects.select_related("performed_by"))
    )
    return get_object_or_404(plans, pk=plan_id)
