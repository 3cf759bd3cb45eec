"""What is open about a patient: what to ask, and what comes next, in words. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from clinic import clock
from outcomes.dashboards import facts
from outcomes.models import FollowUp
from outcomes.sheets.person import Person, Treated
from patients.models import Appointment, Study
from plans.course import confirmation
from plans.models import Intervention, Plan

SAID: dict[str, str] = {
    Intervention.Said.YES: " The patient said yes.",
    Intervention.Said.NO: " The patient said not yet.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """Something that somebody should settle; `mark` is the word in front of it."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    on: date
    when: str
    what: str


def questions(person: Person) -> list[Question]:
    """In the order of their weight: what was done, what was found, what lacks."""
    found = [*_to_confirm(person)]
    if person.intakes:
        found.append(
            Question("intake", "the answers before the visit are not looked through")
        )
    for one in person.treated:
        if one.complaint.closed_on is None:
            found += _of_complaint(person, one)
    return found


def _to_confirm(person: Person) -> Iterator[Question]:
    for each in person.to_confirm:
        said = SAID.get(confirmation.said(each, person.patient.time_zone), "")
        text = f"{each.title} was planned{_for_day(each)}: was it done?{said}"
        yield Question("procedure", text)


def _of_complaint(person: Person, one: Treated) -> Iterator[Question]:
    site = one.complaint.english_site
    for study in one.complaint.studies.all():
        if study.is_open:
            yield Question("study", f"{study}: {study.missing}{_since(study)}")
    for each in one.planned:
        if each.pk in person.lacking_baseline:
            text = f"no answer yet from before {each.title}, planned{_for_day(each)}"
            yield Question("baseline", text)
    if _has_no_baseline(one):
        yield Question(
            "baseline", f"{site}: nothing was answered before treatment began"
        )
    draft = one.complaint.draft
    if draft is not None:
        day = clock.in_words(draft.examined_on)
        yield Question("evaluation", f"that of {day} is not signed")
    if one.complaint.current_source is None:
        yield Question("source", f"where the {site} pain comes from is not named")


def _since(study: Study) -> str:
    if study.state == Study.State.RECEIVED and study.received_on:
        return f", received {clock.in_words(study.received_on)}"
    return f", ordered {clock.in_words(study.ordered_on)}"


def _for_day(intervention: Intervention) -> str:
    on = intervention.planned_on
    return f" for {clock.in_words(on)}" if on else ""


def _has_no_baseline(one: Treated) -> bool:
    """Treatment has begun, and no measure can tell of before."""
    episode = one.episode
    if episode is None or episode.is_provisional or not one.scores:
        return False
    asked = [s for s in one.scores if s.measure.is_asked_at_baseline]
    return facts.baseline_of(episode.begins_on, asked) is None


def steps(person: Person, most: int) -> list[Step]:
    """What is booked, planned and asked next, in the order of its days."""
    zone = person.patient.clinic.zone
    found = [_visit(each, zone) for each in person.appointments]
    visits = {each.on for each in found}
    for one in person.treated:
        for each in one.planned:
            on = each.planned_on
            if on is not None and on >= person.today:
                booked = " (booked)" if on in visits and each.is_needle else ""
                found.append(Step(on, clock.in_words(on), f"{each.title}{booked}"))
    asked = _asked(person)
    if asked is not None:
        found.append(asked)
    return sorted(found, key=lambda each: each.on)[:most]


def _visit(booked: Appointment, zone: str) -> Step:
    begins = booked.starts_at.astimezone(ZoneInfo(zone))
    who = booked.practitioner.name if booked.practitioner else booked.practitioner_name
    what = booked.description or booked.get_kind_display().capitalize()
    with_whom = f", {who}" if who else ""
    return Step(
        booked.day,
        f"{clock.in_words(booked.day)}, {begins:%H:%M}",
        f"{what}{with_whom}",
    )


def _asked(person: Person) -> Step | None:
    """The survey that is open now, or the next one that goes out."""
    asked = next_survey(person)
    if asked is None:
        return None
    if asked.state in FollowUp.ASKED:
        until = f"until {clock.in_words(asked.closes_on)}"
        return Step(
            asked.due_on, until, f"Survey “{asked.label}” is open, not answered"
        )
    return Step(asked.due_on, clock.in_words(asked.due_on), f"Survey “{asked.label}”")


def next_survey(person: Person, *, plan: Plan | None = None) -> FollowUp | None:
    """Open now, or the next to go out; of one plan where that is given."""
    own = [
        each
        for each in person.follow_ups
        if plan is None or each.episode.plan_id == plan.pk
    ]
    now = [each for each in own if each.state in FollowUp.ASKED]
    # Without a next look the day is not known: it waits for a procedure.
    ahead = [
        each
        for each in own
        if each.due_on >= person.today and each.next_action_at is not None
    ]
    return next(iter([*now, *ahead]), None)
