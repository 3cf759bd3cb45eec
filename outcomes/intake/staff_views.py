from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clinic import access
from clinic.access import Act
from clinic.requests import StaffRequest
from outcomes.intake import asking, reviewing
from outcomes.models import Intake
from patients import rows


class AskForm(forms.Form):
    visit_on = forms.DateField(required=False, label="Day of the visit")


@require_POST
def ask(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.RECORD_FINDINGS)
    form = AskForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError("That is not a day; nothing was sent.")
        visit_on = form.cleaned_data["visit_on"]
        asking.ask(complaint, by=request.user, visit_on=visit_on)
        messages.success(
            request, "The questions go out now. The answers come into this evaluation."
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("patients:evaluate", complaint.pk)


@require_POST
def review(request: StaffRequest, intake_id: UUID) -> HttpResponse:
    visible = Intake.objects.visible_to(request.user)
    intake = get_object_or_404(visible, pk=intake_id)
    access.require(request.user, Act.RECORD_FINDINGS)
    try:
        reviewing.review(intake, by=request.user)
        messages.success(request, "Marked as reviewed.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("patients:evaluation", intake.evaluation_id)
