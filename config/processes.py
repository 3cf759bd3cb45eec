"""Keeps a handful of processes running, and stops them all together."""

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

# A process that lived this long has recovered: its next death is a first one.
STEADY_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
DEATHS_TO_WARN = 4

Say = Callable[[str], None]


def pause_before_restart(deaths: int) -> float:
    """Seconds to wait after that many deaths in a row."""
    return min(FIRST_PAUSE * 2.0 ** (deaths - 1), LONGEST_PAUSE)


def _dying_with(parent: int) -> Callable[[], None]:
    """What a new process does first, so that it does not outlive its starter."""

    def prepare() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def start_apart(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdout: int,
    stderr: int | None = None,
) -> subprocess.Popen[bytes]:
    """A process that the terminal's Ctrl-C does not reach, and that ends with us."""
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        preexec_fn=_dying_with(os.getpid()),
    )


class Child:
    """One program, in a process group of its own."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.process: subprocess.Popen[bytes] | None = None
        self.output = -1
        self.deaths = 0
        self.started_at = 0.0
        self.restart_at: float | None = None
        self.last_line = ""
        self._rest = b""

    def start(self) -> None:
        self._rest = b""
        self.restart_at = None
        self.started_at = time.monotonic()
        self.output, said = os.pipe()
        os.set_blocking(self.output, False)
        self.process = start_apart(
            self.command, self.environment, stdout=said, stderr=said
        )
        os.close(said)

    def close(self) -> None:
        os.close(self.output)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def ending(self) -> str:
        """How the last run ended, in words."""
        code = self.process.poll() if self.process else None
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def lines(self) -> Iterator[str]:
        """The whole lines said since the last call."""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self.output, 65536):
                self._rest += chunk
        *whole, self._rest = self._rest.split(b"\n")
        for line in whole:
            if text := line.decode(errors="replace").rstrip():
                self.last_line = text
                yield text

    def ask_to_stop(self) -> None:
        if self.process and self.is_running:
            self.process.terminate()

    def kill_group(self) -> None:
        """Ends whatever is left, also what a killed leader left behind."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Crew:
    """Children that run until they are told to stop; the dead are started again.

    `check` is called on every round, and may raise to leave the loop.
    """

    def __init__(self, say: Say, check: Callable[[], None]) -> None:
        self.say = say
        self.check = check
        self.children: list[Child] = []
        self._selector = selectors.DefaultSelector()

    def start(self, child: Child) -> None:
        self.children.append(child)
        self._start(child)

    def _start(self, child: Child) -> None:
        child.start()
        self._selector.register(child.output, selectors.EVENT_READ, child)

    def watch(self, seconds: float) -> None:
        """Pass on what the children say for a while and see to those that died."""
        for key, _ in self._selector.select(seconds):
            self._pass_on(key.data)
        for child in self.children:
            self._attend_to(child)
        self.check()

    def _pass_on(self, child: Child) -> None:
        for line in child.lines():
            self.say(f"{child.name:>6} | {line}")

    def _attend_to(self, child: Child) -> None:
        now = time.monotonic()
        if child.restart_at is None and not child.is_running:
            self._bury(child, now)
        if child.restart_at is not None and child.restart_at <= now:
            self._start(child)

    def _bury(self, child: Child, now: float) -> None:
        child.kill_group()
        self._pass_on(child)
        self._selector.unregister(child.output)
        child.close()
        lived = now - child.started_at
        child.deaths = 1 if lived > STEADY_SECONDS else child.deaths + 1
        pause = pause_before_restart(child.deaths)
        child.restart_at = now + pause
        self.say(_death_notice(child, pause))

    def stop(self, children: Sequence[Child], grace: float) -> None:
        """Ask nicely, then end what is still there when the grace is over."""
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + grace
        while any(c.is_running for c in children) and time.monotonic() < deadline:
            self._discard_output()
        for child in children:
            child.kill_group()
            self.children.remove(child)

    def _discard_output(self) -> None:
        """What a process says as it stops is of no use, but must not block it."""
        for key, _ in self._selector.select(0.02):
            if not list(key.data.lines()) and not key.data.is_running:
                self._selector.unregister(key.fileobj)


def _death_notice(child: Child, pause: float) -> str:
    if child.deaths < DEATHS_TO_WARN:
        return f"{child.name} stopped ({child.ending}); starting it again"
    said = f"; it said last: {child.last_line}" if child.last_line else ""
    return (
        f"{child.name} keeps stopping ({child.deaths} times in a row, "
        f"{child.ending}){said}; next try in {pause:.0f} s"
    )
