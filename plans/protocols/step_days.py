"""On which day of the plan each step of a protocol is, its repeats included."""

from collections.abc import Sequence
from typing import Protocol as Shape


class StepLike(Shape):
    """A step of a protocol, stored or as a draft has it."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def after(self) -> str: ...
    @property
    def offset_days(self) -> int: ...
    @property
    def repeats(self) -> int: ...
    @property
    def every_days(self) -> int: ...


class StepOrderError(ValueError):
    """The steps wait for each other, or for one that is not there."""

    def __init__(self, step: str, problem: str) -> None:
        super().__init__(problem)
        self.step = step


def days(steps: Sequence[StepLike]) -> dict[str, list[int]]:
    """Days from the plan's start, one for each repeat, by the step's key.

    A step that comes `after` another is counted from that one's last repeat. Raises
    StepOrderError, which names the step, for an unknown one or a circle.
    """
    by_key = {step.key: step for step in steps}
    found: dict[str, list[int]] = {}
    for step in steps:
        _find(step, by_key, found, [])
    return {step.key: found[step.key] for step in steps}


def _find(
    step: StepLike,
    by_key: dict[str, StepLike],
    found: dict[str, list[int]],
    waiting: list[str],
) -> list[int]:
    if step.key in found:
        return found[step.key]
    if step.key in waiting:
        keys = [*waiting[waiting.index(step.key) :], step.key]
        circle = " after ".join(f"“{by_key[key].title or key}”" for key in keys)
        raise StepOrderError(step.key, f"The steps wait for each other: {circle}.")
    begins = 0
    if step.after:
        if step.after not in by_key:
            raise StepOrderError(
                step.key, f"There is no step {step.after!r} to come after."
            )
        before = _find(by_key[step.after], by_key, found, [*waiting, step.key])
        begins = before[-1]
    first = begins + step.offset_days
    found[step.key] = [first + n * step.every_days for n in range(step.repeats)]
    return found[step.key]
