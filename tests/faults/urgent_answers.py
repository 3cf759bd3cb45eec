"""From an answer that cannot wait to its notice at the provider, by real workers.

Meanwhile messages to patients go out, by a mail server that takes its time.
"""

import contextlib
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from clinic.access import Role
from outcomes.models import Alert, AlertNotice
from tests import factories
from tests.faults import crews, programs, servers, stage
from tests.faults import sink as sinks

# Those that `make run` starts; notices go through the queue of texts.
POOLS = (
    *crews.MAKE_RUN,
    ("--queues=text", "--pool=threads", "--concurrency=2", "--prefetch-multiplier=1"),
)
WITHIN = 60.0
GIVES_UP_AFTER = 300
PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    alerts: int
    told: int
    # Seconds from the answer to the mail server's yes.
    median: float
    p95: float
    slowest: float
    # Notices that went more than once.
    twice: int

    @property
    def holds(self) -> bool:
        return self.alerts == self.told > 0 and self.p95 <= WITHIN

    def __str__(self) -> str:
        return (
            f"{self.told} of {self.alerts} urgent answers handed over: median "
            f"{self.median:.1f} s, p95 {self.p95:.1f} s, slowest {self.slowest:.1f} s, "
            f"{self.twice} twice"
        )


def run(*, flags: int, due: int, pace: float, bell: bool = True) -> Outcome:
    """The mail server takes `pace` seconds a letter; without a bell a tick finds it."""
    clinic, busy = factories.make_clinic(), factories.make_clinic()
    factories.make_user(clinic, Role.PROVIDER)
    complaints = [
        factories.make_complaint(factories.make_patient(clinic)) for _ in range(flags)
    ]
    stage.make_due(busy, due)
    with contextlib.ExitStack() as held:
        sink, redis = (
            held.enter_context(sinks.listening()),
            held.enter_context(servers.broker()),
        )
        sink.delay = pace
        held.enter_context(crews.at_work(POOLS, redis.url, sink.url))
        folder = held.enter_context(tempfile.TemporaryDirectory())
        beat = programs.beat(
            Path(folder), "schedule", REDIS_URL=redis.url, TICK_SECONDS="5"
        )
        held.callback(programs.kill, beat)
        stage.wait_until(lambda: bool(sink.accepted), GIVES_UP_AFTER)
        ids = [str(complaint.pk) for complaint in complaints]
        broker = redis.url if bell else ""
        saying = programs.start(
            ["tests.faults.say_urgent", str(PAUSE), *ids], REDIS_URL=broker
        )
        held.callback(programs.kill, saying)
        stage.wait_until(lambda: _are_told(flags), GIVES_UP_AFTER)
        return _judge(sink.accepted)


def _are_told(flags: int) -> bool:
    sent = AlertNotice.objects.filter(state=AlertNotice.State.SENT)
    return sent.count() >= flags


def _judge(accepted: list[str]) -> Outcome:
    notices = list(AlertNotice.objects.filter(sent_at__isnull=False))
    raised = dict(Alert.objects.values_list("pk", "raised_at"))
    taken = sorted(
        (one.sent_at - raised[one.alert_id]).total_seconds()
        for one in notices
        if one.sent_at
    )
    names = [f"<{one.pk}@localhost>" for one in notices]
    return Outcome(
        alerts=len(raised),
        told=len(taken),
        median=statistics.median(taken) if taken else 0.0,
        p95=taken[int(0.95 * (len(taken) - 1))] if taken else 0.0,
        slowest=max(taken, default=0.0),
        twice=sum(accepted.count(name) - 1 for name in names if name in accepted),
    )
