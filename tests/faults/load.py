"""A clinic's busiest hour: very much is due, and patients answer what they were sent.

Web, workers and scheduler run as `make run` starts them, each with its own queue.
"""

import contextlib
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from uuid import UUID

from django.db import transaction

from clinic import bulk, clock
from clinic.models import Clinic
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.guard import pauses
from outcomes.models import FollowUp, Message, Response
from tests.faults import crews, programs, servers, stage
from tests.faults import sink as sinks
from tests.faults.web import Web, answer_all, serving

POOLS = (*crews.MAKE_RUN, (*crews.MAKE_RUN[1], "--queues=text"))
LONGEST_WAIT = timedelta(minutes=15)
SLOWEST_PAGE = 0.5
# More patients than ever answer at one moment, so that none waits for another.
BROWSERS = 32


@dataclass(frozen=True, slots=True)
class Outcome:
    minutes: float
    verdict: stage.Verdict
    # Seconds from the slot of each message to the mail server's yes.
    waits: Sequence[float]
    # Seconds of each page that a patient opened or sent in.
    pages: Sequence[float]
    surveys: int
    # Thanked for and not sealed, or never thanked.
    surveys_wrong: int
    failures: dict[int, int]
    is_paused: bool

    @property
    def is_kept(self) -> bool:
        """All went once and every answer is there, whatever the time it took."""
        return (
            self.verdict.is_whole
            and not self.verdict.twice
            and not self.surveys_wrong
            and not self.failures
            and not self.is_paused
        )

    @property
    def holds(self) -> bool:
        is_in_time = max(self.waits) <= LONGEST_WAIT.total_seconds()
        return self.is_kept and is_in_time and _part(self.pages, 95) < SLOWEST_PAGE

    def __str__(self) -> str:
        hourly = self.verdict.messages * 60 / self.minutes
        waited = [_part(self.waits, 50), _part(self.waits, 95), max(self.waits)]
        took = [1000 * _part(self.pages, percent) for percent in (50, 95)]
        return (
            f"{hourly:,.0f} an hour for {self.minutes:g} min, {self.verdict}, waited "
            f"{waited[0]:.0f} s (median), {waited[1]:.0f} s (95 of 100), "
            f"{waited[2]:.0f} s (most); {self.surveys} surveys answered meanwhile, "
            f"{self.surveys_wrong} lost, {len(self.pages)} pages in {took[0]:.0f} ms "
            f"(median), {took[1]:.0f} ms (95 of 100), failed: "
            f"{self.failures or 'none'}" + (", paused" if self.is_paused else "")
        )


def _part(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def run(*, due: int, minutes: float, clinics: int, one_of: int, tick: int) -> Outcome:
    """So many become due evenly over these minutes, and one of so many answers."""
    made = stage.clinics_with(due, clinics=clinics)
    with contextlib.ExitStack() as held:
        sink = held.enter_context(sinks.listening())
        broker = held.enter_context(servers.broker())
        web = held.enter_context(serving(REDIS_URL=broker.url))
        web.seconds.clear()
        slots = _spread(made, timedelta(minutes=minutes))
        held.enter_context(crews.at_work(POOLS, broker.url, sink.url))
        folder = held.enter_context(tempfile.TemporaryDirectory())
        told = {"REDIS_URL": broker.url, "TICK_SECONDS": str(tick)}
        beat = programs.beat(Path(folder), "schedule", **told)
        held.callback(programs.kill, beat)
        pace = minutes * 60 * one_of / due
        answers = [one.result() for one in _answers(made, sink, web, slots, pace)]
        return Outcome(
            minutes=minutes,
            verdict=stage.judge(made, sink.accepted),
            waits=_waits(made, slots),
            pages=web.seconds,
            surveys=sum(answers),
            surveys_wrong=abs(len(answers) - _sealed(made)) + answers.count(False),
            failures=web.failures,
            is_paused=any(map(pauses.standing, made)),
        )


def _spread(clinics: Sequence[Clinic], over: timedelta) -> dict[UUID, datetime]:
    """The slot of each patient who is due now, evenly over the time to come."""
    now = clock.now()
    rows = list(
        FollowUp.objects.filter(
            clinic__in=clinics, state="planned", next_action_at__lte=now
        )
    )
    patients = sorted({row.patient_id for row in rows})
    Random(16).shuffle(patients)
    step = over / len(patients)
    slots = {one: now + number * step for number, one in enumerate(patients)}
    for row in rows:
        row.next_action_at = slots[row.patient_id]
    with transaction.atomic():
        bulk.update(rows, ["next_action_at"])
    return slots


def _answers(
    clinics: Sequence[Clinic],
    sink: sinks.Sink,
    web: Web,
    slots: Mapping[UUID, datetime],
    pace: float,
) -> list[Future[bool]]:
    """One patient after the other opens the link, until all were sent theirs."""
    last = max(slots.values())
    given: list[Future[bool]] = []
    with ThreadPoolExecutor(BROWSERS) as patients:
        while clock.now() < last + LONGEST_WAIT:
            time.sleep(pace)
            if len(given) < len(sink.accepted):
                path = _path(sink.accepted[len(given)])
                given.append(patients.submit(_answer, web, path))
            if clock.now() > last and stage.is_over(clinics):
                break
    return given


def _path(message_id: str) -> str:
    """Where a letter leads to, told from its Message-ID."""
    return f"/s/{tokens.token_for(UUID(message_id.strip('<>').partition('@')[0]))}"


def _answer(web: Web, path: str) -> bool:
    try:
        return answer_all(web, path)
    except OSError:
        return False


def _waits(clinics: Sequence[Clinic], slots: Mapping[UUID, datetime]) -> list[float]:
    sent = Message.objects.filter(clinic__in=clinics, accepted_at__isnull=False)
    return [
        (at - slots[patient]).total_seconds()
        for patient, at in sent.values_list("request__patient", "accepted_at")
    ]


def _sealed(clinics: Sequence[Clinic]) -> int:
    sealed = Response.objects.filter(
        clinic__in=clinics, state=Response.State.SEALED
    ).values("request")
    return sealed.distinct().count()
