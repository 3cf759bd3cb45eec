"""Real workers on a scratch database: started, killed without warning, started anew."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator

from celery import Celery

from benchmarks import scratch

SLOW = "benchmarks.slow_recording"


class Crew:
    """So many worker processes, each in a group of its own with what it started."""

    def __init__(self, size: int, broker: str, mail_url: str, app: str) -> None:
        self.celery = Celery(broker=scratch.as_celery(broker))
        self.app = app
        self.environment = {
            **os.environ,
            "DATABASE_URL": scratch.url(),
            "REDIS_URL": broker,
            "EMAIL_URL": mail_url,
        }
        self.started = 0
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        for _ in range(size):
            self.start_one()

    def start_one(self) -> None:
        self.started += 1
        name = f"w{self.started}@faults"
        command = [sys.executable, "-m", "celery", "-A", self.app, "worker"]
        options = [
            "--queues=celery,mail,text",
            "--concurrency=1",
            "--loglevel=CRITICAL",
        ]
        self.workers[name] = subprocess.Popen(
            [*command, *options, "--without-gossip", "--without-mingle"]
            + [f"--hostname={name}"],
            env=self.environment,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill_one(self) -> bool:
        """One that is at work, and another takes its place; takes about a second."""
        answers = self.celery.control.ping(timeout=1.0)
        ready = [name for answer in answers for name in answer if name in self.workers]
        if not ready:
            return False
        _kill(self.workers.pop(random.choice(ready)))
        self.start_one()
        return True

    def ring(self, task: str) -> None:
        self.celery.send_task(task, ignore_result=True, expires=30)

    def stop(self) -> None:
        for worker in self.workers.values():
            _kill(worker)


def _kill(worker: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


@contextlib.contextmanager
def at_work(size: int, broker: str, mail_url: str, app: str) -> Iterator[Crew]:
    crew = Crew(size, broker, mail_url, app)
    try:
        yield crew
    finally:
        crew.stop()
