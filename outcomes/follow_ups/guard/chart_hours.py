"""The coming day's invitations as bars, an hour each: numbers to geometry. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

LABEL_EVERY, FEW_LABELS_EVERY = 3, 6
# Half of the first label stands left of the first bar.
MARGIN = 12


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    number: int
    x: float
    y: float
    height: float
    is_labelled: bool
    # Where there is little room, these labels are left out.
    is_minor: bool


@dataclass(frozen=True, slots=True)
class HoursChart:
    template_name: ClassVar[str] = "outcomes/guard/_hours.svg"
    width: ClassVar[int] = 744
    height: ClassVar[int] = 150
    bar: ClassVar[int] = 22
    step: ClassVar[int] = 30
    base: ClassVar[int] = 122

    bars: list[Bar]

    @property
    def total(self) -> int:
        return sum(bar.number for bar in self.bars)

    @property
    def peak(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.number)

    @property
    def description(self) -> str:
        if not self.total:
            return "Nobody is to be asked in the next 24 hours."
        people = "1 patient" if self.total == 1 else f"{self.total:,} patients"
        return (
            f"{people} in the next 24 hours, "
            f"most from {self.peak.label}: {self.peak.number:,}."
        )


def hours_chart(numbers: Sequence[int], first: datetime, zone: str) -> HoursChart:
    """One bar for each hour from `first` on, labelled on the clinic's clock."""
    most = max([*numbers, 1])
    room = HoursChart.base - 24
    bars = []
    for place, number in enumerate(numbers):
        height = round(number / most * room, 1)
        local = (first + timedelta(hours=place)).astimezone(ZoneInfo(zone))
        bars.append(
            Bar(
                label=f"{local:%H:%M}",
                number=number,
                x=MARGIN + place * HoursChart.step,
                y=HoursChart.base - height,
                height=height,
                is_labelled=place % LABEL_EVERY == 0,
                is_minor=place % FEW_LABELS_EVERY != 0,
            )
        )
    return HoursChart(bars)
