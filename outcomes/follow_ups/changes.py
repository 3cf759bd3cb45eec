"""What bringing a schedule in line would do to the rows that stand, and in words."""

from dataclasses import dataclass, field
from datetime import datetime

from outcomes.follow_ups.calendar import Desired
from outcomes.models import FollowUp

State = FollowUp.State


@dataclass(frozen=True, slots=True)
class Beginning:
    """The state in which a follow-up that nobody was asked yet stands."""

    state: str
    state_reason: str
    next_action_at: datetime | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A follow-up as it should be, and how it would stand if not asked yet."""

    desired: Desired
    beginning: Beginning

    @property
    def is_never_asked(self) -> bool:
        return self.beginning.state == State.EXPIRED


@dataclass(slots=True)
class Changes:
    """What a schedule does to the rows that stand."""

    planned: list[Placed] = field(default_factory=list)
    moved: list[tuple[FollowUp, Placed]] = field(default_factory=list)
    kept_open: list[tuple[FollowUp, Placed]] = field(default_factory=list)
    superseded: list[tuple[FollowUp, Placed]] = field(default_factory=list)
    # Cancelled when the patient left, and not over yet now that they are back.
    again: list[tuple[FollowUp, Placed]] = field(default_factory=list)
    # Answered: whether the answer lies in the window is read anew, nothing else.
    left_window: list[FollowUp] = field(default_factory=list)
    came_in_window: list[FollowUp] = field(default_factory=list)
    # Nothing about them changes but the moment of their end.
    stay: list[FollowUp] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(
            (
                self.planned,
                self.moved,
                self.kept_open,
                self.superseded,
                self.again,
                self.left_window,
                self.came_in_window,
            )
        )

    @property
    def counts(self) -> dict[str, int]:
        fresh = [*self.planned, *(placed for _, placed in self.superseded)]
        moved = [placed for _, placed in self.moved]
        return {
            "planned": sum(not placed.is_never_asked for placed in self.planned),
            "moved": sum(not placed.is_never_asked for placed in moved)
            + len(self.kept_open),
            "superseded": len(self.superseded),
            "never_asked": sum(p.is_never_asked for p in [*fresh, *moved]),
            **{key: number for key, number in self._rare.items() if number},
        }

    @property
    def _rare(self) -> dict[str, int]:
        return {
            "planned_again": len(self.again),
            "left_window": len(self.left_window),
            "came_in_window": len(self.came_in_window),
        }

    def in_words(self) -> list[str]:
        counts = self.counts
        sentences = {
            "planned": "{} planned",
            "planned_again": "{} planned again",
            "moved": "{} moved to the new dates",
            "superseded": "{} withdrawn after the patient was asked, and planned anew",
            "never_asked": "{} never asked, because the time for it has passed",
        }
        return [
            *(
                sentence.format(follow_ups_in_words(counts[key]))
                for key, sentence in sentences.items()
                if counts.get(key)
            ),
            *_answers(len(self.left_window), "out of window"),
            *_answers(len(self.came_in_window), "in the window again"),
        ]


def _answers(number: int, becomes: str) -> list[str]:
    if number == 1:
        return [f"1 answer becomes {becomes}"]
    return [f"{number} answers become {becomes}"] if number else []


def follow_ups_in_words(number: int) -> str:
    return f"{number} follow-up{'' if number == 1 else 's'}"
