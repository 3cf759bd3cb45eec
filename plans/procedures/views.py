"""Pages of one intervention: record it as done, read it, correct it, measure."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from clinic import access, audit, clock, consequences
from clinic.access import Act
from clinic.consequences import Effect
from clinic.forms import say
from clinic.models import AuditEvent, AuditSubject
from clinic.requests import StaffRequest, get_or_post, posted
from plans.cautions import forms as caution_forms
from plans.course import allowed, foreseen
from plans.course import forms as planned_forms
from plans.models import Intervention, Modality
from plans.procedures import (
    details,
    filled_in,
    forms,
    lifestyle,
    performing,
    reading,
    usual,
)
from plans.procedures.conditions import EMPTY

# The first press of a form that shows what it would do before it is confirmed.
PREVIEW = "preview"
Status = Intervention.Status
# What the form has that a warning can depend on.
WARNED_OF = (
    "side",
    "kind",
    "guidance",
    "indication",
    "anticoagulant_plan",
    "nsaid_hold_days",
    "consent",
    "steroid",
    "harvest_guidance",
)
RECORDED = ("intervention.performed", "details.recorded")


@get_or_post
def perform(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = find(request, intervention_id)
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    today = clock.today(intervention.plan.complaint.patient.time_zone)
    guess = planned_forms.day_not_after(intervention.planned_on, today)
    usually = usual.find(intervention, user=request.user)
    form = forms.PerformForm(
        posted(request),
        intervention=intervention,
        usual=usually,
        asks_later=False,
        initial={
            "performed_on": guess,
            "performed_by": forms.operator_of(intervention, request.user),
        },
    )
    is_preview = request.POST.get("step") == PREVIEW
    if request.method == "POST" and form.is_valid() and not is_preview:
        if performed(request, intervention, form):
            return redirect("outcomes:baseline_of", intervention.pk)
        intervention = find(request, intervention_id)
    audit.record(by=request.user, action="intervention.read", about=intervention)
    given: dict[str, Any] = (
        form.cleaned_data if form.is_bound else {"performed_on": guess}
    )
    performed_on = given.get("performed_on")
    said = form.as_it_stands(WARNED_OF)
    closed, refused = refusal(intervention, None), refusal(intervention, performed_on)
    context = about(intervention) | {
        "form": form,
        "usually": usually,
        "warned_of": WARNED_OF,
        "performed_on": performed_on,
        "closed": closed,
        "filled_in": filled_in.lines(form, request.POST) if closed else [],
        "may_describe": may_describe(intervention),
        "refused": refused,
        "effect": None if refused else perform_preview(intervention, performed_on),
        "ask_first": ask_first(intervention, performed_on, today),
        **caution_forms.context(
            request,
            intervention,
            on=intervention.performed_on or performed_on or today,
            is_checked=request.method == "POST" and not is_preview,
            **{name: value for name, value in said.items() if value not in EMPTY},
        ),
    }
    is_fragment = request.htmx and is_preview
    name = "plans/_perform_preview.html" if is_fragment else "plans/perform.html"
    return render(request, name, context)


def perform_preview(
    intervention: Intervention, performed_on: date | None
) -> Effect | None:
    """Of a day that `refusal` does not refuse; None where none is given."""
    if performed_on is None:
        return None
    return foreseen.performed(intervention, performed_on)


def refusal(intervention: Intervention, performed_on: date | None) -> list[str]:
    """Why it cannot be recorded, on that day or at all; nothing where it can."""
    try:
        allowed.check_act(intervention, Status.PLANNED)
        if performed_on is not None:
            allowed.check_performed(intervention, performed_on)
    except ValidationError as error:
        return list(error.messages)
    return []


def ask_first(
    intervention: Intervention, performed_on: date | None, today: date
) -> list[str]:
    """What should be asked before it is done; after it, it is asked as recalled."""
    if intervention.status != Status.PLANNED or performed_on != today:
        return []
    return consequences.preview("intervention.due", intervention, on=today)


def performed(
    request: StaffRequest, intervention: Intervention, form: forms.PerformForm
) -> bool:
    try:
        performing.perform_with_details(
            intervention,
            performed_on=form.cleaned_data["performed_on"],
            values=form.values(),
            lots=form.lots(),
            checked=form.cleaned_data["checked"],
            caution_reasons=caution_forms.reasons(request.POST),
            by=request.user,
        )
    except ValidationError as error:
        caution_forms.say(form, error)
        form.is_refused = True
        return False
    messages.success(request, f"{intervention.title} is recorded as done.")
    return True


@require_GET
def read(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = find(request, intervention_id)
    audit.record(by=request.user, action="intervention.read", about=intervention)
    return render(request, "plans/intervention.html", read_context(intervention))


def read_context(intervention: Intervention) -> dict[str, Any]:
    is_lifestyle = intervention.modality == Modality.LIFESTYLE
    columns, rows = reading.measurements(intervention) if is_lifestyle else ([], [])
    return about(intervention) | {
        "sections": reading.sections(intervention),
        "missing": reading.missing(intervention),
        "lots": intervention.lots.all(),
        "passed": intervention.cautions_passed.select_related("passed_by"),
        "columns": columns,
        "rows": rows,
        "events": events_about(intervention),
        "is_described": details.is_described(intervention),
        "may_describe": may_describe(intervention),
        "is_measured": is_lifestyle and may_describe(intervention),
        "has_relief": reading.has_response(intervention),
    }


@get_or_post
def correct(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    """Details that are missing or wrong; the day has a page of its own."""
    intervention = find(request, intervention_id)
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    usually = None
    if not details.is_described(intervention):
        usually = usual.find(intervention, user=request.user)
    seen = details.fingerprint(intervention, details.stored(intervention))
    form = forms.CorrectForm(
        posted(request),
        intervention=intervention,
        usual=usually,
        asks_later=True,
        initial={"seen": seen, "detail": intervention.detail},
    )
    if request.method == "POST" and form.is_valid():
        if corrected(request, intervention, form):
            return redirect("plans:intervention", intervention.pk)
        intervention = find(request, intervention_id)
    audit.record(by=request.user, action="intervention.read", about=intervention)
    # A correction can bring a warning of its own.
    said = form.as_it_stands(WARNED_OF)
    context = about(intervention) | {
        "form": form,
        "usually": usually,
        "may_describe": may_describe(intervention),
        **caution_forms.context(
            request,
            intervention,
            on=intervention.performed_on
            or clock.today(intervention.plan.complaint.patient.kept.time_zone),
            asks=request.method == "POST",
            is_checked=request.method == "POST",
            **{name: value for name, value in said.items() if value not in EMPTY},
        ),
    }
    return render(request, "plans/details.html", context)


def corrected(
    request: StaffRequest, intervention: Intervention, form: forms.CorrectForm
) -> bool:
    try:
        details.record(
            intervention,
            values=form.values(),
            lots=form.lots(),
            checked=form.cleaned_data["checked"],
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"] or None,
            caution_reasons=caution_forms.reasons(request.POST),
            by=request.user,
        )
    except ValidationError as error:
        caution_forms.say(form, error)
        form.is_refused = True
        return False
    messages.success(request, "The details are recorded.")
    return True


@get_or_post
def measure(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = find(request, intervention_id)
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    today = clock.today(intervention.plan.complaint.patient.time_zone)
    form = forms.MeasureForm(posted(request), initial={"measured_on": today})
    if request.method == "POST" and form.is_valid():
        if measured(request, intervention, form):
            return redirect("plans:intervention", intervention.pk)
        intervention = find(request, intervention_id)
    audit.record(by=request.user, action="intervention.read", about=intervention)
    columns, rows = reading.measurements(intervention)
    context = about(intervention) | {
        "form": form,
        "columns": columns,
        "rows": rows,
        "may_describe": may_describe(intervention)
        and intervention.modality == Modality.LIFESTYLE,
    }
    return render(request, "plans/measure.html", context)


def measured(
    request: StaffRequest, intervention: Intervention, form: forms.MeasureForm
) -> bool:
    try:
        lifestyle.measure(
            intervention,
            measured_on=form.cleaned_data["measured_on"],
            values=form.measured(),
            checked=form.cleaned_data["checked"],
            by=request.user,
        )
    except ValidationError as error:
        say(form, error)
        return False
    messages.success(request, "The measurement is recorded.")
    return True


def about(intervention: Intervention) -> dict[str, Any]:
    plan = intervention.plan
    return {
        "intervention": intervention,
        "plan": plan,
        "complaint": plan.complaint,
        "patient": plan.complaint.patient,
    }


def events_about(intervention: Intervention) -> list[AuditEvent]:
    """Who recorded it and who changed it, oldest first."""
    found = AuditSubject.objects.filter(
        patient_id=intervention.audit_subject,
        event__about_id=str(intervention.pk),
        event__action__in=RECORDED,
    )
    return [
        each.event for each in found.select_related("event__actor").order_by("event")
    ]


def may_describe(intervention: Intervention) -> bool:
    try:
        details.check_open(intervention)
    except ValidationError:
        return False
    return True


def find(request: StaffRequest, intervention_id: UUID) -> Intervention:
    rows = Intervention.objects.visible_to(request.user).select_related(
        "clinic",
        "plan__complaint__patient__clinic",
        "plan__complaint__patient__merged_into",
        "plan__protocol",
        "step",
        "performed_by",
        "indication",
        *details.MODELS,
    )
    return get_object_or_404(
        rows.prefetch_related("lots", "lifestyle_measurements"), pk=intervention_id
    )
