"""Workers that are killed while they send, and others that take their place."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from clinic.models import Clinic
from tests.faults import crews, servers, stage
from tests.faults import sink as sinks

HEALED_SECONDS = 600
# About as long as one kill takes, with the ping that finds who is at work.
KILL_SECONDS = 1.3


@dataclass(frozen=True, slots=True)
class Outcome:
    kills: int
    verdict: stage.Verdict
    most_copies: int
    # Seconds from the last kill until nothing was due, waited or hung.
    healed_after: float

    @property
    def holds(self) -> bool:
        is_healed = self.healed_after < HEALED_SECONDS
        return (
            self.verdict.is_whole
            and self.verdict.twice <= self.most_copies
            and is_healed
        )

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.verdict} (twice at most {self.most_copies}), "
            f"healed after {self.healed_after:.0f} s"
        )


def run(
    *,
    due: int,
    kills: int,
    clinics: int,
    workers: int,
    most_copies: int,
    app: str = "config",
    lease: int = 20,
) -> Outcome:
    made = stage.clinics_with(due, clinics=clinics)
    with contextlib.ExitStack() as held:
        sink = held.enter_context(sinks.listening())
        # So slow that kills meet workers that send, to the end of the killing.
        sink.delay = workers * kills * KILL_SECONDS / due
        broker = held.enter_context(servers.broker())
        pools = [crews.ALL_WORK] * workers
        options = {"app": app, "MESSAGE_LEASE_SECONDS": str(lease)}
        crew = held.enter_context(crews.at_work(pools, broker.url, sink.url, **options))
        stage.wait_until(lambda: _is_begun(crew, sink), HEALED_SECONDS)
        done = _kill(crew, kills)
        sink.delay = 0
        healed = _heal(crew, made)
        return Outcome(done, stage.judge(made, sink.accepted), most_copies, healed)


def _is_begun(crew: crews.Crew, sink: sinks.Sink) -> bool:
    crew.ring("outcomes.tick")
    time.sleep(0.5)
    return bool(sink.accepted)


def _kill(crew: crews.Crew, kills: int) -> int:
    done, gives_up_at = 0, time.monotonic() + 60 + kills * 20
    while done < kills and time.monotonic() < gives_up_at:
        crew.ring("outcomes.tick")
        done += crew.kill_one()
    assert done == kills, f"only {done} of {kills} workers came up to be killed"
    return done


def _heal(crew: crews.Crew, clinics: Sequence[Clinic]) -> float:
    began = time.monotonic()
    while not stage.is_over(clinics):
        crew.ring("outcomes.tick")
        if time.monotonic() - began > HEALED_SECONDS:
            break
        time.sleep(1)
    return time.monotonic() - began
