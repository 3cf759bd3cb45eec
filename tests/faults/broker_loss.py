"""The broker killed, kept away and emptied while messages go and patients answer."""

import contextlib
import math
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from clinic.models import Clinic
from tests import factories
from tests.faults import crews, programs, servers, stage
from tests.faults import sink as sinks
from tests.faults.web import Web, serving, submit
from tests.outcomes.survey.conftest import ask

WORKERS, SURVEYS_A_LOSS = 2, 3
# Above the goal, so that what fails it is told as long as it took.
RESUMES_WITHIN, GIVES_UP_AFTER = 120, 600
AFTER_A_LOSS = 4
KILLED_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    losses: int
    verdict: stage.Verdict
    # Seconds from the broker's return to what had become due since, the slowest.
    resumed_after: float
    surveys: int
    failures: dict[int, int]
    are_alive: bool

    @property
    def holds(self) -> bool:
        return (
            self.verdict.is_whole
            and not self.verdict.twice
            and not self.failures
            and self.are_alive
            and self.resumed_after <= RESUMES_WITHIN
        )

    def __str__(self) -> str:
        return (
            f"{self.losses} times gone: {self.verdict}, resumed at the latest "
            f"{self.resumed_after:.0f} s after; {self.surveys} surveys submitted "
            f"meanwhile, pages that failed: {self.failures or 'none'}"
            + ("" if self.are_alive else "; a process died of it")
        )


@dataclass
class Scene:
    """Workers, a scheduler and the web on a broker that comes and goes."""

    broker: servers.Broker
    web: Web
    # So many of the one are due anew at each loss. Of the other nothing waits, so that
    # what becomes due there tells of the broker and not of the queue before it.
    busy: Clinic
    share: int
    quiet: Clinic
    # Apart, for who has answered is not written to any more.
    answering: Clinic
    pages: ThreadPoolExecutor
    resumed: list[float] = field(default_factory=list)
    surveys: int = 0

    def lose(self, act: Callable[[], None]) -> None:
        """While messages go and patients submit; then something more becomes due."""
        waiting = [
            ask(factories.make_complaint(factories.make_patient(self.answering)))
            for _ in range(SURVEYS_A_LOSS)
        ]
        submitted = [self.pages.submit(submit, self.web, one) for one in waiting]
        act()
        back = time.monotonic()
        fresh = stage.make_due(self.quiet, AFTER_A_LOSS)
        stage.make_due(self.busy, self.share)
        stage.wait_until(lambda: stage.are_sent(fresh), GIVES_UP_AFTER)
        self.resumed.append(time.monotonic() - back)
        self.surveys += sum(one.result() > 0 for one in submitted)

    def die(self, seconds: float) -> None:
        self.broker.kill()
        time.sleep(seconds)
        self.broker.start()


def run(*, due: int, kills: int, down: float, pace: float, tick: int) -> Outcome:
    """Killed so often, then away for so many seconds, then emptied.

    On SQLite with the workers of `make run`, which fork no children. An equal share of
    what is due comes before the first loss and with each return, and the mail server
    takes `pace` seconds a letter: each loss meets work.
    """
    share = math.ceil(due / (kills + 3))
    # In this order: a tick rings for the older clinic first.
    quiet, busy, answering = (factories.make_clinic() for _ in range(3))
    stage.make_due(busy, share)
    is_small = connection.vendor == "sqlite"
    pools = crews.MAKE_RUN if is_small else [crews.ALL_WORK] * WORKERS
    with contextlib.ExitStack() as held:
        sink, broker = held.enter_context(sinks.listening()), servers.broker()
        sink.delay = pace
        redis = held.enter_context(broker)
        crew = held.enter_context(crews.at_work(pools, redis.url, sink.url))
        folder = held.enter_context(tempfile.TemporaryDirectory())
        beat = programs.beat(
            Path(folder), "schedule", REDIS_URL=redis.url, TICK_SECONDS=str(tick)
        )
        held.callback(programs.kill, beat)
        web = held.enter_context(serving(REDIS_URL=redis.url))
        pages = held.enter_context(ThreadPoolExecutor(SURVEYS_A_LOSS))
        scene = Scene(redis, web, busy, share, quiet, answering, pages)
        stage.wait_until(lambda: bool(sink.accepted), GIVES_UP_AFTER)
        for _ in range(kills):
            scene.lose(lambda: scene.die(KILLED_SECONDS))
        scene.lose(lambda: scene.die(down))
        scene.lose(redis.forget)
        sink.delay = 0
        stage.wait_until(lambda: stage.is_over([busy, quiet]), GIVES_UP_AFTER)
        return Outcome(
            losses=len(scene.resumed),
            verdict=stage.judge([busy, quiet], sink.accepted),
            resumed_after=max(scene.resumed),
            surveys=scene.surveys,
            failures=web.failures,
            are_alive=crew.are_alive and beat.poll() is None,
        )
