"""Pages of one adverse event: put it on the ledger, rate it, bring it to its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from patients import rows
from patients.models import Patient
from plans.harm import adverse_events, catalogue, doubts
from plans.harm.forms import CloseForm, EventForm, RateForm, ReasonForm, ReportForm
from plans.models import AdverseEvent, Intervention

PAGE = "plans/adverse_event.html"


@dataclass(frozen=True, slots=True)
class Button:
    """What a form of the page does, who may, and what is said then."""

    act: Act
    form: type[forms.Form]
    verb: Callable[..., Any]
    said: str


BUTTONS: Mapping[str, Button] = {
    "rate": Button(
        Act.RATE_HARM, RateForm, adverse_events.rate, "Your rating is kept."
    ),
    "amend": Button(Act.REPORT_HARM, EventForm, adverse_events.amend, "Changed."),
    "close": Button(
        Act.RATE_HARM, CloseForm, adverse_events.close, "Closed; it stays on record."
    ),
    "reopen": Button(Act.RATE_HARM, ReasonForm, adverse_events.reopen, "Open again."),
    "take_back": Button(
        Act.RATE_HARM,
        ReasonForm,
        adverse_events.take_back,
        "Taken back; the reason stays with it.",
    ),
}


@get_or_post
def report(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """A new event of a patient; the address may name the procedure it came after."""
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.REPORT_HARM)
    done = done_on(request, patient)
    form = ReportForm(
        posted(request),
        interventions=done,
        initial={
            "onset_on": clock.today(patient.time_zone),
            "intervention": named(request, done),
        },
    )
    event = carry_out(request, form, adverse_events.open_event, patient)
    if event is not None:
        messages.success(request, "It is on the ledger.")
        return redirect("plans:adverse_event", event.pk)
    audit.record(by=request.user, action="patient.read", about=patient)
    context = {
        "form": form,
        "patient": patient,
        "categories": catalogue.categories().values(),
    }
    return render(request, "plans/report_harm.html", context)


def done_on(request: StaffRequest, patient: Patient) -> QuerySet[Intervention]:
    """What it can come after: what was done, or has been planned until today."""
    visible = Intervention.objects.visible_to(request.user)
    of_patient = visible.filter(plan__complaint__patient__in=patient.record_ids)
    standing = of_patient.filter(
        status__in=[Intervention.Status.PERFORMED, Intervention.Status.PLANNED]
    ).exclude(
        status=Intervention.Status.PLANNED,
        planned_on__gt=clock.today(patient.time_zone),
    )
    return standing.order_by("-performed_on", "-planned_on", "-pk")


def named(request: StaffRequest, done: QuerySet[Intervention]) -> Intervention | None:
    """The procedure that the address names, if it is one of them."""
    wanted = request.GET.get("intervention", "")
    return (
        next((row for row in done if str(row.pk) == wanted), None) if wanted else None
    )


@require_GET
def adverse_event(request: StaffRequest, event_id: UUID) -> HttpResponse:
    event = find_event(request, event_id)
    return shown(request, event, {})


@require_POST
def act(request: StaffRequest, event_id: UUID, name: str) -> HttpResponse:
    """One of BUTTONS; refused, the page comes back with the reason on its form."""
    button = BUTTONS[name]
    event = find_event(request, event_id)
    access.require(request.user, button.act)
    form = button.form(request.POST, auto_id=f"{name}_%s")
    if carry_out(request, form, button.verb, event) is not None:
        messages.success(request, button.said)
        return redirect("plans:adverse_event", event.pk)
    return shown(request, find_event(request, event_id), {name: form})


def find_event(request: StaffRequest, event_id: UUID) -> AdverseEvent:
    visible = AdverseEvent.objects.visible_to(request.user).for_pages()
    return get_object_or_404(visible, pk=event_id)


def shown(
    request: StaffRequest, event: AdverseEvent, refused: Mapping[str, forms.Form]
) -> HttpResponse:
    audit.record(by=request.user, action="adverse_event.read", about=event)
    held = event.held
    context = {
        "event": event,
        "patient": event.patient.kept,
        "complaint": event.complaint,
        "held": held,
        "earlier": [rating for rating in event.ratings.all() if rating not in held],
        "has_rated": any(rating.rater_id == request.user.pk for rating in held),
        "doubts": doubts.of(event),
        "refusals": [
            said for form in refused.values() for said in form.non_field_errors()
        ],
        "category": catalogue.categories().get(event.category),
        "sources": catalogue.sources(),
        **{f"{name}_form": form for name, form in offered(event).items()},
        **{f"{name}_form": form for name, form in refused.items()},
    }
    return render(request, PAGE, context)


def offered(event: AdverseEvent) -> dict[str, forms.Form]:
    """The forms that its state asks for."""
    if event.status == AdverseEvent.Status.ENTERED_IN_ERROR:
        return {}
    found = {
        "rate": RateForm(auto_id="rate_%s"),
        "take_back": ReasonForm(auto_id="take_back_%s"),
    }
    if event.status == AdverseEvent.Status.CLOSED:
        return found | {"reopen": ReasonForm(auto_id="reopen_%s")}
    stands = {name: getattr(event, name) for name in adverse_events.AMENDABLE}
    return found | {
        "amend": EventForm(initial=stands, auto_id="amend_%s"),
        "close": CloseForm(auto_id="close_%s"),
    }
