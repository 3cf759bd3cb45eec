"""The small pages on which treatments elsewhere are reported and taken back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from patients import rows
from patients.models import Complaint
from plans.course import elsewhere, partial_days
from plans.course.elsewhere_forms import ElsewhereForm
from plans.course.forms import ReasonForm
from plans.models import Plan, TreatmentElsewhere


@get_or_post
def report(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    plan = plan_of(request, complaint)
    form = ElsewhereForm(posted(request))
    reported = carry_out(request, form, elsewhere.report, complaint)
    if reported is not None:
        messages.success(request, f"Reported: {reported}.")
        return back(complaint, plan)
    audit.record(by=request.user, action="complaint.read", about=complaint)
    context = {
        "form": form,
        "complaint": complaint,
        "patient": complaint.patient,
        "plan": plan,
        "title": "Treatment elsewhere",
        "button": "Report it",
    }
    return render(request, "plans/elsewhere.html", context)


@get_or_post
def take_back(request: StaffRequest, treatment_id: UUID) -> HttpResponse:
    visible = TreatmentElsewhere.objects.visible_to(request.user)
    treatment = get_object_or_404(
        visible.select_related("complaint__patient__clinic"), pk=treatment_id
    )
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    complaint = treatment.complaint
    plan = plan_of(request, complaint)
    form = ReasonForm(posted(request))
    if carry_out(request, form, elsewhere.take_back, treatment):
        messages.success(request, f"Taken back: {treatment}.")
        return back(complaint, plan)
    audit.record(by=request.user, action="treatment_elsewhere.read", about=treatment)
    context = {
        "form": form,
        "complaint": complaint,
        "patient": complaint.patient,
        "plan": plan,
        "treatment": treatment,
        "when": partial_days.in_words(treatment.began_on, treatment.precision),
        "title": "Take back a treatment elsewhere",
        "button": "Take it back",
    }
    return render(request, "plans/elsewhere.html", context)


def plan_of(request: StaffRequest, complaint: Complaint) -> Plan | None:
    """The plan whose page somebody came from, and goes back to."""
    try:
        wanted = UUID(request.GET.get("plan", ""))
    except ValueError:
        return None
    visible = Plan.objects.visible_to(request.user)
    return visible.filter(pk=wanted, complaint=complaint).first()


def back(complaint: Complaint, plan: Plan | None) -> HttpResponse:
    if plan is not None:
        return redirect("outcomes:plan", plan.pk)
    return redirect("outcomes:patient", complaint.patient_id)
