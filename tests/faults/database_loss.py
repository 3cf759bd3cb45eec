"""A PostgreSQL of our own, stopped at once while messages go and pages answer."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

from django.db import connection

from clinic.models import Clinic
from outcomes.models import Response
from tests import factories
from tests.faults import crews, servers, stage
from tests.faults import sink as sinks
from tests.faults.web import Web, serving, submit
from tests.outcomes.survey.conftest import Survey, ask

# What leans on the database, each in its own way.
PAGES = ("/healthz", "/healthz/scheduler", "/sign-in/", "/api/v1/patients/")
SURVEYS_A_STOP, DOWN_SECONDS, MOST_COPIES = 2, 3, 2
HEALED_SECONDS = 600
# Above what a restart takes: shorter, and a yes could not be recorded in time.
LEASE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    stops: int
    verdict: stage.Verdict
    healed_after: float
    surveys: int
    # Thanked for and not there, or there twice.
    surveys_wrong: int
    failures: dict[int, int]
    are_alive: bool

    @property
    def holds(self) -> bool:
        return (
            self.verdict.is_whole
            and self.verdict.twice <= MOST_COPIES
            and self.healed_after < HEALED_SECONDS
            and not self.surveys_wrong
            and [*self.failures] == [HTTPStatus.SERVICE_UNAVAILABLE]
            and self.are_alive
        )

    def __str__(self) -> str:
        return (
            f"{self.stops} immediate stops, {self.verdict}, healed after "
            f"{self.healed_after:.0f} s; {self.surveys} surveys submitted, "
            f"{self.surveys_wrong} lost or doubled; pages that failed: "
            f"{self.failures or 'none'}" + ("" if self.are_alive else "; workers died")
        )


def run(*, due: int, stops: int, clinics: int, workers: int, pace: float) -> Outcome:
    with servers.cluster() as cluster, cluster.in_use():
        return _run(cluster, due, stops, clinics, workers, pace)


def _run(
    cluster: servers.Cluster,
    due: int,
    stops: int,
    clinics: int,
    workers: int,
    pace: float,
) -> Outcome:
    made = stage.clinics_with(due, clinics=clinics)
    surveys = _surveys(factories.make_clinic(), stops)
    with contextlib.ExitStack() as held:
        sink = held.enter_context(sinks.listening())
        sink.delay = pace
        broker = held.enter_context(servers.broker())
        lease = {"MESSAGE_LEASE_SECONDS": str(LEASE_SECONDS)}
        pools = [crews.ALL_WORK] * workers
        crew = held.enter_context(crews.at_work(pools, broker.url, sink.url, **lease))
        web = held.enter_context(serving(REDIS_URL=broker.url))
        held.enter_context(ringing(crew))
        held.enter_context(visited(web))
        pool = held.enter_context(ThreadPoolExecutor(SURVEYS_A_STOP))
        submitted = [pool.submit(submit, web, survey) for survey in surveys]
        for number in range(stops):
            # Each meets work: a further part of it has gone since the last.
            part = due * (number + 1) // (stops + 2)
            stage.wait_until(lambda: len(sink.accepted) > part, HEALED_SECONDS)  # noqa: B023
            cluster.stop_at_once()
            time.sleep(DOWN_SECONDS)
            cluster.start()
            connection.close()
        sink.delay = 0
        began = time.monotonic()
        stage.wait_until(lambda: stage.is_over(made), HEALED_SECONDS)
        healed = time.monotonic() - began
        thanked = sum(one.result() > 0 for one in submitted)
        return Outcome(
            stops=stops,
            verdict=stage.judge(made, sink.accepted),
            healed_after=healed,
            surveys=thanked,
            surveys_wrong=_wrong(surveys),
            failures=web.failures,
            are_alive=crew.are_alive,
        )


def _surveys(clinic: Clinic, stops: int) -> list[Survey]:
    return [
        ask(factories.make_complaint(factories.make_patient(clinic)))
        for _ in range(stops * SURVEYS_A_STOP)
    ]


def _wrong(surveys: list[Survey]) -> int:
    asked = [survey.request.pk for survey in surveys]
    found = Response.objects.filter(request__in=asked)
    sealed = found.filter(state=Response.State.SEALED).values("request").distinct()
    return len(asked) - sealed.count() + found.count() - len(asked)


@contextlib.contextmanager
def ringing(crew: crews.Crew) -> Iterator[None]:
    """What the scheduler does, each second."""
    with _repeated(lambda: crew.ring("outcomes.tick"), 1.0):
        yield


@contextlib.contextmanager
def visited(web: Web) -> Iterator[None]:
    """Somebody who opens page after page."""

    def visit() -> None:
        for page in PAGES:
            with contextlib.suppress(OSError):
                web.browser().ask("GET", page)

    with _repeated(visit, 0.2):
        yield


@contextlib.contextmanager
def _repeated(act: Callable[[], None], seconds: float) -> Iterator[None]:
    is_over = threading.Event()

    def run() -> None:
        while not is_over.wait(seconds):
            act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
