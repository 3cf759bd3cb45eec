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
    # Nothing about them changes but the moment of their end.
    stay: list[FollowUp] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(
            (self.planned, self.moved, self.kept_open, self.superseded, self.again)
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
            **({"planned_again": len(self.again)} if self.again else {}),
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
            sentence.format(_follow_ups(counts[key]))
            for key, sentence in sentences.items()
            if counts.get(key)
        ]


def _follow_ups(number: int) -> str:
    return f"{number} follow-up{'' if number == 1 else 's'}"
