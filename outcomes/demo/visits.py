"""The rows of what was looked at: evaluations, their findings, and the clock.

Each visit is planned as values first; what it raises and starts is left to the same
rules that a clinic's own entries go through.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from clinic.models import User
from outcomes.demo import courses, examinations, urgent
from outcomes.demo.asking import Moment
from outcomes.demo.batch import Batch
from outcomes.demo.examinations import Here, Pain
from outcomes.demo.stories import ComplaintStory, PatientStory
from outcomes.demo.urgent import UrgentStory
from patients.catalogue import release
from patients.models import Complaint, Evaluation, Finding
from patients.triage import early_intervention, flag_reasons
from patients.triage.cells import Entry
from patients.triage.origin_items import Cell

Entries = Mapping[Cell, Entry]
CANCER_SHARE, RISK_SHARE = 0.05, 0.02
MILD_SHARE, WEAK_SHARE = 0.14, 0.04
FULL_STRENGTH = "Full strength again"


@dataclass(frozen=True, slots=True)
class Visit:
    on: date
    entries: Entries
    is_told_by_patient: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """A visit's rows; the findings by cell."""

    evaluation: Evaluation
    findings: Mapping[Cell, Finding]

    @property
    def values(self) -> dict[Cell, str]:
        return {cell: found.value for cell, found in self.findings.items()}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose complaint is looked at, by whom, and when it is now."""

    moment: Moment
    complaint: Complaint
    about: ComplaintStory
    story: PatientStory
    provider: User


def add(batch: Batch, rng: Random, subject: Subject) -> list[Looked]:
    """Every visit up to now with what it found, raised and started."""
    looked: list[Looked] = []
    for visit in plan(rng, subject):
        rows = _rows(subject, visit)
        batch.add(rows.evaluation, *rows.findings.values())
        earlier = _grades(looked)
        looked.append(rows)
        raised = urgent.raised(rows.values, earlier, subject.about.site)
        batch.extend(urgent.rows(rng, subject.moment, subject.about, rows, raised))
        _start_clock(subject.complaint, rows)
    _stop_clock(rng, subject)
    return looked


def plan(rng: Random, subject: Subject) -> Iterator[Visit]:
    """A heel is looked at as a heel first; everything else is examined at once."""
    about, condition = subject.about, subject.about.condition
    opened_on, today = about.opened_on, subject.moment.today
    more = _history(rng, subject)
    days = [about.opened_on + timedelta(days=condition.decided_on_day)]
    if condition.was_called_fasciitis:
        yield Visit(opened_on, examinations.first_look(_pain(rng, subject, opened_on)))
    else:
        days = [opened_on]
    for day in days:
        if day < today:
            pain = _pain(rng, subject, day)
            yield Visit(day, examinations.full(pain, condition.key, more))
    story = urgent.STORIES.get(about.urgent)
    if story is not None:
        yield _urgent_visit(rng, subject, story)


def _history(rng: Random, subject: Subject) -> Here:
    """What is found on top: mostly nothing, and nothing where the story says what."""
    kind, about = rng.random(), subject.about
    if about.urgent or len(subject.story.complaints) > 1:
        return {}
    if kind < CANCER_SHARE:
        return examinations.CANCER
    if kind < CANCER_SHARE + RISK_SHARE:
        return examinations.INFECTION_RISK
    if about.condition.key != "foot_from_l5":
        return {}
    kind = rng.random()
    if kind < WEAK_SHARE:
        return examinations.WEAKNESS
    return examinations.MILD_WEAKNESS if kind < WEAK_SHARE + MILD_SHARE else {}


def _urgent_visit(rng: Random, subject: Subject, story: UrgentStory) -> Visit:
    """The last visit of a story that the first page is about."""
    today = subject.moment.today
    day = today - timedelta(days=story.days_ago)
    pain = _pain(rng, subject, day)
    entries = (
        examinations.told(pain, story.found)
        if story.is_told_by_patient
        else examinations.full(pain, subject.about.condition.key, story.found)
    )
    if story.began:
        since_on = today - timedelta(days=story.began)
        entries = examinations.dated(entries, urgent.DATED, since_on)
    return Visit(day, entries, story.is_told_by_patient)


def _pain(rng: Random, subject: Subject, day: date) -> Pain:
    about = subject.about
    return Pain(
        site=about.site,
        side=about.side,
        began_on=about.onset_on,
        at_site=courses.pain(rng, about.course, day),
        in_back=courses.back_pain(rng, subject.story.habits, about.course, day),
    )


def _rows(subject: Subject, visit: Visit) -> Looked:
    clinic_id, provider = subject.complaint.clinic_id, subject.provider
    at = visit_time(subject.moment, visit)
    evaluation = Evaluation(
        clinic_id=clinic_id,
        complaint=subject.complaint,
        examined_on=visit.on,
        state=Evaluation.State.SIGNED,
        catalogue_version=release.version(),
        revision=1,
        started_by=None if visit.is_told_by_patient else provider,
        signed_by=provider,
        signed_at=at + timedelta(minutes=25),
        created_at=at,
    )
    who = Finding.Informant
    found = {
        (code, side): Finding(
            clinic_id=clinic_id,
            evaluation=evaluation,
            code=code,
            side=side,
            value=entry.value,
            since_on=entry.since_on,
            informant=who.PATIENT if visit.is_told_by_patient else who.STAFF,
            entered_by=None if visit.is_told_by_patient else provider,
            revision=1,
            created_at=at,
        )
        for (code, side), entry in visit.entries.items()
    }
    return Looked(evaluation, found)


def visit_time(moment: Moment, visit: Visit) -> datetime:
    """In the morning, or in the evening from home; of today some hours ago."""
    hour = 17 if visit.is_told_by_patient else 9
    return min(moment.at(visit.on, hour, 40), moment.now - timedelta(hours=3))


def _grades(looked: Sequence[Looked]) -> dict[Cell, int]:
    """The last grade of each muscle so far."""
    known: dict[Cell, int] = {}
    for rows in looked:
        known.update(flag_reasons.grades(rows.values))
    return known


def _start_clock(complaint: Complaint, rows: Looked) -> None:
    """As early_intervention.follow would, whose rules these are."""
    found = [
        deficit
        for finding in rows.findings.values()
        if (deficit := early_intervention.deficit_of(finding))
    ]
    if not found:
        return
    kinds = [each.kind for each in found] + [complaint.deficit_kind or found[0].kind]
    given = [each.since for each in found if each.since]
    complaint.deficit_kind = min(kinds, key=_urgency)
    usual = complaint.deficit_since or rows.evaluation.examined_on
    complaint.deficit_since = min(given) if given else usual


def _urgency(kind: str) -> int:
    return Complaint.Deficit.values.index(kind)


def _stop_clock(rng: Random, subject: Subject) -> None:
    complaint = subject.complaint
    if complaint.deficit_since is None or subject.about.urgent:
        return
    ended_on = complaint.deficit_since + timedelta(days=rng.randint(28, 84))
    if ended_on < subject.moment.today:
        complaint.deficit_ended_on = ended_on
        complaint.deficit_end_reason = FULL_STRENGTH
