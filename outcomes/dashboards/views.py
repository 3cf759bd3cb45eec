from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest
from outcomes.dashboards import facts, today, today_days
from outcomes.dashboards.course import Course, course_of
from outcomes.dashboards.figures import similar
from outcomes.follow_ups import late
from outcomes.models import Episode, FollowUp, Message, Score, SurveyRequest
from patients.models import (
    Complaint,
    Evaluation,
    Finding,
    Patient,
    RedFlag,
    SourceHypothesis,
)
from patients.models.evaluation import MAP_CODES
from patients.record import card
from plans.models import AdverseEvent, Goal, Intervention, Plan, TreatmentElsewhere


@require_GET
def overview(request: StaffRequest) -> HttpResponse:
    """The first page: what needs a person today."""
    if request.user.membership is None:
        return redirect("clinic:choose")
    if not access.can(request.user, Act.READ_FOLLOW_UPS):
        return redirect("outcomes:population")
    clinic = request.user.membership.clinic
    now_on = clock.today(clinic.zone)
    try:
        day = today_days.asked(request.GET.get("day", ""), now_on)
    except ValidationError as error:
        context = {"error": " ".join(error.messages)}
        return render(request, "outcomes/today_refused.html", context, status=400)
    found = today.overview(request.user, clinic, now_on, day)
    audit.record(
        by=request.user,
        action="today.read",
        about=clinic,
        patients=today.patients_shown(found),
        day=str(day),
    )
    found["days"] = today_days.Days(day, now_on)
    return render(request, "outcomes/today.html", found)


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
    complaints = list(complaints_of(request, shown, record.record_ids))
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
        "courses": courses_of(request, record.record_ids, complaints),
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


def complaints_of(
    request: StaffRequest, shown: Patient, record_ids: Sequence[UUID]
) -> list[Complaint]:
    plans = Plan.objects.visible_to(request.user).select_related("protocol")
    goals = Prefetch("goals", Goal.objects.filter(status=Goal.Status.OPEN))
    elsewhere = TreatmentElsewhere.objects.visible_to(request.user).filter(
        status=TreatmentElsewhere.Status.REPORTED
    )
    found = (
        Complaint.objects.visible_to(request.user)
        .filter(patient__in=record_ids)
        .prefetch_related(
            *(f"hypotheses__{name}" for name in SourceHypothesis.SHOWN_WITH),
            "studies",
            "diagnoses",
            Prefetch("evaluations", mapped_evaluations()),
            Prefetch("plans", plans.prefetch_related("interventions__step", goals)),
            Prefetch("treatments_elsewhere", elsewhere),
            Prefetch("episodes", Episode.objects.visible_to(request.user)),
        )
    )
    for complaint in found:
        # Saves a query a complaint: they are all this person's.
        complaint.patient = shown
    return list(found)


def mapped_evaluations() -> QuerySet[Evaluation]:
    """With who made them, and of their findings where it hurts alone."""
    on_map = Finding.objects.filter(code__in=MAP_CODES, replaced_in=None)
    return Evaluation.objects.select_related(
        "signed_by", "started_by"
    ).prefetch_related(Prefetch("findings", on_map))


def courses_of(
    request: StaffRequest, record_ids: Sequence[UUID], complaints: list[Complaint]
) -> list[Course]:
    """A chart for each complaint that has an episode, for those who read answers."""
    scores: dict[UUID, list[Score]] = defaultdict(list)
    for score in (
        Score.objects.visible_to(request.user)
        .filter(patient__in=record_ids)
        .select_related("measure", "response__follow_up__request")
        .order_by(*facts.IN_TIME_ORDER)
    ):
        scores[score.complaint_id].append(score)
    newest = {
        complaint: newest_episode(complaint)
        for complaint in complaints
        if scores[complaint.pk] and complaint.episodes.all()
    }
    expected = similar.expected(
        request.user, {one: scores[each.pk] for each, one in newest.items()}
    )
    return [
        course_of(
            complaint,
            episode,
            scores[complaint.pk],
            done(complaint),
            [goal for plan in complaint.plans.all() for goal in plan.goals.all()],
            list(complaint.treatments_elsewhere.all()),
            expected.get(episode.pk, {}),
        )
        for complaint, episode in newest.items()
    ]


def newest_episode(complaint: Complaint) -> Episode:
    return max(complaint.episodes.all(), key=lambda e: (e.anchor_on, e.pk))


def done(complaint: Complaint) -> list[Intervention]:
    return [
        intervention
        for plan in complaint.plans.all()
        for intervention in plan.interventions.all()
        if intervention.status == Intervention.Status.PERFORMED
    ]
