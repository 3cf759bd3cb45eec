"""The days on which different protocols are compared with each other."""

BASELINE = 0
_WITHIN_A_YEAR = {14: "w2", 42: "w6", 90: "m3", 182: "m6"}
_YEARS = {365 * year: f"m{12 * year}" for year in range(1, 21)}
AFTER_ANCHOR = _WITHIN_A_YEAR | _YEARS


def bin_day(offset_days: int, *, is_baseline: bool) -> int:
    """The canonical day nearest to a time point; the later one where two are."""
    if is_baseline:
        return BASELINE
    return min(AFTER_ANCHOR, key=lambda day: (abs(day - offset_days), -day))


def key(day: int) -> str:
    """How the API names a canonical day, such as "w6" or "m60"."""
    return "baseline" if day == BASELINE else AFTER_ANCHOR[day]
