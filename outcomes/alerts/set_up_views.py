"""Pages where a clinic sets its rules, tried on past answers, and who is on call."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, clock
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, carry_out, get_or_post, posted, workplace
from outcomes.alerts import backtest, chosen, rota, views
from outcomes.alerts.forms import ContactForm, MinutesForm, RuleForm, ShiftForm
from outcomes.alerts.rules import Rule
from outcomes.models import AlertSettings, OnCallContact, OnCallShift

SAVE = "save"
# What each form of the page of the rota does.
VERBS: Mapping[str, Callable[..., Any]] = {
    "shift": rota.add,
    "contact": rota.set_contact,
    "minutes": rota.set_minutes,
}


@require_GET
def rules(request: StaffRequest) -> HttpResponse:
    """Each rule with what it would have raised on the last months' answers."""
    access.require(request.user, Act.READ_ALERTS)
    clinic = workplace(request)
    pool = backtest.read(clinic, clock.now())
    known = list(chosen.rules_of(clinic.pk).values())
    rows = [(rule, pool.tried(rule, known)) for rule in known]
    whole = pool.together([rule for rule in known if rule.is_on])
    context = {"rows": rows, "answers": len(pool.answers), "whole": whole}
    return render(request, "outcomes/alerts/rules.html", context)


@get_or_post
def rule(request: StaffRequest, key: str) -> HttpResponse:
    """One rule: tried with other figures first, then saved."""
    access.require(request.user, Act.SET_ALERTS)
    clinic = workplace(request)
    known = chosen.rules_of(clinic.pk)
    standing = known.get(key)
    if standing is None:
        raise Http404("There is no such rule.")
    form = RuleForm(posted(request), rule=standing)
    becomes = _becomes(standing, form) if request.method == "POST" else None
    if becomes is not None and request.POST.get("step") == SAVE:
        chosen.save(clinic, key=key, by=request.user, **_figures(becomes))
        messages.success(request, f"“{standing.name}” is saved and counts from now on.")
        return redirect("outcomes:alert_rules")
    pool = backtest.read(clinic, clock.now())
    context = {
        "rule": standing,
        "form": form,
        "answers": len(pool.answers),
        "tried": pool.tried(standing, known.values()),
        "becomes": becomes,
        "tried_becomes": becomes and pool.tried(becomes, known.values()),
    }
    return render(request, "outcomes/alerts/rule.html", context)


def _becomes(standing: Rule, form: forms.Form) -> Rule | None:
    """None where the form says something that cannot be."""
    if not form.is_valid():
        return None
    asked: dict[str, Any] = {"is_on": True, "number": None, "days": None}
    try:
        return chosen.changed(standing, **{**asked, **form.cleaned_data})
    except ValidationError as error:
        say(form, error)
    return None


def _figures(becomes: Rule) -> dict[str, Any]:
    fields = dataclasses.asdict(becomes)
    return {name: fields[name] for name in ("is_on", "number", "days")}


@get_or_post
def on_call(request: StaffRequest) -> HttpResponse:
    """Who is told when, how, and how long before the next person is."""
    access.require(request.user, Act.READ_ALERTS)
    clinic = workplace(request)
    own = AlertSettings.objects.filter(clinic=clinic).first()
    minutes = own.second_after_minutes if own else AlertSettings.SECOND_AFTER
    initial = {"second_after_minutes": minutes}
    asked = request.POST.get("form", "")
    data = {name: posted(request) if name == asked else None for name in VERBS}
    given: dict[str, forms.Form] = {
        "shift": ShiftForm(data["shift"], prefix="shift", clinic=clinic),
        "contact": ContactForm(data["contact"], prefix="contact", clinic=clinic),
        "minutes": MinutesForm(data["minutes"], prefix="minutes", initial=initial),
    }
    if request.method == "POST" and asked in VERBS:
        access.require(request.user, Act.SET_ALERTS)
        if carry_out(request, given[asked], VERBS[asked], clinic) is not None:
            messages.success(request, "Saved.")
            return redirect("outcomes:rota")
    return render(request, "outcomes/alerts/rota.html", _rota(request, given))


def _rota(request: StaffRequest, given: dict[str, forms.Form]) -> dict[str, Any]:
    clinic = workplace(request)
    shifts = list(rota.current(clinic, clock.today(clinic.zone)))
    contacts = OnCallContact.objects.visible_to(request.user).select_related("user")
    known = {contact.user_id: contact for contact in contacts}
    return {
        **{f"{name}_form": form for name, form in given.items()},
        "weekly": _week(shifts),
        "dated": [one for one in shifts if one.kind != OnCallShift.Kind.WEEKLY],
        "people": [
            {"person": person, "contact": known.get(person.pk)}
            for person in rota.people(clinic)
        ],
        "on_call": views.names_on_call(request),
    }


def _week(shifts: list[OnCallShift]) -> list[dict[str, Any]]:
    """A line for each day and time, with who is told first and second."""
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in shifts:
        if one.kind != OnCallShift.Kind.WEEKLY:
            continue
        key = (one.day, one.begins_at, one.ends_at)
        line = lines.setdefault(key, {"shift": one, "first": [], "second": []})
        is_first = one.place == OnCallShift.Place.FIRST
        line["first" if is_first else "second"].append(one)
    return list(lines.values())


@require_POST
def remove_shift(request: StaffRequest, shift_id: UUID) -> HttpResponse:
    visible = OnCallShift.objects.visible_to(request.user)
    shift = get_object_or_404(visible, pk=shift_id)
    access.require(request.user, Act.SET_ALERTS)
    rota.remove(shift, by=request.user)
    messages.success(request, "Taken off the rota.")
    return redirect("outcomes:rota")
