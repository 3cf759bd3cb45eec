"""When work that is done once a night is due, by the clinic's own clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

NIGHT = range(1, 5)
# Each night once; where the machine is off at night, when it is on.
_AFTER = timedelta(hours=20)
_AT_LATEST = timedelta(hours=36)


def is_due(last: datetime | None, zone: str, now: datetime) -> bool:
    if last is None:
        return True
    age = now - last
    is_night = now.astimezone(ZoneInfo(zone)).hour in NIGHT
    # One from ahead of now was made by a clock that has been set back since.
    return abs(age) > _AT_LATEST or (age > _AFTER and is_night)
