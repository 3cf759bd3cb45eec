"""Several schedulers, none for hours, then one; and one that is killed for good."""

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from django.db.models import F

from outcomes.follow_ups.guard import pauses
from outcomes.models import FollowUp, SchedulerTick
from tests.faults import crews, programs, servers, stage
from tests.faults import sink as sinks
from tests.faults.web import serving

TWO_HOURS = timedelta(hours=2)
ALL_OUT_SECONDS, DEAD_SECONDS = 900, 180


@dataclass(frozen=True, slots=True)
class Outcome:
    what: str
    verdict: stage.Verdict
    out_after: float
    is_paused: bool

    @property
    def holds(self) -> bool:
        is_out = self.out_after < ALL_OUT_SECONDS and not self.is_paused
        return self.verdict.is_whole and not self.verdict.twice and is_out

    def __str__(self) -> str:
        paused = ", paused" if self.is_paused else ""
        return f"{self.what}: {self.verdict}, out in {self.out_after:.0f} s{paused}"


def several(number: int, *, due: int, clinics: int) -> Outcome:
    return _run(f"{number} at once", number, due, clinics)


def one_after_hours(*, due: int, clinics: int) -> Outcome:
    """As if nothing had ticked for two hours, by the wall's clock and the machine's."""
    _run("before", 1, clinics, clinics)
    SchedulerTick.objects.update(
        began_at=F("began_at") - TWO_HOURS,
        ended_at=F("ended_at") - TWO_HOURS,
        uptime=F("uptime") - TWO_HOURS.total_seconds(),
    )
    return _run("1 after none for 2 h", 1, due, clinics, late=TWO_HOURS)


def _run(
    what: str, number: int, due: int, clinics: int, late: timedelta = timedelta()
) -> Outcome:
    made = stage.clinics_with(due, clinics=clinics)
    FollowUp.objects.filter(clinic__in=made, timepoint_key="m1").update(
        next_action_at=F("next_action_at") - late
    )
    with contextlib.ExitStack() as held:
        sink = held.enter_context(sinks.listening())
        broker = held.enter_context(servers.broker())
        held.enter_context(crews.at_work([crews.ALL_WORK] * 2, broker.url, sink.url))
        began = time.monotonic()
        held.enter_context(beats(number, broker.url))
        stage.wait_until(lambda: stage.is_over(made), ALL_OUT_SECONDS)
        took = time.monotonic() - began
        # Some more ticks, which find nothing.
        time.sleep(3)
        is_paused = any(map(pauses.standing, made))
        return Outcome(what, stage.judge(made, sink.accepted), took, is_paused)


@contextlib.contextmanager
def beats(number: int, broker: str, **more: str) -> Iterator[None]:
    """So many real schedulers that ring each second."""
    with tempfile.TemporaryDirectory() as folder:
        started = [
            programs.beat(Path(folder), f"schedule-{one}", REDIS_URL=broker, **more)
            for one in range(number)
        ]
        try:
            yield
        finally:
            for each in started:
                programs.kill(each)


def told_dead_after() -> float:
    """Seconds from the scheduler's death until health says so; asked each second."""
    with contextlib.ExitStack() as held:
        sink = held.enter_context(sinks.listening())
        broker = held.enter_context(servers.broker())
        held.enter_context(crews.at_work([crews.ALL_WORK], broker.url, sink.url))
        web = held.enter_context(serving(REDIS_URL=broker.url))

        def is_told_alive() -> bool:
            status, _, said = web.browser().ask("GET", "/healthz/scheduler")
            is_ok = status == HTTPStatus.OK
            assert json.loads(said)["status"] == ("ok" if is_ok else "late")
            return is_ok

        with beats(1, broker.url):
            assert stage.wait_until(is_told_alive, 60), "never told alive"
        died = time.monotonic()
        stage.wait_until(lambda: not is_told_alive(), 2 * DEAD_SECONDS)
        return time.monotonic() - died
