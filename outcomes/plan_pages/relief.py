"""How much less it hurts after an injection, and for how long. Pure.

The rule, ours: relief is the share of the pain before that is gone, on the same scale.
It counts as held in an answer that shows at least half of the pain gone (the
substantial change of IMMPACT2008). It is taken to last from the injection, where the
first answer after it shows it already, or else from the first that does, to the last
of an unbroken run of answers that show it; between two such answers it is taken to
hold. Of several runs the longest counts. What comes after the last answer is unknown:
where that still shows it, relief lasted at least so long.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

HELD_PERCENT = 50
UNKNOWN, NEVER = "unknown", "never shown"
NO_ANSWER = "nobody answered after it"
NO_BASELINE = "no answer before it is on record"
NO_PAIN = "the pain before it was 0"
NOT_ONCE = "no answer shows it"
STILL = "the last answer still shows it"


@dataclass(frozen=True, slots=True)
class Answer:
    """Days are counted from the injection."""

    day: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Lasted:
    """`days` it lasted at least, `below` as many as it cannot have lasted longer than.

    Both are None where nothing is known or no answer shows it; `below` alone where the
    last answer still does.
    """

    days: int | None
    below: int | None
    words: str
    why: str

    @property
    def weeks(self) -> int | None:
        return None if self.days is None else self.days // 7


@dataclass(frozen=True, slots=True)
class Run:
    """Answers in a row that show it; `since` and `until` are those around them."""

    first: int
    last: int
    since: int | None
    until: int | None

    @property
    def days(self) -> int:
        return self.last - (0 if self.since is None else self.first)

    @property
    def below(self) -> int | None:
        return None if self.until is None else self.until - (self.since or 0)


def percent(before: Decimal | None, value: Decimal | None) -> Decimal | None:
    """Of the pain before; negative where it hurts more, undefined where it was 0."""
    if before is None or value is None or before <= 0:
        return None
    return (before - value) / before * 100


def lasted(before: Decimal | None, answers: Sequence[Answer]) -> Lasted:
    """Answers after the injection, in time order."""
    if before is None:
        return Lasted(None, None, UNKNOWN, NO_BASELINE)
    if before <= 0:
        return Lasted(None, None, UNKNOWN, NO_PAIN)
    if not answers:
        return Lasted(None, None, UNKNOWN, NO_ANSWER)
    found = max(_runs(before, answers), key=lambda run: run.days, default=None)
    if found is None:
        return Lasted(None, None, NEVER, NOT_ONCE)
    return Lasted(found.days, found.below, *_words(found))


def holds(before: Decimal, value: Decimal) -> bool:
    """Half counts, also exactly half."""
    return (before - value) * 100 >= before * HELD_PERCENT


def _runs(before: Decimal, answers: Sequence[Answer]) -> Iterator[Run]:
    first: int | None = None
    last = 0
    since: int | None = None
    for answer in answers:
        if holds(before, answer.value):
            first = answer.day if first is None else first
            last = answer.day
            continue
        if first is not None:
            yield Run(first, last, since, answer.day)
        first, since = None, answer.day
    if first is not None:
        yield Run(first, last, since, None)


def _words(run: Run) -> tuple[str, str]:
    if run.until is None or run.below is None:
        return f"at least {in_weeks(run.days)}" if run.days else "just now", STILL
    why = f"shown until day {run.last}, no longer on day {run.until}"
    most = in_weeks(run.below)
    if not run.days:
        return f"less than {most}", why
    least = in_weeks(run.days)
    return (least if least == most else f"{least} to {most}"), why


def in_weeks(days: int) -> str:
    """Whole weeks, or the days of a first week."""
    number, unit = (days, "day") if days < 7 else (days // 7, "week")
    return f"{number} {unit}{'' if number == 1 else 's'}"
