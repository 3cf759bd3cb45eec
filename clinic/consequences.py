"""What a change in one app does to the apps above it, said before and then done.

An app registers, in its own module `consequences`, what a named change would do to
its rows (`preview`, in words) and how to do it (`apply`, in the caller's transaction).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Preview = Callable[..., list[str]]
Apply = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Consequence:
    preview: Preview
    apply: Apply


_registry: dict[str, list[Consequence]] = defaultdict(list)


def nothing_to_say(subject: Any, **_: Any) -> list[str]:
    return []


def nothing_to_do(subject: Any, **_: Any) -> None:
    pass


def register(
    change: str, *, apply: Apply = nothing_to_do, preview: Preview = nothing_to_say
) -> None:
    consequence = Consequence(preview=preview, apply=apply)
    if consequence not in _registry[change]:
        _registry[change].append(consequence)


def preview(change: str, subject: Any, **details: Any) -> list[str]:
    """What `apply` with the same arguments would do, one sentence each."""
    return [
        sentence
        for consequence in _registry[change]
        for sentence in consequence.preview(subject, **details)
    ]


def apply(change: str, subject: Any, **details: Any) -> None:
    for consequence in _registry[change]:
        consequence.apply(subject, **details)
