"""The inbox of alerts, and the page of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from clinic import access, audit, clock
from clinic.access import Act
from clinic.models import User
from clinic.requests import StaffRequest, carry_out, get_or_post, posted, workplace
from outcomes.alerts import inbox, listing, rota, rules
from outcomes.alerts.forms import ActForm, NoteForm, NothingForm, SnoozeForm
from outcomes.answer_pages import sheets
from outcomes.answer_pages.sheets import Line
from outcomes.models import Alert, Response
from outcomes.survey import pages
from patients.models import ContactPoint, Patient
from patients.triage import early_intervention

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Button:
    """What a button of the page of an alert asks for."""

    form: type[forms.Form]
    verb: Callable[..., Alert]
    said: str
    needs: Act = Act.ACT_ON_ALERTS


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number, and whose it is in words."""

    number: str
    whose: str

    @property
    def address(self) -> str:
        """What a tap on it calls."""
        return pages.telephone(self.number)


BUTTONS: Mapping[str, Button] = {
    "acknowledge": Button(
        NothingForm,
        inbox.acknowledge,
        "You look at it: nobody else is told any more.",
        Act.ACKNOWLEDGE_ALERTS,
    ),
    "act": Button(ActForm, inbox.act, "Kept: what was done, your name and the time."),
    "note": Button(NoteForm, inbox.add_note, "Added to the alert."),
    "close": Button(NoteForm, inbox.close, "Closed; it stays on record."),
    "snooze": Button(SnoozeForm, inbox.snooze, "Put off; it comes back by itself."),
}


@require_GET
def alerts(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_ALERTS)
    clinic = workplace(request)
    show = listing.chosen(request.GET.get("show", ""))
    rows = listing.found(request.user, show).for_pages()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page)
    people = [alert.patient.kept for alert in shown]
    early_intervention.attach_clocks(people, user=request.user)
    audit.record(
        by=request.user,
        action="alerts.listed",
        about=clinic,
        patients=[person.pk for person in people],
        show=show,
        page=page.number,
    )
    context = {
        "page": page,
        "alerts": shown,
        "show": show,
        "filters": _filters(request),
        "on_call": names_on_call(request),
    }
    return render(request, "outcomes/alerts/list.html", context)


def _filters(request: StaffRequest) -> list[tuple[listing.Show, str, int | None]]:
    counts = listing.counts(request.user)
    return [(each, listing.WORDS[each], counts.get(each)) for each in listing.Show]


def names_on_call(request: StaffRequest) -> dict[str, str]:
    """Who is told first and second at this moment, in words."""
    clinic = workplace(request)
    people = rota.people(clinic).in_bulk()
    held = rota.on_call(clinic, clock.now(), among=people)
    return {
        "first": ", ".join(people[each].name for each in held.first),
        "second": ", ".join(people[each].name for each in held.second),
    }


@get_or_post
def alert(request: StaffRequest, alert_id: UUID) -> HttpResponse:
    found = find(request, alert_id)
    asked, refused = request.POST.get("act", ""), None
    if request.method == "POST":
        button = BUTTONS.get(asked, BUTTONS["acknowledge"])
        access.require(request.user, button.needs)
        refused = _form(button.form, found, posted(request))
        if carry_out(request, refused, button.verb, found) is not None:
            messages.success(request, button.said)
            return redirect("outcomes:alert", found.pk)
        # Somebody else may have been faster: the page shows what they did.
        found = find(request, alert_id)
    audit.record(by=request.user, action="alert.read", about=found)
    context = {
        **_shown(found, refused),
        "written": _written(request.user, found),
        "numbers": _numbers(request.user, found.patient.kept),
    }
    return render(request, "outcomes/alerts/alert.html", context)


def _written(user: User, found: Alert) -> list[Line]:
    """The patient's own words, for who may read answers; that is kept too."""
    answered = found.response
    if answered is None or not access.can(user, Act.READ_ANSWERS):
        return []
    (sheet,) = sheets.read(Response.objects.filter(pk=answered.pk))
    if sheet.words:
        audit.record(by=user, action="answers.read", about=answered)
    return sheet.words


def _numbers(user: User, patient: Patient) -> list[Number]:
    """Whom to call: the patient first, then who looks after them."""
    if not access.can(user, Act.READ_PATIENTS):
        return []
    own = patient.contact_points.filter(system=ContactPoint.System.PHONE)
    others = patient.caregivers.filter(ended_on=None).exclude(phone="")
    return [
        *(_number_of(point) for point in own.order_by("created_at")),
        *(Number(other.phone, str(other)) for other in others),
    ]


def _number_of(point: ContactPoint) -> Number:
    whose = (
        "the patient; texts do not arrive there" if point.failed_at else "the patient"
    )
    return Number(point.value, whose)


def find(request: StaffRequest, alert_id: UUID) -> Alert:
    visible = Alert.objects.visible_to(request.user).for_pages()
    related = visible.select_related(
        "response__instrument",
        "response__follow_up__episode__complaint",
        "adverse_event",
    )
    return get_object_or_404(related.prefetch_related("events__by"), pk=alert_id)


def _form(kind: type[forms.Form], found: Alert, data: Any) -> forms.Form:
    if issubclass(kind, SnoozeForm):
        return kind(data, alert=found)
    return kind(data)


def _shown(found: Alert, refused: forms.Form | None) -> dict[str, Any]:
    """The alert with the forms that its state asks for; what was typed is kept."""
    kinds: dict[str, type[forms.Form]] = {
        "act_form": ActForm,
        "note_form": NoteForm,
        "snooze_form": SnoozeForm,
    }
    made = {
        name: refused if type(refused) is kind else _form(kind, found, None)
        for name, kind in kinds.items()
    }
    return {
        "alert": found,
        "patient": found.patient.kept,
        "complaint": found.complaint,
        "rule": rules.shipped().rules.get(found.rule),
        "refusals": refused.non_field_errors() if refused is not None else [],
        "can_close": found.red_flag is None or found.state == Alert.State.ACTED,
        **made,
    }
