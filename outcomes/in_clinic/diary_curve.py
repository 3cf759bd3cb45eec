"""What the taps after a block come to. Pure.

How long relief held follows the rule of `plan_pages.relief`, in minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from clinic.templatetags import moments
from outcomes.plan_pages import relief

# Both cut-offs are in use; which of them a clinic goes by is its own.
CUT_OFFS = (50, 80)
# When a clinic asks by the clock: what the procedure's own form calls "after".
AFTER_FROM, AFTER_UNTIL, AFTER = 15, 60, 30


@dataclass(frozen=True, slots=True)
class Tap:
    """Minutes are counted from the needle."""

    minutes: int
    value: int
    is_numb: bool = False

    def percent(self, before: int | None) -> int | None:
        gone = relief.percent(_decimal(before), Decimal(self.value))
        return None if gone is None else round(gone)


@dataclass(frozen=True, slots=True)
class Summary:
    lowest: int | None
    held_minutes: int | None
    words: str


def summary(before: int | None, taps: Sequence[Tap]) -> Summary:
    if not taps:
        return Summary(None, None, "Nothing has been tapped yet.")
    lowest = min(tap.value for tap in taps)
    first = next(tap for tap in taps if tap.value == lowest)
    said = f"Pain {lowest} at its least, after {_span(first.minutes)}"
    if before is None:
        return Summary(lowest, None, f"{said}; the pain before is not recorded.")
    gone = first.percent(before)
    if gone is None:
        return Summary(lowest, None, f"{said}; the pain before was 0.")
    said = f"Pain {before} before; {said[0].lower()}{said[1:]}: "
    said += f"{abs(gone)} % {'less' if gone >= 0 else 'more'}."
    held = relief.lasted(
        Decimal(before),
        [relief.Answer(tap.minutes, Decimal(tap.value)) for tap in taps],
    )
    if held.days is None:
        return Summary(lowest, None, f"{said} Half of it was gone in no tap.")
    until = "at least " if held.below is None else ""
    return Summary(
        lowest,
        held.days,
        f"{said} Half or more was gone for {until}{_span(held.days)}.",
    )


def after(taps: Sequence[Tap]) -> Tap | None:
    """The tap that stands for the pain after it: the nearest to half an hour."""
    near = [tap for tap in taps if AFTER_FROM <= tap.minutes <= AFTER_UNTIL]
    return min(near, key=lambda tap: abs(tap.minutes - AFTER), default=None)


def _span(minutes: int) -> str:
    return moments.lasted(timedelta(minutes=minutes))


def _decimal(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
