"""Real workers: started, killed without warning, started anew."""

import contextlib
import random
import subprocess
from collections.abc import Iterator, Sequence

from celery import Celery

from tests.faults import programs

# A worker that does everything; and the pair that `make run` starts.
ALL_WORK = ("--queues=celery,mail,text", "--concurrency=1")
MAKE_RUN = (
    ("--queues=celery", "--pool=solo"),
    ("--queues=mail", "--pool=threads", "--concurrency=2", "--prefetch-multiplier=1"),
)


class Crew:
    """Worker processes, each in a group of its own with what it started."""

    def __init__(
        self,
        options: Sequence[Sequence[str]],
        broker: str,
        mail_url: str,
        *,
        app: str = "config",
        **more: str,
    ) -> None:
        self.celery = Celery(broker=broker, set_as_current=False)
        self.app = app
        self.environment = {"REDIS_URL": broker, "EMAIL_URL": mail_url, **more}
        self.started = 0
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        for each in options:
            self.start_one(each)

    def start_one(self, options: Sequence[str] = ALL_WORK) -> None:
        self.started += 1
        name = f"w{self.started}@faults"
        self.workers[name] = programs.worker(
            name, *options, app=self.app, **self.environment
        )

    def kill_one(self) -> bool:
        """One that is at work, and another takes its place; takes about a second."""
        answers = self.celery.control.ping(timeout=1.0)
        ready = [name for answer in answers for name in answer if name in self.workers]
        if not ready:
            return False
        programs.kill(self.workers.pop(random.choice(ready)))
        self.start_one()
        return True

    @property
    def are_alive(self) -> bool:
        return all(worker.poll() is None for worker in self.workers.values())

    def ring(self, task: str) -> None:
        self.celery.send_task(task, ignore_result=True, expires=30)

    def stop(self) -> None:
        for worker in self.workers.values():
            programs.kill(worker)


@contextlib.contextmanager
def at_work(
    options: Sequence[Sequence[str]], broker: str, mail_url: str, **more: str
) -> Iterator[Crew]:
    crew = Crew(options, broker, mail_url, **more)
    try:
        yield crew
    finally:
        crew.stop()
