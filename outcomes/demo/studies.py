"""Imaging and nerve tests of the invented patients, as far as they are by today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from outcomes.demo.visits import Subject
from patients.catalogue import study_words
from patients.models import Side, Study

SHARE = 0.8
BOOKED_AFTER_DAYS = 2
NEVER = 10_000


@dataclass(frozen=True, slots=True)
class Course:
    """A study and its days; `done`, `received` and `reviewed` count from the order.

    `ordered` counts from the first visit; back from today in an urgent story.
    """

    kind: str
    region: str
    ordered: int
    done: int
    received: int
    reviewed: int
    results: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    # The source that its result speaks for.
    supports: str = ""
    priority: str = Study.Priority.ROUTINE
    reason: str = ""
    booked: int = BOOKED_AFTER_DAYS


def _lumbar_mri(
    ordered: int, done: int, supports: str, level: str, *results: str
) -> Course:
    return Course(
        kind=Study.Kind.MRI,
        region="lumbar_spine",
        ordered=ordered,
        done=done,
        received=done + 1,
        reviewed=done + 2,
        results=results,
        levels=(level,),
        supports=supports,
    )


def _in_house(kind: str, region: str, supports: str, *results: str) -> Course:
    """Looked at in the clinic at the first visit."""
    return Course(kind, region, 0, 0, 0, 0, results, supports=supports)


@dataclass(frozen=True, slots=True)
class Seen:
    """A study's row, and the source that its result speaks for."""

    study: Study
    supports: str

    def speaks_for(self, source: str, by: date) -> bool:
        """Whether its reviewed result had done so by that day."""
        read = self.study.reviewed_at
        return self.supports == source and read is not None and read.date() <= by


USUAL: dict[str, Course] = {
    "fascia_turned_s1": _lumbar_mri(
        9, 8, "root_s1", "L5-S1", "disc_extrusion", "root_compressed"
    ),
    "foot_from_l5": _lumbar_mri(
        6, 9, "root_l5", "L4-L5", "disc_protrusion", "root_contact"
    ),
    "foot_from_stenosis": _lumbar_mri(
        0, 9, "spinal_stenosis", "L4-L5", "central_stenosis_moderate"
    ),
    "low_back": _lumbar_mri(
        0, 12, "disc", "L5-S1", "disc_degeneration", "endplate_changes"
    ),
    "plantar_fascia": _in_house(
        Study.Kind.ULTRASOUND, "foot", "plantar_fascia", "fascia_thickened"
    ),
    "shoulder": _in_house(
        Study.Kind.ULTRASOUND, "shoulder", "rotator_cuff", "tendon_tear_partial"
    ),
    "knee": _in_house(Study.Kind.XRAY, "knee", "knee_joint", "osteoarthritis_moderate"),
    "hip": _in_house(Study.Kind.XRAY, "hip", "hip_joint", "osteoarthritis_moderate"),
}
# In place of the usual one: what the last days of an urgent story wait for.
URGENT: dict[str, tuple[Course, ...]] = {
    "foot_drop": (
        Course(
            kind=Study.Kind.MRI,
            region="lumbar_spine",
            ordered=4,
            booked=NEVER,
            done=NEVER,
            received=NEVER,
            reviewed=NEVER,
            priority=Study.Priority.URGENT,
            reason="Stumbles over the toes since a few days; fragment at L4-L5?",
        ),
    ),
    "weakness": (
        Course(
            kind=Study.Kind.MRI,
            region="lumbar_spine",
            ordered=9,
            done=7,
            received=8,
            reviewed=9,
            results=("disc_protrusion", "root_displaced"),
            levels=("L4-L5",),
            supports="root_l5",
            priority=Study.Priority.URGENT,
            reason="Big-toe extension 3 of 5",
        ),
        Course(
            kind=Study.Kind.EMG_NCS,
            region="leg_nerves",
            ordered=9,
            done=12,
            received=13,
            reviewed=14,
            reason="Root L5, or the fibular nerve at the knee?",
        ),
    ),
    "cancer": (
        Course(
            kind=Study.Kind.MRI,
            region="lumbar_spine",
            ordered=3,
            done=4,
            received=5,
            reviewed=6,
            priority=Study.Priority.URGENT,
            reason="Cancer in the past, new low back pain",
        ),
    ),
}


def plan(rng: Random, subject: Subject) -> Iterator[Seen]:
    """The complaint's studies; after its visits, whose clock moves their due days."""
    about, today = subject.about, subject.moment.today
    if about.urgent:
        for course in URGENT.get(about.urgent, ()):
            yield _seen(subject, course, today - timedelta(days=course.ordered))
        return
    usual = USUAL.get(about.condition.key)
    is_wanted = rng.random() < SHARE
    if usual is None or not is_wanted or _is_shared(subject, usual):
        return
    ordered_on = about.opened_on + timedelta(days=usual.ordered)
    if ordered_on < today:
        yield _seen(subject, usual, ordered_on)


def _is_shared(subject: Subject, course: Course) -> bool:
    """One picture of the spine does for both legs."""
    is_first = subject.about is subject.story.complaints[0]
    return not is_first and study_words.regions()[course.region].area == "spine"


def _seen(subject: Subject, course: Course, ordered_on: date) -> Seen:
    return Seen(_row(subject, course, ordered_on), course.supports)


def _row(subject: Subject, course: Course, ordered_on: date) -> Study:
    today, provider = subject.moment.today, subject.provider

    def after(days: int) -> date:
        return ordered_on + timedelta(days=days)

    has_side = study_words.regions()[course.region].area != "spine"
    study = Study(
        clinic_id=subject.complaint.clinic_id,
        complaint=subject.complaint,
        kind=course.kind,
        region=course.region,
        side=subject.about.side if has_side else Side.NONE,
        priority=course.priority,
        reason=course.reason,
        ordered_on=ordered_on,
        ordered_by=provider,
        owner=provider,
        created_at=subject.moment.at(ordered_on, 9, 50),
    )
    if after(course.booked) < today:
        study.state, study.scheduled_for = Study.State.SCHEDULED, after(course.done)
    if after(course.done) < today:
        study.state, study.performed_on = Study.State.DONE, after(course.done)
    if after(course.received) < today:
        study.state, study.received_on = Study.State.RECEIVED, after(course.received)
        study.results, study.levels = list(course.results), list(course.levels)
        study.side = subject.about.side
    if after(course.reviewed) < today:
        study.state, study.reviewed_by = Study.State.REVIEWED, provider
        study.reviewed_at = subject.moment.at(after(course.reviewed), 12, 30)
    study.due_on = study.next_due()
    return study
