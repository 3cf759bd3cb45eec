"""What stands on a plan's time axis: lanes of entries, for drawing and table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from clinic import clock
from outcomes.dashboards.charts import text as chart_text


class Look(StrEnum):
    """How an entry is drawn; the word of its state says the same."""

    HOLLOW = "hollow"
    OPEN = "open"
    FILLED = "filled"
    STRUCK = "struck"


class Kind(StrEnum):
    MARKS = "marks"
    WINDOWS = "windows"
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class Entry:
    """`on` to `until` where it lasts; `due` is the day inside that counts."""

    what: str
    state: str
    on: date
    look: Look
    until: date | None = None
    due: date | None = None
    # What the drawing writes beside it, where there is room.
    short: str = ""
    detail: str = ""
    # Where less than the day is known.
    when: str = ""
    value: Decimal | None = None
    tone: str = ""
    is_index: bool = False

    @property
    def last(self) -> date:
        return self.until or self.on

    @property
    def counts_on(self) -> date:
        return self.due or self.on

    @property
    def when_words(self) -> str:
        if self.when:
            return self.when
        if self.due is not None:
            return clock.in_words(self.due)
        if self.until is not None and self.until != self.on:
            return f"{clock.in_words(self.on)} to {clock.in_words(self.until)}"
        return clock.in_words(self.on)

    @property
    def window_words(self) -> str:
        if self.due is None or self.until is None:
            return ""
        return f"{clock.in_words(self.on)} to {clock.in_words(self.until)}"

    @property
    def value_text(self) -> str:
        return "" if self.value is None else chart_text.number(self.value)

    @property
    def spoken(self) -> str:
        facts = [f"{self.when_words}: {self.what}", self.detail, self.value_text]
        if self.window_words:
            facts.append(f"window {self.window_words}")
        return ", ".join(fact for fact in [*facts, self.state] if fact)


@dataclass(frozen=True, slots=True)
class Lane:
    key: str
    title: str
    kind: Kind
    entries: tuple[Entry, ...]
    # A place in geometry.STYLES; its shape is the lane's mark.
    style: int = 0
    note: str = ""
    # A value to reach, for a lane of values, and what that is called.
    level: Decimal | None = None
    level_words: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    lane: str
    entry: Entry


def table_rows(lanes: Sequence[Lane]) -> list[TableRow]:
    """Everything that is drawn, in the order of its days."""
    rows = [TableRow(lane.title, entry) for lane in lanes for entry in lane.entries]
    return sorted(rows, key=lambda row: row.entry.counts_on)


def description(lanes: Sequence[Lane]) -> str:
    """One sentence a lane, with how many of which state."""
    return " ".join(_sentence(lane) for lane in lanes)


def _sentence(lane: Lane) -> str:
    if lane.kind == Kind.VALUES:
        first, last = lane.entries[0], lane.entries[-1]
        span = f"{first.value_text} on {first.when_words}"
        if first is not last:
            span += f", {last.value_text} on {last.when_words}"
        return f"{lane.title}: {span}."
    counts: dict[str, int] = {}
    for entry in lane.entries:
        counts[entry.state] = counts.get(entry.state, 0) + 1
    words = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{lane.title}: {words}."
