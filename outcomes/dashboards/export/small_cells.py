"""Which combinations of what may be known of somebody few people share. Pure."""

from collections.abc import Iterable, Mapping

from outcomes.dashboards import statistics
from outcomes.dashboards.export import csv_text
from outcomes.dashboards.export.columns import QUASI_IDENTIFIERS

Combination = tuple[str, ...]
HEADER = (*QUASI_IDENTIFIERS, "people", "courses", "rows")
SUPPRESSED = "suppressed"
FEW = f"fewer than {statistics.SMALLEST_SHOWN_CELL}"


class Tally:
    """Courses and rows of few people, by combination; kept as JSON between pieces."""

    def __init__(self, kept: Iterable[tuple[list[str], int, int]] = ()) -> None:
        self._counts: dict[Combination, tuple[int, int]] = {
            tuple(key): (courses, rows) for key, courses, rows in kept
        }

    def add(self, combination: Combination, rows: int) -> None:
        courses, before = self._counts.get(combination, (0, 0))
        self._counts[combination] = (courses + 1, before + rows)

    def as_json(self) -> list[list[object]]:
        return [[list(key), *counts] for key, counts in self._counts.items()]

    @property
    def total(self) -> tuple[int, int, int]:
        """Combinations, courses and rows."""
        courses = sum(c for c, _ in self._counts.values())
        return len(self._counts), courses, sum(r for _, r in self._counts.values())

    def told(self, people: Mapping[Combination, int]) -> str:
        """A line for each; `people` are those of combinations that few share."""
        lines = [
            (*key, people.get(key, FEW), *counts)
            for key, counts in sorted(self._counts.items())
        ]
        return csv_text.table(HEADER, lines)

    def told_together(self) -> str:
        """One line for who may not see the groups: what the file leaves out."""
        _, *counts = self.total
        if not counts[0]:
            return csv_text.table(HEADER, [])
        told = [FEW if statistics.is_too_few(count) else count for count in counts]
        left_out = [SUPPRESSED] * len(QUASI_IDENTIFIERS)
        return csv_text.table(HEADER, [(*left_out, SUPPRESSED, *told)])


def large(people: Mapping[Combination, int]) -> frozenset[Combination]:
    """Those that enough people share."""
    return frozenset(
        key for key, n in people.items() if n >= statistics.SMALLEST_SHOWN_CELL
    )


def tellable(people: Mapping[Combination, int]) -> frozenset[Combination]:
    """Those whose rows go to who may not see small groups.

    What is left out of a total that they know is then a group of its own, so that it
    must not be small either: the smallest of the large ones go with it.
    """
    kept = large(people)
    left_out = sum(n for key, n in people.items() if key not in kept)
    for key in sorted(kept, key=lambda one: (people[one], one)):
        if not left_out or not statistics.is_too_few(left_out):
            break
        kept -= {key}
        left_out += people[key]
    return kept
