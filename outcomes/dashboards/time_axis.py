"""The days on which different protocols are compared with each other."""

BASELINE = 0
_WITHIN_A_YEAR = (14, 42, 90, 182)
_YEARS = tuple(365 * year for year in range(1, 21))
AFTER_ANCHOR = _WITHIN_A_YEAR + _YEARS

_LABELS = {
    BASELINE: ("baseline", "start"),
    14: ("w2", "2 weeks"),
    42: ("w6", "6 weeks"),
    90: ("m3", "3 months"),
    182: ("m6", "6 months"),
}


def bin_day(offset_days: int, *, is_baseline: bool) -> int:
    """The canonical day nearest to a time point; the later one where two are."""
    if is_baseline:
        return BASELINE
    return min(AFTER_ANCHOR, key=lambda day: (abs(day - offset_days), -day))


def key(day: int) -> str:
    """How the API names a canonical day, such as "w6" or "y5"."""
    return _LABELS[day][0] if day in _LABELS else f"y{day // 365}"


def label(day: int) -> str:
    if day in _LABELS:
        return _LABELS[day][1]
    return "1 year" if day == 365 else f"{day // 365} years"
