"""The rows that an imported person gets, made but not saved."""

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic import reference_data
from clinic.models import Clinic
from outcomes.imports import rows
from outcomes.imports.known import Course
from outcomes.imports.mapping import Mapping, Point, Treatment
from outcomes.imports.people import Person
from outcomes.models import Episode, FollowUp, Measure, Provenance, Response, Score
from patients.models import Complaint, Patient, Side
from plans.models import Anchor, Plan

ALGORITHM_VERSION = "import-1"
IMPORTED = "imported"
NOT_ANSWERED = "not answered"
_BACK = "low_back"


@dataclass(frozen=True, slots=True)
class DraftCourse:
    patient: Patient
    complaint: Complaint
    plan: Plan
    episode: Episode


class Drafts:
    """Makes the rows of one import, all of them at one moment."""

    def __init__(self, clinic: Clinic, mapping: Mapping, now: datetime) -> None:
        self._clinic = clinic
        self._mapping = mapping
        self._now = now
        self._zone = ZoneInfo(clinic.zone)
        self._today = now.astimezone(self._zone).date()
        self._noon = functools.lru_cache(maxsize=4096)(self._computed_noon)

    def course(self, person: Person, treatment: Treatment) -> DraftCourse:
        patient = self._patient(person)
        complaint = Complaint(
            clinic_id=self._clinic.pk,
            patient_id=patient.pk,
            pain_site=person.pain_site,
            side=person.side,
            opened_on=person.start,
            created_at=self._now,
        )
        plan = self._plan(complaint, person, treatment)
        return DraftCourse(
            patient, complaint, plan, self._episode(complaint, plan, person)
        )

    def _patient(self, person: Person) -> Patient:
        return Patient(
            clinic_id=self._clinic.pk,
            mrn=self._mapping.person.mrn_prefix + person.id,
            given_name=person.given_name,
            family_name=person.family_name or f"Imported {person.id}",
            birth_date=person.birth_date,
            age_at_import=person.age,
            sex=person.sex or Patient.Sex.UNKNOWN,
            origin=Patient.Origin.IMPORT,
            created_at=self._now,
        )

    def _plan(self, complaint: Complaint, person: Person, treatment: Treatment) -> Plan:
        last = max(point.close_day for point in self._mapping.points)
        is_over = person.start + timedelta(days=last) < self._today
        return Plan(
            clinic_id=self._clinic.pk,
            complaint_id=complaint.pk,
            title=treatment.label,
            modality=treatment.modality,
            treatment_key=treatment.key,
            treatment_label=treatment.label,
            status=Plan.Status.COMPLETED if is_over else Plan.Status.ACTIVE,
            status_reason=IMPORTED if is_over else "",
            started_on=person.start,
            created_at=self._now,
        )

    def _episode(self, complaint: Complaint, plan: Plan, person: Person) -> Episode:
        return Episode(
            clinic_id=self._clinic.pk,
            patient_id=complaint.patient_id,
            complaint_id=complaint.pk,
            plan_id=plan.pk,
            anchor=Anchor.PLAN_START,
            anchor_on=person.start,
            # Ended: the answers came with the file and nobody is asked again.
            status=Episode.Status.ENDED,
            ended_by=Episode.EndedBy.IMPORTED,
            end_reason=IMPORTED,
            facts_due_at=self._now,
            created_at=self._now,
        )

    def follow_up(self, course: Course, point: Point, *, is_answered: bool) -> FollowUp:
        anchor = course.anchor_on
        closes_on = anchor + timedelta(days=point.close_day)
        state, reason = self._state(closes_on, is_answered=is_answered)
        return FollowUp(
            clinic_id=self._clinic.pk,
            patient_id=course.patient_id,
            episode_id=course.episode_id,
            timepoint_key=point.key,
            label=point.label,
            offset_days=point.day,
            open_day=point.open_day,
            close_day=point.close_day,
            ask_day=point.day,
            opens_on=anchor + timedelta(days=point.open_day),
            due_on=anchor + timedelta(days=point.day),
            closes_on=closes_on,
            is_baseline=point.is_baseline,
            state=state,
            state_reason=reason,
            answered_at=self._noon(course.anchor_on, point) if is_answered else None,
            completed_at=self._noon(course.anchor_on, point) if is_answered else None,
            created_at=self._now,
        )

    def _state(self, closes_on: date, *, is_answered: bool) -> tuple[str, str]:
        if is_answered:
            return FollowUp.State.COMPLETED, IMPORTED
        if closes_on < self._today:
            return FollowUp.State.EXPIRED, NOT_ANSWERED
        return FollowUp.State.PLANNED, IMPORTED

    def response(self, course: Course, point: Point, follow_up_id: UUID) -> Response:
        return Response(
            clinic_id=self._clinic.pk,
            patient_id=course.patient_id,
            follow_up_id=follow_up_id,
            state=Response.State.SEALED,
            provenance=Provenance.IMPORT,
            language="en",
            opened_at=self._now,
            sealed_at=self._now,
            answered_on=course.anchor_on + timedelta(days=point.day),
            created_at=self._now,
        )

    def score(
        self,
        course: Course,
        point: Point,
        response_id: UUID,
        measure: Measure,
        cell: str,
    ) -> Score:
        site, side = _body_part(course, measure)
        return Score(
            clinic_id=self._clinic.pk,
            patient_id=course.patient_id,
            complaint_id=course.complaint_id,
            measure_id=measure.pk,
            site=site,
            side=side,
            measured_at=self._noon(course.anchor_on, point),
            measured_on=course.anchor_on + timedelta(days=point.day),
            value=rows.stored(cell),
            response_id=response_id,
            provenance=Provenance.IMPORT,
            algorithm_version=ALGORITHM_VERSION,
            input_sha256=reference_data.fingerprint([measure.key, cell]),
            created_at=self._now,
        )

    def _computed_noon(self, anchor_on: date, point: Point) -> datetime:
        """Midday in the clinic: the file knows the day and not the hour."""
        day = anchor_on + timedelta(days=point.day)
        return datetime.combine(day, time(12), self._zone).astimezone(UTC)


def _body_part(course: Course, measure: Measure) -> tuple[str, str]:
    if measure.role == Measure.Role.SITE:
        return course.pain_site, course.side
    return (_BACK if measure.role == Measure.Role.BACK else ""), Side.NONE
