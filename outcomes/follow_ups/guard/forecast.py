"""How many patients the calendar foresees to be asked, for each of the clinic's days.

Days ahead are counted anew; what was foreseen of a day stays once the day has begun.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Sum
from django.db.models.functions import Greatest, TruncDate, TruncHour

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import ONE_DAY
from outcomes.models import FollowUp, SendingForecast

DAYS_AHEAD = 14
# What was planned late in an evening is foreseen by the morning.
GOOD_FOR = timedelta(hours=1)


def refresh_if_old(clinic: Clinic, now: datetime) -> bool:
    tomorrow = clock.day_of(now, clinic.zone) + ONE_DAY
    is_fresh = SendingForecast.objects.filter(
        clinic=clinic, day=tomorrow, made_at__gt=now - GOOD_FOR, made_at__lte=now
    )
    if is_fresh.exists():
        return False
    refresh(clinic, now)
    return True


def refresh(clinic: Clinic, now: datetime) -> None:
    """Count the next two weeks, from tomorrow."""
    today = clock.day_of(now, clinic.zone)
    days = [today + timedelta(days=ahead) for ahead in range(1, DAYS_AHEAD + 1)]
    counted = _planned(clinic, days[0], days[-1])
    _write(clinic, {day: counted[day] for day in days}, now)


def _planned(clinic: Clinic, first: date, last: date) -> Counter[date]:
    zone = ZoneInfo(clinic.zone)
    rows = (
        FollowUp.objects.filter(
            clinic=clinic,
            state=FollowUp.State.PLANNED,
            next_action_at__gte=calendar.end_of(first - ONE_DAY, clinic.zone),
            next_action_at__lt=calendar.end_of(last, clinic.zone),
        )
        .order_by()
        .values(day=TruncDate("next_action_at", tzinfo=zone))
        .annotate(patients=Count("patient", distinct=True))
    )
    return Counter({row["day"]: row["patients"] for row in rows})


def _write(clinic: Clinic, expected: dict[date, int], now: datetime) -> None:
    SendingForecast.objects.bulk_create(
        [
            SendingForecast(clinic=clinic, day=day, expected=number, made_at=now)
            for day, number in expected.items()
        ],
        update_conflicts=True,
        unique_fields=["clinic", "day"],
        update_fields=["expected", "made_at"],
    )


def foreseen(clinic: Clinic, since: date, until: date) -> int:
    """Over these days together, both included."""
    days = SendingForecast.objects.filter(clinic=clinic, day__range=(since, until))
    return days.aggregate(found=Sum("expected"))["found"] or 0


def carry_over(clinic: Clinic, now: datetime, number: int = 0) -> None:
    """Today at least so many are foreseen, and all that stand for it by now."""
    today = clock.day_of(now, clinic.zone)
    number = max(number, _planned(clinic, today, today)[today])
    raised = SendingForecast.objects.filter(clinic=clinic, day=today).update(
        expected=Greatest(F("expected"), number), made_at=now
    )
    if not raised:
        _write(clinic, {today: number}, now)


def next_hours(clinic: Clinic, now: datetime, hours: int = 24) -> list[int]:
    """How many patients are planned to be asked in each of the coming hours."""
    start = now.replace(minute=0, second=0, microsecond=0)
    rows = (
        FollowUp.objects.filter(
            clinic=clinic,
            state=FollowUp.State.PLANNED,
            next_action_at__gt=now,
            next_action_at__lt=start + timedelta(hours=hours),
        )
        .order_by()
        .values(hour=TruncHour("next_action_at", tzinfo=ZoneInfo("UTC")))
        .annotate(patients=Count("patient", distinct=True))
    )
    found = {row["hour"]: row["patients"] for row in rows}
    return [found.get(start + timedelta(hours=ahead), 0) for ahead in range(hours)]
