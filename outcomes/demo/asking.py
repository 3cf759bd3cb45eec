"""How it went when they were asked: who answered, when, and what was left open."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import exp, log
from random import Random

from outcomes.demo.courses import Course
from outcomes.demo.stories import PatientStory, PlanStory
from outcomes.follow_ups import outbox
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import Desired
from outcomes.models import Episode

# The share that answers so many days after the anchor, before who does badly.
CAPTURE = ((0, 0.95), (14, 0.92), (90, 0.85), (182, 0.79), (365, 0.73), (730, 0.62))
CAPTURE_AT_THE_END = 0.55
# Log-odds for each point of change: who gained less answers a little less.
WEIGHT_OF_CHANGE = 0.17
USUAL_CHANGE = -1.6
WITHOUT_ADDRESS = -1.5
DELAYS = {0: 42, 1: 20, 2: 12, 3: 9, 4: 6, 6: 5, 9: 4, 13: 2}
DELAY_BY_PHONE = 5
BY_PHONE = 0.08
AT_THE_CLINIC = 0.6
AFTER_THE_WINDOW = 0.12
BEGUN = 0.15


@dataclass(frozen=True, slots=True)
class Answered:
    on: date
    at: datetime
    provenance: str


@dataclass(frozen=True, slots=True)
class Fate:
    """A follow-up as the engine would have left it, and how it was answered.

    `asked_at` is None where no message went out; `begun_at` is when a patient who
    has not finished yet gave the first answer.
    """

    desired: Desired
    state: str
    reason: str = ""
    next_action_at: datetime | None = None
    asked_at: datetime | None = None
    answered: Answered | None = None
    begun_at: datetime | None = None

    @property
    def is_in_window(self) -> bool:
        return self.answered is None or self.answered.on <= self.desired.closes_on


@dataclass(frozen=True, slots=True)
class Moment:
    """When the demo is built, on the patient's clock."""

    now: datetime
    today: date
    zone: str

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return calendar.moment(day, time(hour, minute), self.zone)


@dataclass(slots=True)
class Asking:
    """One patient's follow-ups; what is asked on one day is answered in one go."""

    rng: Random
    story: PatientStory
    moment: Moment
    drawn: dict[date, tuple[datetime, Answered | None]] = field(default_factory=dict)

    def fate(self, course: Course, plan: PlanStory, desired: Desired) -> Fate:
        day_0 = plan.anchor_on
        if desired.is_baseline and plan.series_began_on is not None:
            day_0 = plan.series_began_on
        asked_on = max(day_0 + timedelta(days=desired.ask_day), plan.started_on)
        if self._has_left(asked_on):
            return Fate(desired, "cancelled", why_left(self.story).label)
        is_unsure = plan.is_performed is False
        if is_unsure and not (desired.is_baseline or desired.is_safety):
            return Fate(desired, "planned")
        if asked_on >= self.moment.today:
            return Fate(desired, "planned", next_action_at=desired.ask_at)
        if asked_on not in self.drawn:
            self.drawn[asked_on] = self._draw(course, plan, desired, asked_on)
        return self._behind(desired, *self.drawn[asked_on])

    def _has_left(self, on: date) -> bool:
        return self.story.left_on is not None and on >= self.story.left_on

    def _behind(
        self, desired: Desired, asked_at: datetime, answered: Answered | None
    ) -> Fate:
        has_address = bool(self.story.person.email)
        told_at = asked_at if has_address else None
        if answered and answered.on <= desired.closes_on:
            told_at = None if answered.provenance == "kiosk" else told_at
            return Fate(desired, "completed", asked_at=told_at, answered=answered)
        if self._has_left(desired.closes_on):
            return Fate(
                desired, "cancelled", why_left(self.story).label, asked_at=told_at
            )
        state = "open" if has_address else "unreachable"
        if desired.closes_on < self.moment.today:
            reason = calendar.EXPIRE_REASONS[state]
            return Fate(desired, "expired", reason, None, told_at, answered)
        if not has_address:
            reason = outbox.NO_ADDRESS
            return Fate(desired, state, reason, next_action_at=desired.close_at)
        return self._open(desired, asked_at)

    def _open(self, desired: Desired, asked_at: datetime) -> Fate:
        is_begun = self.story.willingness is not None and self.rng.random() < BEGUN
        return Fate(
            desired,
            "started" if is_begun else "open",
            next_action_at=desired.close_at,
            asked_at=asked_at,
            begun_at=asked_at + timedelta(minutes=40) if is_begun else None,
        )

    def _draw(
        self, course: Course, plan: PlanStory, desired: Desired, asked_on: date
    ) -> tuple[datetime, Answered | None]:
        asked_at = self._time_on(asked_on, 9, 11)
        if self.rng.random() >= self._chance(course, plan, desired, asked_on):
            return asked_at, self._late(desired)
        if desired.is_baseline and self.rng.random() < AT_THE_CLINIC:
            at = self._time_on(asked_on, 9, 16)
            return asked_at, Answered(asked_on, at, "kiosk")
        has_address = bool(self.story.person.email)
        is_by_phone = not has_address or self.rng.random() < BY_PHONE
        delay = self.rng.choices(list(DELAYS), list(DELAYS.values()))[0]
        delay += DELAY_BY_PHONE * is_by_phone
        on = min(asked_on + timedelta(days=delay), desired.closes_on)
        if on >= self.moment.today or self._has_left(on):
            return asked_at, None
        at = self._time_on(on, 12, 20)
        return asked_at, Answered(on, at, "phone" if is_by_phone else "patient")

    def _late(self, desired: Desired) -> Answered | None:
        """Staff reached the patient when the window had closed already."""
        on = desired.closes_on + timedelta(days=self.rng.randint(2, 24))
        is_wanted = self.rng.random() < AFTER_THE_WINDOW
        if desired.is_baseline or self.story.willingness is None or not is_wanted:
            return None
        if on >= self.moment.today or self._has_left(on):
            return None
        provenance = self.rng.choice(["phone", "phone", "paper"])
        return Answered(on, self._time_on(on, 10, 16), provenance)

    def _chance(
        self, course: Course, plan: PlanStory, desired: Desired, asked_on: date
    ) -> float:
        if self.story.willingness is None:
            return 0.0
        usual = capture(desired.offset_days)
        odds = log(usual / (1 - usual)) + self.story.willingness
        if not self.story.person.email:
            odds += WITHOUT_ADDRESS
        if not desired.is_baseline:
            change = course.level(asked_on) - course.level(plan.started_on)
            odds -= WEIGHT_OF_CHANGE * (change - USUAL_CHANGE)
        return 1 / (1 + exp(-odds))

    def _time_on(self, day: date, first_hour: int, last_hour: int) -> datetime:
        hour, minute = self.rng.randint(first_hour, last_hour), self.rng.randint(0, 59)
        return self.moment.at(day, hour, minute)


def why_left(story: PatientStory) -> Episode.EndedBy:
    return Episode.EndedBy.DIED if story.deceased_on else Episode.EndedBy.WITHDREW


def capture(offset_days: int) -> float:
    """The share that answers at a time point, whoever it is."""
    if offset_days > CAPTURE[-1][0]:
        return CAPTURE_AT_THE_END
    return [share for day, share in CAPTURE if day <= max(offset_days, 0)][-1]
