"""What the report on who answers costs: with few follow-ups and with many.

Ten follow-ups a plan, one a patient, whose windows closed over five years; seven of ten
are answered, and each was written to twice. Read as the page reads it: over 90 days, as
it opens, over a year, and over all time.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import connection, models

from benchmarks import scratch
from clinic import clock
from clinic.models import User
from outcomes.dashboards.capture import page
from outcomes.dashboards.capture.choices import ALL, QUARTER, YEAR, Choices
from outcomes.models import Episode, FollowUp, Message, SurveyRequest
from tests import factories
from tests.outcomes import rows

ROUNDS, A_PLAN, DAYS = 5, 10, 1825
PERIODS = (QUARTER, YEAR, ALL)


def quoted(value: object) -> str:
    return f"'{value}'"


def uuid_of(number: str, space: str) -> str:
    """A key made of a number; the space keeps tables and clinics apart."""
    if connection.vendor == "sqlite":
        return f"('{space}' || printf('%024x', {number}))"
    return f"('{space}' || lpad(to_hex({number}), 24, '0'))::uuid"


def days_before(day: date, days: str) -> str:
    if connection.vendor == "sqlite":
        return f"date('{day}', '-' || ({days}) || ' days')"
    return f"(date '{day}' - ({days})::int)"


def literal(model: type[models.Model], name: str, value: object) -> str:
    field = model._meta.get_field(name)
    with connection.cursor() as cursor:
        held = field.get_db_prep_save(value, connection)  # type: ignore[union-attr]
        if connection.vendor == "sqlite":
            return "NULL" if held is None else quoted(held)
        return str(cursor.mogrify("%s", [held]))  # type: ignore[attr-defined]


def multiply(pattern: models.Model, count: int, **changed: str) -> None:
    """So many copies of a row; what differs is SQL, in which n is the copy's number."""
    table = pattern._meta.db_table
    columns = [field.column for field in pattern._meta.fields]
    taken = ", ".join(changed.get(name, f"p.{name}") for name in columns)
    taken = taken.replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s "  # noqa: S608
            f"WHERE n + 1 < {count}) INSERT INTO {table} ({', '.join(columns)}) "
            f"SELECT {taken} FROM s, {table} p WHERE p.id = %s",
            [pattern._meta.pk.get_db_prep_value(pattern.pk, connection)],
        )


def clinic_with(follow_ups: int, space: str, now: datetime) -> User:
    """Somebody who works in a clinic with so many follow-ups."""
    clinic = factories.make_clinic()
    user = factories.make_user(clinic)
    episode = rows.make_episode(clinic)
    plans = follow_ups // A_PLAN

    def key(number: str, kind: str) -> str:
        return uuid_of(number, f"{space}{kind}".ljust(8, "0"))

    patient, plan = episode.patient, episode.plan
    multiply(patient, plans, id=key("n", "a"), mrn=f"'{space}' || n")
    multiply(plan, plans, id=key("n", "b"), provider_id=_uuid(user))
    multiply(
        episode,
        plans,
        id=key("n", "c"),
        plan_id=key("n", "b"),
        patient_id=key("n", "a"),
    )
    request = SurveyRequest.objects.create(
        clinic=clinic, patient=patient, state="closed", language="en", closes_at=now
    )
    of_plan = f"n / {A_PLAN}"
    multiply(request, follow_ups, id=key("n", "d"), patient_id=key(of_plan, "a"))
    _follow_ups(episode, follow_ups, key, now)
    _messages(request, follow_ups, key, now)
    return user


def _uuid(row: models.Model) -> str:
    held = row._meta.pk.get_db_prep_value(row.pk, connection)
    is_sqlite = connection.vendor == "sqlite"
    return quoted(held) if is_sqlite else f"{quoted(held)}::uuid"


def _follow_ups(
    episode: Episode, count: int, key: Callable[[str, str], str], now: datetime
) -> None:
    pattern = episode.follow_ups.get(timepoint_key="w2")
    today, long_ago = clock.day_of(now, "UTC"), date(2001, 1, 1)
    FollowUp.objects.filter(pk=pattern.pk).update(opens_on=long_ago, due_on=long_ago)
    of_plan = f"n / {A_PLAN}"
    answered = literal(FollowUp, "answered_at", now - timedelta(days=3))
    multiply(
        pattern,
        count,
        id=key("n", "e"),
        episode_id=key(of_plan, "c"),
        patient_id=key(of_plan, "a"),
        request_id=key("n", "d"),
        timepoint_key=f"'t' || (n % {A_PLAN})",
        label=f"'week ' || (n % {A_PLAN})",
        closes_on=days_before(today, f"n % {DAYS} + 1"),
        state="CASE WHEN n % 10 < 7 THEN 'completed' ELSE 'expired' END",
        asked_at=literal(FollowUp, "asked_at", now - timedelta(days=9)),
        answered_at=_when("n % 10 < 7", answered),
    )


def _when(condition: str, value: str) -> str:
    cast = "" if connection.vendor == "sqlite" else "::timestamptz"
    return f"CASE WHEN {condition} THEN {value}{cast} END"


def _messages(
    request: SurveyRequest, count: int, key: Callable[[str, str], str], now: datetime
) -> None:
    for number, (kind, channel) in enumerate(
        (("invitation", "email"), ("reminder", "sms"))
    ):
        pattern = Message.objects.create(
            clinic_id=request.clinic_id,
            request=request,
            **{"kind": kind, "channel": channel, "rung": kind},
            idempotency_key=f"{request.pk}:{kind}",
            state=Message.State.DELIVERED,
            accepted_at=now - timedelta(days=8 - number),
        )
        multiply(
            pattern,
            count,
            id=key("n", f"f{number}"),
            request_id=key("n", "d"),
            idempotency_key=f"'{request.pk}:{kind}:' || n",
        )


def milliseconds(user: User, period: str, today: date) -> float:
    """The best of the rounds: whatever else the machine does only adds to it."""
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = page.read(user, Choices(period=period), today)
        spent.append((time.perf_counter() - began) * 1000)
    eligible = found.total.eligible if found.total else 0
    print(
        f"  {period:<8} {eligible:>9,} counted  best {min(spent):9.1f} ms  "
        f"median {statistics.median(spent):9.1f} ms"
    )
    return min(spent)


def measure(user: User, name: str, today: date) -> dict[str, float]:
    scratch.analyze()
    print(name)
    return {period: milliseconds(user, period, today) for period in PERIODS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=100_000)
    chosen = parser.parse_args()
    now = clock.now()
    today = clock.day_of(now, "UTC")
    with scratch.database() as vendor:
        print(f"capture report on {vendor}")
        small = clinic_with(chosen.few, "1", now)
        few = measure(small, f"{chosen.few:,} follow-ups", today)
        large = clinic_with(chosen.many, "2", now)
        many = measure(large, f"{chosen.many:,} follow-ups", today)
        beside = measure(small, f"{chosen.few:,} beside them", today)
    for period in PERIODS:
        print(
            f"{period}: many / few {many[period] / few[period]:.1f}, "
            f"few beside many / few {beside[period] / few[period]:.2f}"
        )


if __name__ == "__main__":
    main()
