"""Brings the follow-ups of courses of treatment in line with their day 0."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import By
from outcomes.follow_ups.engine import requests
from outcomes.follow_ups.planning import (
    course_rows,
    replanning,
    rewriting,
    sending_hours,
)
from outcomes.follow_ups.planning.changes import Changes
from outcomes.follow_ups.planning.course_rows import Course
from outcomes.follow_ups.planning.rewriting import Rewrite
from outcomes.follow_ups.planning.sending_hours import Calendar
from outcomes.models import Episode, SurveyRequest
from outcomes.survey import scores
from patients.models import Patient
from plans.models import Protocol

EndedBy = Episode.EndedBy
People = Mapping[UUID, Patient]
# By the plan: the version of its protocol that it went by until now.
Before = Mapping[UUID, UUID]


@transaction.atomic
def end(episode: Episode, ended_by: EndedBy, *, by: By, reason: str = "") -> int:
    """Stop asking about this course; returns how many follow-ups it cancels."""
    patient, now = requests.lock(episode.patient_id), clock.now()
    return requests.end([episode], patient, ended_by, now, by=by, reason=reason)


def preview(episode: Episode) -> Changes:
    """What `apply` would do now to a course that asks."""
    (course,) = course_rows.read([episode.pk])
    return _changes(course, _person(episode.patient_id), clock.now())


def changes_to(
    episode: Episode,
    anchor_on: date,
    *,
    waits: bool,
    began_on: date | None,
    protocol: Protocol | None = None,
) -> Changes:
    """The same on a day 0 as it would be, or by another version of the protocol."""
    (course,) = course_rows.read([episode.pk])
    stands_by = course.head.protocol_id
    becomes = protocol.pk if protocol else stands_by
    return replanning.changes(
        course,
        course_rows.points_of(becomes),
        sending_hours.of(_person(episode.patient_id)),
        clock.now(),
        anchor_on=anchor_on,
        began_on=began_on,
        waits=waits,
        gone=course_rows.gone(stands_by, becomes),
    )


def answers_against(
    episode: Episode, anchor_on: date, *, began_on: date | None
) -> Changes:
    """What another day 0 does to a course that asks no more: it reads its answers."""
    return replanning.only_answers(
        changes_to(episode, anchor_on, waits=False, began_on=began_on)
    )


def _person(patient_id: UUID) -> Patient:
    related = Patient.objects.select_related("clinic", "merged_into__clinic")
    return related.get(pk=patient_id).kept


@transaction.atomic
def apply(episode: Episode, *, by: By) -> Changes:
    """Let a course stand on its procedure as it is; doing it twice is once.

    One that asks has its rows brought in line. One that ended because its procedure
    was cancelled asks again; of another nobody is asked, and its answers are read
    against the new day.
    """
    patient = requests.hold_person(episode.patient_id)
    people = {episode.patient_id: patient}
    done = _apply([episode.pk], people, None, {}, by=by)
    return done[0].changes if done else Changes()


# Without a savepoint, for the rows of thousands of plans are written in it (audit).
@transaction.atomic(savepoint=False)
def apply_all(
    patients: Mapping[UUID, UUID], *, by: By, before: Before | None = None
) -> list[Changes]:
    """The same for courses of one clinic, each with its patient: a constant number of
    queries.

    `before` names the older versions where plans were just moved to a newer one: what
    was planned by time points that it has no more is cancelled, and of a course that
    stays on its day only what the versions say differently is looked at.
    """
    if not patients:
        return []
    people = requests.hold_people(set(patients.values()))
    hours = Calendar.of(next(iter(people.values())).clinic)
    done = _apply(list(patients), people, hours, before or {}, by=by)
    return [one.changes for one in done]


def _apply(
    ids: Sequence[UUID],
    people: People,
    hours: Calendar | None,
    before: Before,
    *,
    by: By,
) -> list[Rewrite]:
    """Returns what was done to those that stand on a day 0 and are in follow-up."""
    now = clock.now()
    courses = course_rows.read(ids, before)
    asked = _held_surveys(courses, people)
    stay = [one for one in courses if _stays(one, people, now, by)]
    _reopen(stay)
    rewrites = []
    for course in stay:
        patient = people[course.head.patient_id]
        rewrites.append(_rewrite(course, patient, now, hours, before))
    rewriting.write(rewrites, now)
    for one in rewrites:
        if one.begins_anew and one.course.has_recalled:
            scores.follow_day_0(Episode.objects.get(pk=one.id))
    requests.settle_all(asked, now)
    rewriting.tell([one for one in rewrites if one.is_told], by=by)
    return rewrites


def _held_surveys(
    courses: Sequence[Course], people: People
) -> dict[SurveyRequest, str]:
    """The open surveys that ask them, with the patient's zone: held before the
    follow-ups, as a patient who submits takes them.
    """
    zones = {
        row.request_id: people[course.head.patient_id].time_zone
        for course in courses
        for row in course.rows.values()
        if row.request_id is not None and row.is_asked_by_open_survey
    }
    if not zones:
        return {}
    held = SurveyRequest.objects.filter(pk__in=zones).order_by("pk")
    return {one: zones[one.pk] for one in held.select_for_update()}


def _stays(course: Course, people: People, now: datetime, by: By) -> bool:
    """Whether it is followed; one whose procedure or patient is gone ends here."""
    head, patient = course.head, people[course.head.patient_id]
    if course.lacks_procedure:
        if course.is_active:
            episode = Episode.objects.get(pk=head.pk)
            requests.end([episode], patient, EndedBy.PROCEDURE_CANCELLED, now, by=by)
        elif head.ended_by == EndedBy.REPEATED:
            # What it repeated is told to be there no more.
            cancelled = EndedBy.PROCEDURE_CANCELLED
            Episode.objects.filter(pk=head.pk).update(
                ended_by=cancelled, end_reason=cancelled.label
            )
        return False
    if _is_to_ask(course) and not patient.is_in_follow_up:
        _reopen([course])
        requests.leave(patient, now, by=by)
        return False
    return True


def _is_to_ask(course: Course) -> bool:
    lost = course.head.ended_by == EndedBy.PROCEDURE_CANCELLED
    return course.is_active or (lost and course.has_procedure)


def _reopen(courses: Sequence[Course]) -> None:
    """The procedure of these stands again."""
    ended = [one.head.pk for one in courses if _is_to_ask(one) and not one.is_active]
    if ended:
        Episode.objects.filter(pk__in=ended).update(
            status=Episode.Status.ACTIVE, ended_by=EndedBy.NOTHING, end_reason=""
        )


def _rewrite(
    course: Course,
    patient: Patient,
    now: datetime,
    hours: Calendar | None,
    before: Before,
) -> Rewrite:
    becomes = course.head.protocol_id
    was = before.get(course.head.plan_id, becomes)
    found = _changes(course, patient, now, hours, course_rows.gone(was, becomes))
    if not _is_to_ask(course):
        return Rewrite(course, replanning.only_answers(found))
    is_new = not course.rows and course.turned is None
    return Rewrite(
        course, found, "follow_ups.planned" if is_new else "follow_ups.moved"
    )


def _changes(
    course: Course,
    patient: Patient,
    now: datetime,
    hours: Calendar | None = None,
    gone: Collection[str] = (),
) -> Changes:
    return replanning.changes(
        course,
        course.points,
        sending_hours.of(patient, hours),
        now,
        anchor_on=course.anchor_on,
        began_on=course.began_on,
        waits=course.is_provisional and _is_to_ask(course),
        gone=gone,
    )
