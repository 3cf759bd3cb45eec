import contextlib
import os
import sys
import time
from collections.abc import Iterator

import pytest

from config.processes import Child, Crew, pause_before_restart

# Starts a process of its own, as a Celery worker does, and tells its number.
WITH_GRANDCHILD = """
import subprocess, sys, time
kept = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(kept.pid, flush=True)
time.sleep(60)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


class Stage:
    """A crew whose words are kept."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.crew = Crew(self.said.append, lambda: None)

    def start(self, program: str) -> Child:
        child = Child("worker", [sys.executable, "-c", program], dict(os.environ))
        self.crew.start(child)
        return child

    def watch_until(self, word: str, times: int = 1) -> str:
        deadline = time.monotonic() + 10
        while sum(word in line for line in self.said) < times:
            assert time.monotonic() < deadline, self.said
            self.crew.watch(0.05)
        return next(line for line in reversed(self.said) if word in line)


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.crew.stop(list(stage.crew.children), 0)


def is_alive(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")")[-1].split()[0] != "Z"
    return False


def is_soon_gone(pid: int) -> bool:
    deadline = time.monotonic() + 2
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


def test_pauses_grow_to_half_a_minute() -> None:
    assert [pause_before_restart(n) for n in (1, 2, 3, 9)] == [0.5, 1.0, 2.0, 30.0]


def test_what_a_child_says_carries_its_name(stage: Stage) -> None:
    stage.start("import time; print('hello', flush=True); time.sleep(60)")
    assert stage.watch_until("hello") == "worker | hello"


def test_a_killed_child_is_started_again_without_its_old_family(stage: Stage) -> None:
    child = stage.start(WITH_GRANDCHILD)
    orphan = int(stage.watch_until("worker |").split()[-1])
    assert child.process
    child.process.kill()
    assert "killed by SIGKILL" in stage.watch_until("starting it again")
    assert is_soon_gone(orphan)
    stage.watch_until("worker |", times=2)
    assert child.is_running


def test_a_child_that_keeps_dying_is_said_with_its_last_words(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.processes.FIRST_PAUSE", 0.01)
    stage.start("import sys; print('no such table'); sys.exit(3)")
    notice = stage.watch_until("keeps stopping")
    assert "exit code 3" in notice
    assert "no such table" in notice


def test_stopping_ends_a_child_that_does_not_listen(stage: Stage) -> None:
    child = stage.start(DEAF)
    stage.watch_until("ready")
    began = time.monotonic()
    stage.crew.stop([child], grace=0.3)
    assert time.monotonic() - began < 2
    assert not child.is_running


def test_stopping_ends_the_whole_family(stage: Stage) -> None:
    child = stage.start(WITH_GRANDCHILD)
    orphan = int(stage.watch_until("worker |").split()[-1])
    stage.crew.stop([child], grace=1)
    assert is_soon_gone(orphan)
