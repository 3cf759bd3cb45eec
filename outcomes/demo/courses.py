"""How pain goes over the months: made up, to look like what clinics and trials see.

Sizes follow published courses: therapy gains steadily, an epidural fades, platelets
and marrow gain slowly after an early flare, and some patients get worse whatever is
done. They are there to try the charts on and say nothing about any treatment.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from random import Random

# The share of the pain at the start that is gone on a day, for the middle patient.
GAINS: dict[str, tuple[tuple[int, float], ...]] = {
    "physical_therapy": (
        (0, 0.0),
        (14, 0.11),
        (42, 0.25),
        (90, 0.34),
        (182, 0.38),
        (365, 0.39),
        (730, 0.36),
    ),
    "image_guided_injection": (
        (0, 0.0),
        (1, 0.18),
        (14, 0.42),
        (42, 0.38),
        (90, 0.29),
        (182, 0.21),
        (365, 0.18),
    ),
    "prp": (
        (0, 0.0),
        (3, -0.12),
        (7, -0.07),
        (30, 0.12),
        (90, 0.28),
        (182, 0.35),
        (365, 0.36),
        (730, 0.31),
    ),
    "bone_marrow_concentrate": (
        (0, 0.0),
        (2, -0.20),
        (7, -0.12),
        (30, 0.10),
        (90, 0.26),
        (182, 0.34),
        (365, 0.35),
        (730, 0.31),
        (1095, 0.28),
    ),
    "lifestyle": (
        (0, 0.0),
        (30, 0.06),
        (90, 0.13),
        (182, 0.17),
        (365, 0.18),
    ),
}
# (share of patients, mean and spread of how much of the gain they get)
RESPONDERS = (0.57, 1.50, 0.35)
OTHERS = (0.31, 0.35, 0.30)
WORSENING_POINTS = (1.2, 3.0)
WORSENING_DAYS = 120
DAY_TO_DAY = 0.75
CANNOT_TELL = 0.008
# How much of the pain at the start is gone: the upper end of each step of the
# seven-step question, from "very much better" down.
CHANGE_STEPS = ((0.68, 1), (0.42, 2), (0.16, 3), (-0.12, 4), (-0.30, 5), (-0.55, 6))
CHANGE_NOISE = 0.09


@dataclass(frozen=True, slots=True)
class Stretch:
    """From an anchor on: a treatment and what this patient gets out of it.

    `share` is of the treatment's usual gain; `worsening` in points, 0 for most.
    """

    treatment: str
    anchor_on: date
    share: float
    worsening: float


@dataclass(frozen=True, slots=True)
class Course:
    """One complaint's pain before the noise of the day."""

    baseline: float
    stretches: tuple[Stretch, ...]

    def level(self, on: date) -> float:
        """Expected pain, 0 to 10; a later treatment starts where the last one led."""
        level = self.baseline
        begun = [s for s in self.stretches if s.anchor_on <= on]
        bounds = pairwise([*(s.anchor_on for s in begun), on])
        for stretch, (first, last) in zip(begun, bounds, strict=True):
            level = after(level, stretch, (last - first).days)
        return level


@dataclass(frozen=True, slots=True)
class Habits:
    """What a patient's other answers hang on: points, and the weight of site pain."""

    back_baseline: float
    follows_back: bool
    limits_offset: float


def draw_stretch(rng: Random, treatment: str, anchor_on: date) -> Stretch:
    kind = rng.random()
    if kind < RESPONDERS[0]:
        return Stretch(treatment, anchor_on, rng.gauss(*RESPONDERS[1:]), 0.0)
    if kind < RESPONDERS[0] + OTHERS[0]:
        return Stretch(treatment, anchor_on, rng.gauss(*OTHERS[1:]), 0.0)
    return Stretch(treatment, anchor_on, 0.0, rng.uniform(*WORSENING_POINTS))


def draw_habits(rng: Random, back_pain: float, *, follows_back: bool) -> Habits:
    return Habits(
        back_baseline=clamped(rng.gauss(back_pain, 1.3)),
        follows_back=follows_back,
        limits_offset=rng.gauss(-0.3, 1.0),
    )


def draw_baseline(rng: Random, mean: float) -> float:
    return min(max(rng.gauss(mean, 1.25), 3.6), 9.2)


def after(start: float, stretch: Stretch, days: int) -> float:
    gain = usual_gain(stretch.treatment, days)
    # A flare is the needle's doing: it comes to those who gain nothing later too.
    share = max(stretch.share, 0.7) if gain < 0 else stretch.share
    worse = stretch.worsening * min(days / WORSENING_DAYS, 1.0)
    return clamped(start * (1 - share * gain) + worse)


def usual_gain(treatment: str, days: int) -> float:
    """The middle patient's gain, straight between the known days and level after."""
    points = GAINS[treatment]
    place = bisect_right(points, days, key=lambda point: point[0])
    if place == len(points):
        return points[-1][1]
    (day, gain), (next_day, next_gain) = points[place - 1], points[place]
    return gain + (next_gain - gain) * (days - day) / (next_day - day)


def pain(rng: Random, course: Course, on: date) -> int:
    return rating(course.level(on) + rng.gauss(0, DAY_TO_DAY))


def back_pain(rng: Random, habits: Habits, course: Course, on: date) -> int:
    """Moves with the site where the source lies in the back, else stays as it was."""
    remaining = course.level(on) / course.baseline if habits.follows_back else 1.0
    level = habits.back_baseline * (0.2 + 0.8 * remaining)
    return rating(level + rng.gauss(0, DAY_TO_DAY))


def activity_limits(rng: Random, habits: Habits, course: Course, on: date) -> int:
    level = 0.92 * course.level(on) + habits.limits_offset
    return rating(level + rng.gauss(0, DAY_TO_DAY))


def global_change(rng: Random, baseline: float, now: float) -> int:
    """1 very much better to 7 very much worse, by the share of pain that is gone."""
    gone = (baseline - now) / max(baseline, 1.0) + rng.gauss(0, CHANGE_NOISE)
    return next((step for least, step in CHANGE_STEPS if gone >= least), 7)


def cannot_tell(rng: Random) -> bool:
    return rng.random() < CANNOT_TELL


def rating(level: float) -> int:
    return round(clamped(level))


def clamped(level: float) -> float:
    return min(max(level, 0.0), 10.0)
