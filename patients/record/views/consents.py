from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from clinic import access, audit, clock
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, get_or_post
from patients import rows
from patients.catalogue import consents as wordings
from patients.models import Consent, Patient
from patients.record import consents
from patients.record.forms.consents import GiveForm, WithdrawConsentForm

WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that can be agreed to, and how it stands."""

    scope: str
    label: str
    wording: str
    consent: Consent | None

    @property
    def is_channel(self) -> bool:
        return self.scope in Consent.CHANNELS


@get_or_post
def of_patient(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """What the patient agreed to, and the forms that record a yes or a no."""
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.WRITE_PATIENTS)
    is_given = request.method == "POST" and request.POST.get("act") != WITHDRAW
    form = give_form(patient, request.POST if is_given else None)
    if request.method == "POST":
        done = (
            given(request, patient, form) if is_given else withdrawn(request, patient)
        )
        if done:
            return redirect("patients:consents", patient.pk)
        patient = rows.find_patient(request, patient_id)
    audit.record(by=request.user, action="consents.read", about=patient)
    context = {
        "form": form,
        "patient": patient,
        "lines": lines_of(patient),
        "history": patient.consents.select_related(
            "given_by", "recorded_by", "withdrawal_recorded_by"
        ),
        "today": clock.today(patient.time_zone),
        "language": patient.language,
    }
    return render(request, "patients/consents.html", context)


def lines_of(patient: Patient) -> list[Line]:
    held = consents.in_force(patient)
    version = wordings.current_version()
    return [
        Line(
            scope=scope.value,
            label=str(scope.label),
            wording=wordings.wording(
                held[scope].wording_version if scope in held else version,
                scope,
                patient.language,
            ),
            consent=held.get(scope),
        )
        for scope in Consent.Scope
    ]


def give_form(patient: Patient, data: Any) -> GiveForm:
    held = consents.in_force(patient)
    # A yes to older words may be renewed.
    current = wordings.current_version()
    offered = [
        scope.value
        for scope in Consent.Scope
        if scope not in held or held[scope].wording_version != current
    ]
    people = patient.caregivers.filter(ended_on=None)
    is_minor = patient.is_minor
    return GiveForm(
        data,
        offered=offered,
        deciders=[
            person
            for person in people
            if (person.is_guardian if is_minor else person.may_decide)
        ],
        is_minor=is_minor,
        today=clock.today(patient.time_zone),
    )


def given(request: StaffRequest, patient: Patient, form: GiveForm) -> bool:
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            for scope in form.cleaned_data["scopes"]:
                consents.give(
                    patient,
                    by=request.user,
                    scope=scope,
                    given_on=form.cleaned_data["given_on"],
                    given_by=form.cleaned_data["given_by"],
                )
    except ValidationError as error:
        say(form, error)
        return False
    messages.success(request, "Recorded.")
    return True


def withdrawn(request: StaffRequest, patient: Patient) -> bool:
    """A slip is said above the page: the form is one button beside each consent."""
    form = WithdrawConsentForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(
                [error for found in form.errors.values() for error in found]
            )
        consents.withdraw(patient, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    messages.success(request, "Withdrawn; the others stand.")
    return True
