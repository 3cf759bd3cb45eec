"""One page on which asking pauses, stops and begins again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from clinic import access, audit, clock, consequences
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post
from patients import rows
from patients.models import Patient
from patients.record import holds, leaving
from patients.record.forms import asking as asking_forms


@dataclass(frozen=True, slots=True)
class Step:
    """An act of the page: its form, the verb, and what is said once it is done."""

    form: type[forms.Form]
    verb: Callable[..., Patient]
    done: str
    act: Act = Act.WRITE_PATIENTS


STEPS = {
    "hold": Step(asking_forms.HoldForm, holds.hold, "On hold; nothing is sent."),
    "release_hold": Step(
        asking_forms.NothingForm, holds.release_hold, "The hold has ended."
    ),
    "withdraw": Step(
        asking_forms.WithdrawForm, leaving.withdraw, "Withdrawn; nothing is sent."
    ),
    "take_back_withdrawal": Step(
        asking_forms.ReturnForm,
        leaving.take_back_withdrawal,
        "The withdrawal is taken back; the patient is asked again.",
    ),
    "record_death": Step(
        asking_forms.DeathForm,
        leaving.record_death,
        "Recorded; nothing is sent. A clinician or an admin confirms it.",
    ),
    "confirm_death": Step(
        asking_forms.NothingForm,
        leaving.confirm_death,
        "The death is confirmed.",
        Act.CONFIRM_DEATHS,
    ),
    "reverse_death": Step(
        asking_forms.ReversalForm,
        leaving.reverse_death,
        "The death is taken back; the patient is asked again.",
        Act.CONFIRM_DEATHS,
    ),
}


@get_or_post
def of_patient(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.WRITE_PATIENTS)
    form: forms.Form | None = None
    name = request.POST.get("act", "")
    if request.method == "POST":
        if name not in STEPS:
            raise Http404("There is no such act.")
        step = STEPS[name]
        access.require(request.user, step.act)
        form = step.form(request.POST, auto_id=f"id_{name}_%s")
        if carry_out(request, form, step.verb, patient) is not None:
            messages.success(request, step.done)
            return redirect("outcomes:patient", patient.pk)
        patient = rows.find_patient(request, patient_id)
    audit.record(by=request.user, action="patient.read", about=patient)
    context = {
        "patient": patient,
        "forms": shown_forms(name, form),
        "slips": slips(patient, name, form),
        "today": clock.today(patient.time_zone),
        "returns": returns(patient),
    }
    return render(request, "patients/asking.html", context)


def shown_forms(name: str, sent: forms.Form | None) -> dict[str, Any]:
    """A fresh form for each act, and the one that was sent in with its errors."""
    fresh = {key: step.form(auto_id=f"id_{key}_%s") for key, step in STEPS.items()}
    return {**fresh, **({name: sent} if sent is not None else {})}


def slips(patient: Patient, name: str, sent: forms.Form | None) -> list[str]:
    """What stands above the page: of a form that the page does not show, all of it."""
    if sent is None:
        return []
    if name in offered(patient):
        return [str(error) for error in sent.non_field_errors()]
    return [str(error) for errors in sent.errors.values() for error in errors]


def offered(patient: Patient) -> set[str]:
    """The acts that have fields on the page, as things stand."""
    if patient.deceased_on is not None:
        return {"reverse_death"}
    if patient.withdrawn_on is not None:
        return {"take_back_withdrawal", "record_death"}
    return {"hold", "withdraw", "record_death"}


def returns(patient: Patient) -> list[str]:
    """What taking a withdrawal or a death back would do, in words."""
    if patient.is_in_follow_up:
        return []
    return consequences.preview("patient.returned", patient)
