"""The yearly questions after the last time point, until a year that a protocol names.

Late events and whether it lasts are what registries go on asking for, once a year
(CENTENO2016: up to nine years); few questions, so that people go on answering.
"""

from collections.abc import Iterable, Iterator, Sequence

from plans.protocols.definition import TimepointDefinition

LAST_YEAR = 10
YEAR = 365
# As many days before and after the day itself as around the shipped 24 months.
AROUND = 60
MEASURES = ("pain_site", "global_change", "events_late")
PURPOSE = "durability and late events"


def tail(
    points: Sequence[TimepointDefinition], until: int
) -> tuple[TimepointDefinition, ...]:
    """From the first year whose window opens after all others have closed."""
    return tuple(_asked(points, until)) if points else ()


def _asked(
    points: Sequence[TimepointDefinition], until: int
) -> Iterator[TimepointDefinition]:
    last = max(points, key=lambda point: point.offset_days)
    for year in range(first_year(points), until + 1):
        day = year * YEAR
        yield TimepointDefinition(
            key=f"y{year}",
            label=f"{year} year{'s' if year > 1 else ''}",
            offset_days=day,
            open_day=day - AROUND,
            close_day=day + AROUND,
            ask_day=day,
            measures=MEASURES,
            purpose=PURPOSE,
            grounding=f"every year after {last.label}"[:200],
            status=last.status,
            sources=last.sources,
        )


def first_year(points: Iterable[TimepointDefinition]) -> int:
    """Beyond the last year where the own time points go on for as long."""
    over = max((point.close_day for point in points), default=0)
    return max(1, (over + AROUND) // YEAR + 1)
