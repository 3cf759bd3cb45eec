"""Who came when, with what, and what was planned: each patient's story, as values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from outcomes.demo import cast, conditions, courses, own_protocols
from outcomes.demo.cast import Person
from outcomes.demo.conditions import BMC, INJECTION, LIFESTYLE, PRP, PT, Condition
from outcomes.demo.courses import Course, Habits, Stretch
from outcomes.follow_ups.planning.calendar import TimepointLike
from plans.protocols import library

EARLIEST, LATEST = 1130, 4
NEVER_ANSWERS_SHARE = 0.03
SECOND_PLAN_SHARE = 0.10
SECOND_PLAN_DAYS = (120, 210)
# Keys of protocols that join several treatments, or give one several times.
DISC, SI_JOINT, SERIES = "herniated_disc", "si_joint", own_protocols.SERIES
PROTOCOLS = (*library.BASIC, DISC, SI_JOINT, SERIES)
# Whose usual course such a one takes.
COURSE_LIKE = {DISC: PT, SI_JOINT: INJECTION, SERIES: PRP}
USUAL_LENGTH = {
    PT: 95,
    INJECTION: 190,
    PRP: 370,
    BMC: 380,
    LIFESTYLE: 200,
    DISC: 400,
    SI_JOINT: 380,
    SERIES: 370,
}
STOP_REASONS = (
    "No benefit so far",
    "Moved away",
    "Insurance no longer pays",
    "Chose surgery",
)


@dataclass(frozen=True, slots=True)
class Template:
    """A protocol as far as the dates need it; no index day where day 0 is the start.

    `first_day` is that of a series' first procedure, None where there is but one.
    """

    index_day: int | None
    timepoints: Sequence[TimepointLike]
    first_day: int | None = None

    def asked_on(self, anchor_on: date) -> set[date]:
        started_on = self.started_on(anchor_on)
        days = {anchor_on + timedelta(days=p.ask_day) for p in self.timepoints}
        return {max(day, started_on) for day in days}

    def started_on(self, anchor_on: date) -> date:
        return anchor_on - timedelta(days=self.index_day or 0)

    def first_on(self, anchor_on: date) -> date | None:
        if self.first_day is None:
            return None
        return self.started_on(anchor_on) + timedelta(days=self.first_day)


@dataclass(frozen=True, slots=True)
class Pin:
    """A story that must be there: day 0 so many days ago, negative in the future."""

    condition: str
    treatment: str
    days_ago: int
    is_on_both_sides: bool = False
    is_confirmed: bool = True
    withdrew_after: int | None = None
    died_after: int | None = None
    # A key of urgent.STORIES: what the last days brought.
    urgent: str = ""
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class PlanStory:
    """`is_performed` is None where the plan has no procedure that day 0 hangs on."""

    treatment: str
    started_on: date
    anchor_on: date
    is_performed: bool | None
    # The first procedure of a series; the last is the anchor.
    series_began_on: date | None = None
    status: str = "active"
    ended_on: date | None = None
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintStory:
    condition: Condition
    site: str
    side: str
    onset_on: date
    opened_on: date
    course: Course
    plans: tuple[PlanStory, ...]
    urgent: str = ""


@dataclass(frozen=True, slots=True)
class PatientStory:
    """`willingness` shifts the log-odds of every answer; None: never answers."""

    person: Person
    habits: Habits
    complaints: tuple[ComplaintStory, ...]
    willingness: float | None
    withdrawn_on: date | None = None
    deceased_on: date | None = None

    @property
    def came_on(self) -> date:
        return min(complaint.opened_on for complaint in self.complaints)

    @property
    def left_on(self) -> date | None:
        return self.withdrawn_on or self.deceased_on


# Each asks today, so that a first tick has something to send; no other story may.
DUE_TODAY = (
    Pin("fascia_turned_s1", PT, 42),
    Pin("foot_from_l5", INJECTION, 14),
    Pin("knee", PRP, 90, is_on_both_sides=True),
    Pin("hip", BMC, 182),
    Pin("foot_from_stenosis", LIFESTYLE, 90),
)
WITH_PROCEDURES = (
    Pin("knee", PRP, -2),
    Pin("shoulder", PRP, -5),
    Pin("plantar_fascia", PRP, -11),
    Pin("foot_from_l5", INJECTION, -1),
    Pin("fascia_turned_s1", INJECTION, -3),
    Pin("knee", BMC, -6),
    Pin("hip", PRP, 3, is_confirmed=False),
    Pin("foot_from_si_joint", INJECTION, 2, is_confirmed=False),
    Pin("knee", BMC, 5, is_confirmed=False),
)
LEFT = (
    Pin("low_back", PT, 300, withdrew_after=130),
    Pin("foot_from_stenosis", INJECTION, 420, died_after=250),
)
URGENT = (
    Pin("foot_from_l5", PT, 20, urgent="foot_drop"),
    Pin("foot_from_stenosis", PT, 30, urgent="saddle"),
    Pin("foot_from_l5", PT, 50, urgent="weakness"),
    Pin("low_back", PT, 25, urgent="cancer"),
)
# Several treatments in one plan, a series, and an injection that is worth repeating.
COMBINED = (
    Pin("foot_from_si_joint", SI_JOINT, 160),
    Pin("fascia_turned_s1", DISC, 100),
    Pin("shoulder", SERIES, 60),
    Pin("foot_from_l5", DISC, 200),
    Pin("low_back", INJECTION, 150),
)
# The needles of today: one whose baseline is in, and one who never answered.
TREATED_TODAY = (
    Pin("knee", PRP, 0, is_confirmed=False),
    Pin("shoulder", PRP, 0, is_confirmed=False, is_silent=True),
    Pin("foot_from_l5", INJECTION, 0, is_confirmed=False),
)
MAIN_PINS = DUE_TODAY + WITH_PROCEDURES + LEFT + URGENT + COMBINED + TREATED_TODAY
OTHER_DUE_TODAY = (
    Pin("shoulder", PRP, 30),
    Pin("hip", PT, 90),
)
OTHER_PINS = (
    *OTHER_DUE_TODAY,
    Pin("knee", PRP, -4),
    Pin("foot_from_l5", INJECTION, 4, is_confirmed=False),
    Pin("low_back", PT, 25, urgent="infection_risk"),
    Pin("knee", PRP, 0, is_confirmed=False),
)


def stories(
    seed: str,
    people: Sequence[Person],
    pins: Sequence[Pin],
    templates: Mapping[str, Template],
    today: date,
) -> Iterator[PatientStory]:
    """One story a person, the pinned ones first; the same for the same seed."""
    for number, person in enumerate(people):
        # Each patient draws alone, so that a change to one leaves the rest as it was.
        rng = Random(f"{seed}:{number}")  # noqa: S311
        pin = pins[number] if number < len(pins) else _draw_pin(rng)
        is_free = number >= len(pins)
        yield _story(rng, person, pin, templates, today, is_free=is_free)


def _draw_pin(rng: Random) -> Pin:
    weights = [condition.share for condition in conditions.CONDITIONS]
    condition = rng.choices(conditions.CONDITIONS, weights)[0]
    treatment = rng.choices(
        list(condition.treatments), list(condition.treatments.values())
    )[0]
    days = LATEST + int((EARLIEST - LATEST) * rng.random() ** 1.1)
    has_side = condition.key != "low_back"
    return Pin(
        condition.key,
        treatment,
        days,
        is_on_both_sides=has_side and rng.random() < 0.06,
    )


def _story(
    rng: Random,
    person: Person,
    pin: Pin,
    templates: Mapping[str, Template],
    today: date,
    *,
    is_free: bool,
) -> PatientStory:
    condition = conditions.BY_KEY[pin.condition]
    anchor_on = today - timedelta(days=pin.days_ago)
    if is_free:
        anchor_on = clear_of(today, anchor_on, templates[pin.treatment])
    plans = [_plan(rng, pin, anchor_on, templates[pin.treatment], today)]
    if is_free and not pin.is_on_both_sides:
        plans += _second_plan(rng, condition, plans[0], templates, today)
    sides = _sides(rng, condition, pin)
    is_never = pin.is_silent or (is_free and rng.random() < NEVER_ANSWERS_SHARE)
    # Pinned patients answer willingly: their stories are the ones shown first.
    willingness = rng.gauss(0.15, 0.8) if is_free else 1.2
    left_on = anchor_on + timedelta(days=pin.withdrew_after or pin.died_after or 0)
    return PatientStory(
        person=person if is_free else _reachable(person),
        habits=courses.draw_habits(
            rng, condition.back_pain, follows_back=condition.follows_back
        ),
        complaints=tuple(
            _complaint(rng, condition, side, plans, pin.urgent) for side in sides
        ),
        willingness=None if is_never else willingness,
        withdrawn_on=left_on if pin.withdrew_after else None,
        deceased_on=left_on if pin.died_after else None,
    )


def _reachable(person: Person) -> Person:
    return replace(person, email=cast.address(person.given_name, person.family_name))


def clear_of(today: date, anchor_on: date, template: Template) -> date:
    """The latest such day, or before it, on which nothing is asked today."""
    while today in template.asked_on(anchor_on):
        anchor_on -= timedelta(days=1)
    return anchor_on


def _plan(
    rng: Random, pin: Pin, anchor_on: date, template: Template, today: date
) -> PlanStory:
    story = PlanStory(
        treatment=pin.treatment,
        started_on=template.started_on(anchor_on),
        anchor_on=anchor_on,
        is_performed=None
        if template.index_day is None
        else pin.is_confirmed and anchor_on <= today,
        series_began_on=template.first_on(anchor_on),
    )
    return _ended(rng, story, today)


def _ended(rng: Random, story: PlanStory, today: date) -> PlanStory:
    length = USUAL_LENGTH[story.treatment] + rng.randint(-10, 30)
    completed_on = story.anchor_on + timedelta(days=length)
    stopped_on = story.anchor_on + timedelta(days=length * rng.randint(30, 80) // 100)
    kind = rng.random()
    if kind < 0.07 and stopped_on < today:
        reason = rng.choice(STOP_REASONS)
        return replace(story, status="stopped", ended_on=stopped_on, end_reason=reason)
    if kind < 0.94 and completed_on < today:
        return replace(story, status="completed", ended_on=completed_on)
    return story


def _second_plan(
    rng: Random,
    condition: Condition,
    first: PlanStory,
    templates: Mapping[str, Template],
    today: date,
) -> list[PlanStory]:
    """Another treatment of the same pain, where the first is long enough ago."""
    others = [t for t in condition.treatments if t != first.treatment]
    is_wanted = others and rng.random() < SECOND_PLAN_SHARE
    anchor_on = first.anchor_on + timedelta(days=rng.randint(*SECOND_PLAN_DAYS))
    if not is_wanted or anchor_on >= today - timedelta(days=LATEST):
        return []
    pin = Pin(condition.key, rng.choice(others), (today - anchor_on).days)
    anchor_on = clear_of(today, anchor_on, templates[pin.treatment])
    return [_plan(rng, pin, anchor_on, templates[pin.treatment], today)]


def _sides(rng: Random, condition: Condition, pin: Pin) -> tuple[str, ...]:
    if condition.key == "low_back":
        return ("none",)
    return ("left", "right") if pin.is_on_both_sides else (rng.choice(_BOTH),)


_BOTH = ("left", "right")


def _complaint(
    rng: Random,
    condition: Condition,
    side: str,
    plans: Sequence[PlanStory],
    urgent: str,
) -> ComplaintStory:
    opened_on = plans[0].started_on - timedelta(days=rng.randint(0, 18))
    stretches: list[Stretch] = [
        courses.draw_stretch(
            rng, COURSE_LIKE.get(plan.treatment, plan.treatment), plan.anchor_on
        )
        for plan in plans
    ]
    return ComplaintStory(
        condition=condition,
        site=rng.choices(list(condition.sites), list(condition.sites.values()))[0],
        side=side,
        onset_on=opened_on - timedelta(days=rng.randint(20, 700)),
        opened_on=opened_on,
        course=Course(courses.draw_baseline(rng, condition.pain), tuple(stretches)),
        plans=tuple(plans),
        urgent=urgent,
    )
