"""Real workers and a real scheduler, started anew under a clock that was moved."""

import contextlib
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.test.utils import override_settings

from clinic.models import Clinic
from outcomes.follow_ups.guard import pauses
from outcomes.models import FollowUp, SchedulerTick, SendingPause
from tests import factories
from tests.faults import crews, schedulers, servers, stage
from tests.faults import sink as sinks

TICKS_SECONDS, GIVES_UP_AFTER = 5, 120
DUE, LATER = 3, 3


@dataclass(frozen=True, slots=True)
class Outcome:
    jump: timedelta
    sent_before: int
    sent_after: int
    cause: str
    rows_changed: int
    is_flag_raised: bool

    @property
    def holds(self) -> bool:
        """An hour is within what clocks may differ by; more is looked at by people."""
        is_far = abs(self.jump) > timedelta(hours=2)
        is_stopped = self.cause == (SendingPause.Cause.CLOCK if is_far else "")
        is_still = not (self.sent_after or self.rows_changed)
        return (
            self.sent_before == DUE and is_stopped and is_still and self.is_flag_raised
        )

    def __str__(self) -> str:
        days = self.jump / timedelta(days=1)
        paused = f"paused by the {self.cause}" if self.cause else "not paused"
        return (
            f"{days:+.3g} days: {self.sent_after} sent and {self.rows_changed} rows "
            f"changed after it, {paused}"
        )


def run(jump: timedelta) -> Outcome:
    """Some are due now, some tomorrow; then the clock is another."""
    SchedulerTick.objects.all().delete()
    clinic = factories.make_clinic()
    stage.make_due(clinic, DUE)
    _due_tomorrow(clinic, LATER)
    with contextlib.ExitStack() as held:
        sink = held.enter_context(sinks.listening())
        broker = held.enter_context(servers.broker())
        with (
            crews.at_work([crews.ALL_WORK], broker.url, sink.url),
            schedulers.beats(1, broker.url),
        ):
            stage.wait_until(lambda: len(sink.accepted) >= DUE, GIVES_UP_AFTER)
            stage.wait_until(lambda: stage.is_over([clinic]), GIVES_UP_AFTER)
        sent_before, before = len(sink.accepted), _rows(clinic)
        moved = settings.CLOCK_OFFSET + jump
        told = {"CLOCK_OFFSET_SECONDS": str(int(moved.total_seconds()))}
        ended = SchedulerTick.objects.get(job="tick").ended_at
        with (
            override_settings(CLOCK_OFFSET=moved),
            crews.at_work([crews.ALL_WORK], broker.url, sink.url, **told),
            schedulers.beats(1, broker.url, **told),
        ):
            stage.wait_until(lambda: _has_ticked(ended), GIVES_UP_AFTER)
            time.sleep(TICKS_SECONDS)
            pause = pauses.standing(clinic)
            return Outcome(
                jump=jump,
                sent_before=sent_before,
                sent_after=len(sink.accepted) - sent_before,
                cause=pause.cause if pause else "",
                rows_changed=len(set(before) ^ set(_rows(clinic))) // 2,
                is_flag_raised=_raise_flag(clinic),
            )


def _due_tomorrow(clinic: Clinic, number: int) -> None:
    for _ in range(number):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        plan = factories.make_plan(complaint, started_days_ago=40)
        factories.make_performed(plan, days=29)


def _rows(clinic: Clinic) -> list[tuple[object, ...]]:
    rows = FollowUp.objects.filter(clinic=clinic).order_by("pk")
    return list(rows.values_list("pk", "state", "next_action_at", "state_reason"))


def _has_ticked(before: object) -> bool:
    return SchedulerTick.objects.get(job="tick").ended_at != before


def _raise_flag(clinic: Clinic) -> bool:
    complaint = factories.make_complaint(factories.make_patient(clinic))
    factories.make_evaluation(complaint, foot_drop__left="present")

    return complaint.patient.red_flags.filter(flag="RF06").exists()
