"""Days and times as schedules write them; ValueError says what is wrong."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from patients.record.imports import mapping as of_patients
from patients.record.imports.refusals import shown

# By the name they have on the page; where several fit, the first.
DAY_FORMATS = {
    **of_patients.DAY_FORMATS,
    "MM/DD/YY": "%m/%d/%y",
    "DD/MM/YY": "%d/%m/%y",
}
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?( ?AM|Z)?$")
_BOTH = re.compile(r"(\d[\d./-]*\d)(?:T|,?\s+)(\d.*)")
_TIME = re.compile(
    r"(\d{1,2})(?:[:.h]?(\d{2}))?(?::(\d{2})(?:\.\d+)?)?\s*(?:([ap])\.?\s*m\.?)?",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"(\d{1,4})(?:\.0+)?\s*(?:m|min|mins|minutes|minutos)?\.?", re.I)
_HOURS = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
NOON = 12
LONGEST = timedelta(hours=24)
# An appointment lies about now; anything else is a slip.
YEARS_AWAY = 5


def day_of(text: str, day_format: str) -> date:
    short = _MIDNIGHT.sub("", text)
    try:
        # The clock has no part in it: a day is a day in every zone.
        return datetime.strptime(short, DAY_FORMATS[day_format]).date()  # noqa: DTZ007
    except ValueError:
        raise ValueError(
            f"{shown(text)} is not a day written as {day_format}."
        ) from None


def time_of(text: str) -> time:
    found = _TIME.fullmatch(text.strip())
    if found:
        hour, minute, half = int(found[1]), found[2], (found[4] or "").lower()
        if minute is not None or half:
            is_fine = 1 <= hour <= NOON if half else True
            hour = hour % NOON + NOON * (half == "p") if half else hour
            try:
                if is_fine:
                    return time(hour, int(minute or 0))
            except ValueError:
                pass
    raise ValueError(f"{shown(text)} is not a time such as 14:30 or 2:30 PM.")


def parts(text: str) -> tuple[str, str]:
    """Day and time of a text that holds both; no time where it holds none."""
    found = _BOTH.fullmatch(text.strip())
    return (found[1], found[2]) if found else (text, "")


def with_offset(text: str) -> datetime | None:
    """A moment that says how far it is from UTC itself."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def moment(text: str, day_format: str, zone: str) -> datetime:
    """Of a text that holds day and time."""
    absolute = with_offset(text)
    if absolute is not None:
        return absolute
    day, at = parts(text)
    if not at:
        raise ValueError(f"{shown(text)} holds no time of day.")
    return local(day_of(day, day_format), time_of(at), zone)


def local(day: date, at: time, zone: str) -> datetime:
    """In UTC; an hour that the clocks leave out is refused."""
    wall = datetime.combine(day, at, ZoneInfo(zone))
    found = wall.astimezone(UTC)
    if found.astimezone(ZoneInfo(zone)).time() != at:
        raise ValueError(
            f"{at:%H:%M} does not exist on {day:%Y-%m-%d}: the clocks go forward."
        )
    return found


def length_of(text: str) -> timedelta:
    """Of "30", "30 min" or "0:30"."""
    minutes, hours = _MINUTES.fullmatch(text.strip()), _HOURS.fullmatch(text.strip())
    if hours:
        found = timedelta(hours=int(hours[1]), minutes=int(hours[2]))
    elif minutes:
        found = timedelta(minutes=int(minutes[1]))
    else:
        raise ValueError(f"{shown(text)} is not a number of minutes.")
    if found > LONGEST:
        raise ValueError(f"{shown(text)} is longer than a day.")
    return found


def check_near(moment: datetime, today: date) -> None:
    if abs(moment.year - today.year) > YEARS_AWAY:
        raise ValueError(f"The year {moment.year} is too far away; look at the date.")


def guess_format(texts: Iterable[str], today: date) -> str:
    """The format that reads most of the days, and where several do, puts them nearest.

    A list of one day, as 03/04/2026, fits two: it is about these weeks.
    """
    days = [parts(text)[0] for text in texts if with_offset(text) is None]

    def fit(name: str) -> tuple[int, int]:
        read = [found for text in days if (found := _read(text, name))]
        away = sum(abs((found - today).days) for found in read)
        return len(read), -away

    return max(DAY_FORMATS, key=fit)


def _read(text: str, name: str) -> date | None:
    try:
        return day_of(text, name)
    except ValueError:
        return None
