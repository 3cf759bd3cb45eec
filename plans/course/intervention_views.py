"""Pages that change what is planned or was recorded: each says first what moves."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date

from clinic import access, audit, clock
from clinic.access import Act
from clinic.consequences import Effect
from clinic.forms import say
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from plans.cautions import forms as caution_forms
from plans.course import allowed, foreseen, forms, interventions
from plans.models import Intervention, Plan

# The first press of a form that shows what it would do before it is confirmed.
PREVIEW = "preview"


@get_or_post
def reschedule(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    """Two presses: the first shows what moves, the second moves it."""
    intervention = find_intervention(request, intervention_id)
    access.require(request.user, Act.WRITE_PLANS)
    if refused := _immovable(intervention):
        return _shown(
            request, intervention, None, "plans/reschedule.html", {"refused": refused}
        )
    form = forms.RescheduleForm(posted(request), initial={"day": intervention.on})
    effect, day = None, None
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["day"]
        is_confirmed = request.POST.get("seen") == day.isoformat()
        if (
            is_confirmed
            and _stands_as_seen(request, form, intervention)
            and _moved(request, form, intervention)
        ):
            messages.success(request, f"{intervention} is on {clock.in_words(day)}.")
            return redirect("outcomes:plan", intervention.plan_id)
        effect = effect_or_error(form, foreseen.rescheduled, intervention, day)
    return _shown(
        request,
        intervention,
        form,
        "plans/reschedule.html",
        {"effect": effect, "day": day, **_weighed(request, intervention, day)},
    )


def _moved(
    request: StaffRequest, form: forms.RescheduleForm, intervention: Intervention
) -> bool:
    try:
        interventions.reschedule(
            intervention,
            day=form.cleaned_data["day"],
            by=request.user,
            caution_reasons=caution_forms.reasons(request.POST),
            seen=_stood_on(request),
        )
    except ValidationError as error:
        caution_forms.say(form, error)
        return False
    return True


def _immovable(intervention: Intervention) -> str:
    """Why no other day can be given to it, in words; empty where one can."""
    is_done = intervention.status == Intervention.Status.PERFORMED
    was = intervention.status if is_done else Intervention.Status.PLANNED
    try:
        allowed.check_act(intervention, was, allow_ended=is_done)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def _stood_on(request: StaffRequest) -> date | None:
    """The day that the page showed it on; None where it names none."""
    try:
        return parse_date(request.POST.get("stood_on", ""))
    except ValueError:
        return None


def _stands_as_seen(
    request: StaffRequest, form: forms.RescheduleForm, intervention: Intervention
) -> bool:
    """A day that was planned is not mistaken for the one on which it was then done."""
    if request.POST.get("stood_as", intervention.status) == intervention.status:
        return True
    now = intervention.get_status_display().lower()
    form.add_error(None, f"Somebody else made it {now} since; look again.")
    return False


def _weighed(
    request: StaffRequest, intervention: Intervention, day: date | None
) -> dict[str, Any]:
    """What is warned of on the new day of something that was performed."""
    if day is None or intervention.performed_on is None:
        return {}
    is_checked = "seen" in request.POST
    return caution_forms.context(
        request, intervention, on=day, asks=True, is_checked=is_checked
    )


def effect_or_error(
    form: django_forms.Form, of: Callable[..., Effect], *args: Any, **given: Any
) -> Effect | None:
    """What it would do; where it would be refused, the form says why."""
    try:
        return of(*args, **given)
    except ValidationError as error:
        say(form, error)
        return None


def effect_or_none(
    of: Callable[..., Effect], about: object, **given: Any
) -> Effect | None:
    """The same for a page that is only opened: who confirms it is told why not."""
    try:
        return of(about, **given)
    except ValidationError:
        return None


@get_or_post
def cancel(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = find_intervention(request, intervention_id)
    access.require(request.user, Act.WRITE_PLANS)
    form = forms.ReasonForm(posted(request))
    return _act(
        request,
        intervention,
        form,
        interventions.cancel,
        "plans/cancel.html",
        "is cancelled",
        {"effect": effect_or_none(foreseen.cancelled, intervention)},
    )


@get_or_post
def plan_again(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = find_intervention(request, intervention_id)
    access.require(request.user, Act.WRITE_PLANS)
    return _act(
        request,
        intervention,
        django_forms.Form(posted(request)),
        interventions.plan_again,
        "plans/plan_again.html",
        "is planned again",
        {"effect": effect_or_none(foreseen.planned_again, intervention)},
    )


@get_or_post
def take_back(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = find_intervention(request, intervention_id)
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    form = forms.TakeBackForm(posted(request), initial={"plan_again": True})
    is_again = request.method != "POST" or bool(request.POST.get("plan_again"))
    effect = effect_or_none(foreseen.taken_back, intervention, plan_again=is_again)
    if request.POST.get("step") == PREVIEW:
        kept = {"reason": request.POST.get("reason"), "plan_again": is_again}
        form = forms.TakeBackForm(initial=kept)
        return _shown(
            request, intervention, form, "plans/take_back.html", {"effect": effect}
        )
    return _act(
        request,
        intervention,
        form,
        _taken_back,
        "plans/take_back.html",
        "is marked as entered in error",
        {"effect": effect},
    )


def _taken_back(intervention: Intervention, **given: Any) -> Intervention:
    interventions.take_back(intervention, **given)
    return intervention


@get_or_post
def add(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    visible = Plan.objects.visible_to(request.user)
    plan = get_object_or_404(
        visible.select_related("protocol", "complaint__patient__clinic"), pk=plan_id
    )
    access.require(request.user, Act.WRITE_PLANS)
    patient = plan.complaint.patient
    first = {"planned_on": clock.today(patient.time_zone), "side": plan.complaint.side}
    form = forms.AddForm(posted(request), initial=first)
    added = carry_out(request, form, interventions.add, plan)
    if added is not None:
        messages.success(request, f"{added.title} is planned.")
        return redirect("outcomes:plan", plan.pk)
    audit.record(by=request.user, action="plan.read", about=plan)
    context = {
        "form": form,
        "plan": plan,
        "patient": patient,
        "complaint": plan.complaint,
    }
    return render(request, "plans/add.html", context)


def _act(
    request: StaffRequest,
    intervention: Intervention,
    form: django_forms.Form,
    verb: Callable[..., Intervention],
    template: str,
    done: str,
    more: dict[str, Any],
) -> HttpResponse:
    if carry_out(request, form, verb, intervention) is not None:
        messages.success(request, f"{intervention.title} {done}.")
        return redirect("outcomes:plan", intervention.plan_id)
    return _shown(request, intervention, form, template, more)


def _shown(
    request: StaffRequest,
    intervention: Intervention,
    form: django_forms.Form | None,
    template: str,
    more: dict[str, Any],
) -> HttpResponse:
    audit.record(by=request.user, action="intervention.read", about=intervention)
    complaint = intervention.plan.complaint
    context = {
        "form": form,
        "intervention": intervention,
        "plan": intervention.plan,
        "complaint": complaint,
        "patient": complaint.patient,
        **more,
    }
    return render(request, template, context)


def find_intervention(request: StaffRequest, intervention_id: UUID) -> Intervention:
    visible = Intervention.objects.visible_to(request.user)
    related = visible.select_related(
        "plan__protocol", "plan__complaint__patient__clinic"
    )
    return get_object_or_404(related, pk=intervention_id)
