"""One patient's page, and every course of theirs side by side."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest
from outcomes.dashboards.one_patient import side_by_side
from outcomes.follow_ups import late
from outcomes.models import FollowUp, Message, SurveyRequest
from patients.models import Patient, RedFlag
from patients.record import card
from plans.models import AdverseEvent


@require_GET
def patient(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """One patient: where it hurts, where it comes from, what is done, how it goes.

    The rows of records that were merged into this one are read with its own.
    """
    shown = get_object_or_404(
        Patient.objects.visible_to(request.user)
        .select_related("clinic", "death_confirmed_by", "location")
        .prefetch_related("contact_points"),
        pk=patient_id,
    )
    if shown.merged_into_id is not None:
        return redirect("outcomes:patient", shown.merged_into_id)
    record = card.of(shown)
    complaints = side_by_side.complaints_of(request.user, shown, record.record_ids)
    follow_ups = list(
        late.told_apart(FollowUp.objects.visible_to(request.user))
        .filter(patient__in=record.record_ids)
        .exclude(state=FollowUp.State.SUPERSEDED)
        .select_related(
            *("episode__plan", "episode__complaint", "patient__clinic"),
            "patient__merged_into__clinic",
        )
    )
    flags = RedFlag.objects.visible_to(request.user).of_person(shown)
    context = {
        "patient": shown,
        "record": record,
        "flags": list(flags.standing().for_pages()),
        "complaints": complaints,
        "courses": side_by_side.newest(request.user, record.record_ids, complaints),
        "courses_count": side_by_side.courses_count(complaints),
        "follow_ups": follow_ups,
        "open_request": SurveyRequest.objects.visible_to(request.user)
        .filter(patient__in=record.record_ids, state=SurveyRequest.State.OPEN)
        .first(),
        "adverse_events": list(
            AdverseEvent.objects.visible_to(request.user)
            .filter(patient__in=record.record_ids)
            .open()
            .for_pages()
        ),
        "messages_sent": Message.objects.visible_to(request.user)
        .filter(request__patient__in=record.record_ids)
        .order_by("-created_at")[:10],
        "today": clock.today(shown.time_zone),
    }
    audit.record(
        by=request.user,
        action="patient.read",
        about=shown,
        patients=record.patients_shown,
    )
    return render(request, "outcomes/patient.html", context)


@require_GET
def courses(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Every course of every complaint of one patient, beside each other."""
    shown = get_object_or_404(
        Patient.objects.visible_to(request.user).select_related("clinic"),
        pk=patient_id,
    )
    access.require(request.user, Act.READ_ANSWERS)
    if shown.merged_into_id is not None:
        return redirect("outcomes:courses", shown.merged_into_id)
    record = card.of(shown)
    audit.record(
        by=request.user,
        action="courses.read",
        about=shown,
        patients=record.record_ids,
    )
    found = side_by_side.side_by_side(request.user, shown, record.record_ids)
    context = {"patient": shown, "found": found}
    return render(request, "outcomes/courses.html", context)
