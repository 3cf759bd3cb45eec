"""What several raters of one adverse event hold together."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

SECOND_RATER_FROM = 3


class Rating(Protocol):
    """As far as it is compared; a row, or a stand-in."""

    @property
    def rater_id(self) -> UUID: ...
    @property
    def grade(self) -> int: ...
    @property
    def relatedness(self) -> str: ...


AnyRating = TypeVar("AnyRating", bound=Rating)


def held(ratings: Iterable[AnyRating]) -> list[AnyRating]:
    """The last word of each rater, in the order they were given."""
    latest: dict[UUID, AnyRating] = {}
    for rating in ratings:
        latest.pop(rating.rater_id, None)
        latest[rating.rater_id] = rating
    return list(latest.values())


def grade(ratings: Iterable[Rating]) -> int | None:
    """The highest that a rater holds: of two words the graver counts."""
    return max((rating.grade for rating in held(ratings)), default=None)


def needs_second_rater(ratings: Iterable[Rating]) -> bool:
    standing = held(ratings)
    return len(standing) == 1 and standing[0].grade >= SECOND_RATER_FROM


def disagreement(ratings: Iterable[Rating]) -> Sequence[str]:
    """In what the raters differ, by the last word of each; empty where they agree."""
    standing = held(ratings)
    grades = dict.fromkeys(f"grade {rating.grade}" for rating in standing)
    causes = dict.fromkeys(rating.relatedness for rating in standing)
    return [_listed([*words]) for words in (grades, causes) if len(words) > 1]


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
