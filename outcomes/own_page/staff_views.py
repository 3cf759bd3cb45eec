"""The checkout card at the desk: printed, and the phrase picked with the patient."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from outcomes.own_page import card
from outcomes.own_page.forms import PhraseForm
from patients.models import Patient
from patients.record import phrases


@get_or_post
def checkout_card(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    visible = Patient.objects.visible_to(request.user).select_related("clinic")
    patient = get_object_or_404(visible, pk=patient_id)
    access.require(request.user, Act.READ_PATIENTS)
    if patient.merged_into_id is not None:
        return redirect("outcomes:checkout_card", patient.merged_into_id)
    if request.method == "POST":
        access.require(request.user, Act.WRITE_PATIENTS)
    form = PhraseForm(posted(request), patient=patient)
    if carry_out(request, form, phrases.choose, patient) is not None:
        messages.success(request, "The phrase is saved.")
        return redirect("outcomes:checkout_card", patient.pk)
    record_ids = patient.record_ids
    audit.record(
        by=request.user,
        action="checkout_card.read",
        about=patient,
        patients=record_ids,
    )
    context = {
        "patient": patient,
        "card": card.of(patient, record_ids, at=clock.now()),
        "form": form,
    }
    return render(request, "outcomes/own_page/checkout_card.html", context)
