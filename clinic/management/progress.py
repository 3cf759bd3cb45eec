"""Shows how far an import is: a bar at a terminal, plain lines elsewhere."""

from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

_STEPS = 10


class Lines:
    """A line for each stage and, where it is long, for each tenth of it."""

    def __init__(
        self, write: Callable[[str], object], *, long: int = 1_000_000
    ) -> None:
        self._write = write
        self._long = long
        self._name, self._total, self._said = "", 0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def stage(self, name: str, total: int) -> None:
        self._name, self._total, self._said = name, total, 0
        self._write(f"{name} ...")

    def at(self, done: int) -> None:
        step = _STEPS * done // self._total if self._total else _STEPS
        if self._total >= self._long and self._said < step < _STEPS:
            self._said = step
            self._write(f"{self._name} ... {100 * step // _STEPS} %")


class Bar:
    def __init__(self, terminal: TextIO) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=Console(file=terminal),
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def stage(self, name: str, total: int) -> None:
        self._task = self._progress.add_task(name, total=total)

    def at(self, done: int) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=done)
