"""What an earlier import, or the clinic itself, already knows of some persons."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from clinic.models import Clinic
from outcomes.models import Episode, FollowUp, Provenance, Response, Score
from patients.models import Patient


@dataclass(slots=True)
class KnownFollowUp:
    id: UUID
    days: tuple[int, int, int]
    state: str
    response_id: UUID | None = None
    is_imported: bool = True
    scores: dict[UUID, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Course:
    """A patient's imported course of treatment, by time point."""

    patient_id: UUID
    complaint_id: UUID
    episode_id: UUID
    treatment_key: str
    anchor_on: date
    pain_site: str
    side: str
    follow_ups: dict[str, KnownFollowUp] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What was imported, by MRN, and every MRN that is held, in small letters."""

    held: Collection[str]
    courses: dict[str, Course]


def look_up(clinic: Clinic, mrns: Iterable[str]) -> Known:
    """In five queries, however many persons; in one where all of them are new."""
    patients = {
        pk: (mrn, origin)
        for pk, mrn, origin in Patient.objects.filter(clinic=clinic)
        .with_mrn(*mrns)
        .values_list("pk", "mrn", "origin")
    }
    imported = {
        pk: mrn
        for pk, (mrn, origin) in patients.items()
        if origin == Patient.Origin.IMPORT
    }
    courses = _courses(imported) if imported else {}
    return Known(held={mrn.lower() for mrn, _ in patients.values()}, courses=courses)


def _courses(imported: dict[UUID, str]) -> dict[str, Course]:
    # A plan without a protocol is one that an import brought.
    episodes = (
        Episode.objects.filter(patient__in=imported, plan__protocol=None)
        .select_related("plan", "complaint")
        .order_by("created_at", "pk")
    )
    courses: dict[UUID, Course] = {}
    for episode in episodes:
        courses.setdefault(
            episode.patient_id,
            Course(
                patient_id=episode.patient_id,
                complaint_id=episode.complaint_id,
                episode_id=episode.pk,
                treatment_key=episode.plan.treatment_key,
                anchor_on=episode.anchor_on,
                pain_site=episode.complaint.pain_site,
                side=episode.complaint.side,
            ),
        )
    _add_follow_ups({course.episode_id: course for course in courses.values()})
    return {imported[pk]: course for pk, course in courses.items()}


def _add_follow_ups(courses: dict[UUID, Course]) -> None:
    held: dict[UUID, KnownFollowUp] = {}
    follow_ups = FollowUp.objects.filter(episode__in=courses).exclude(
        state__in=[FollowUp.State.CANCELLED, FollowUp.State.SUPERSEDED]
    )
    for found in follow_ups:
        known = KnownFollowUp(
            id=found.pk,
            days=(found.open_day, found.offset_days, found.close_day),
            state=found.state,
        )
        held[found.pk] = known
        courses[found.episode_id].follow_ups[found.timepoint_key] = known
    _add_responses(held)


def _add_responses(follow_ups: dict[UUID, KnownFollowUp]) -> None:
    held: dict[UUID, KnownFollowUp] = {}
    responses = Response.objects.filter(follow_up__in=follow_ups).order_by("revision")
    for pk, asked, provenance in responses.values_list(
        "pk", "follow_up_id", "provenance"
    ):
        follow_up = follow_ups[asked]
        follow_up.response_id = pk
        follow_up.is_imported = provenance == Provenance.IMPORT
        held[pk] = follow_up
    scores = Score.objects.filter(response__in=held).order_by("response__revision")
    for response, measure, value in scores.values_list(
        "response_id", "measure_id", "value"
    ):
        held[response].scores[measure] = value
