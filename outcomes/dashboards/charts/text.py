"""Words and numbers of the charts: how they read and how much room they take."""

from decimal import Decimal

# A figure that is undefined.
UNDEFINED = "\N{EN DASH}"

DAYS_A_MONTH = 30.4375
DAYS_A_YEAR = 365.25
SHORT_UNITS = {"day": "d", "week": "wk", "month": "mo", "year": "y"}

# Average advance of a wide system font; better a little too much room than a clash.
ADVANCE = 0.58
BOLD_ADVANCE = 0.64


def number(value: Decimal | float) -> str:
    """At most two decimals, none that say nothing, and a real minus sign."""
    text = f"{float(value):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")


def two_decimals(value: float, *, is_signed: bool = False) -> str:
    """As statistics are told: always two decimals, with a real minus sign."""
    text = f"{value:+.2f}" if is_signed else f"{value:.2f}"
    if text in ("-0.00", "+0.00"):
        return "0.00"
    return text.replace("-", "\N{MINUS SIGN}")


def signed(value: Decimal | float) -> str:
    """A change: with its sign in both directions, none at nought."""
    text = number(value)
    return f"+{text}" if value > 0 and text != "0" else text


def value_range(low: Decimal | float, high: Decimal | float, better_is: str) -> str:
    """Such as "0–10, lower is better"."""
    return f"{number(low)}–{number(high)}, {direction(better_is)}"


def direction(better_is: str) -> str:
    """Which way is better, in words."""
    if better_is == "lower":
        return "lower is better"
    return "higher is better"


def day_tick(day: int) -> str:
    """A day of the course as an axis label: start, 6 wk, 3 mo, 2 y."""
    if day == 0:
        return "start"
    count, unit = _count_and_unit(abs(day))
    short = f"{number(count)} {SHORT_UNITS[unit]}"
    return short if day > 0 else f"\N{MINUS SIGN}{short}"


def day_words(day: int) -> str:
    """A day of the course as it is spoken: start, 6 weeks, 3 months before start."""
    if day == 0:
        return "start"
    count, unit = _count_and_unit(abs(day))
    words = f"{number(count)} {unit}{'' if count == 1 else 's'}"
    return words if day > 0 else f"{words} before start"


def _count_and_unit(days: int) -> tuple[float, str]:
    if days < 77:
        return (days, "day") if days % 7 else (days // 7, "week")
    months = round(days / DAYS_A_MONTH)
    if months < 24:
        return months, "month"
    return round(days / DAYS_A_YEAR, 1), "year"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimated width in chart units; the server knows no font metrics."""
    return len(text) * size * (BOLD_ADVANCE if bold else ADVANCE)


def shorten(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of it as fits the room, ending in an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    letters = int(room / width("n", size, bold=bold))
    return text[: max(letters - 1, 1)].rstrip() + "…"


def wrap(
    text: str, room: float, size: float, lines: int, *, bold: bool = False
) -> tuple[str, ...]:
    """At most so many lines; what does not fit the last one is shortened."""
    done: list[str] = []
    rest = text.split()
    while rest and len(done) < lines - 1:
        line = rest.pop(0)
        while rest and width(f"{line} {rest[0]}", size, bold=bold) <= room:
            line = f"{line} {rest.pop(0)}"
        done.append(line)
    if rest:
        done.append(" ".join(rest))
    return tuple(shorten(line, room, size, bold=bold) for line in done)
