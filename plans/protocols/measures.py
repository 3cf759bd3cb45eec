"""What a goal can aim at: the measures that are asked, and those that are taken."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class KnownMeasure:
    key: str
    name: str
    unit: str
    minimum: Decimal
    maximum: Decimal
    better_is: str


def known() -> dict[str, KnownMeasure]:
    """By key, in the order in which they are offered."""
    return {one.key: one for one in _KNOWN}


_KNOWN = (
    KnownMeasure("pain_site", "Pain at the site", "", Decimal(0), Decimal(10), "lower"),
    KnownMeasure("pain_back", "Back pain", "", Decimal(0), Decimal(10), "lower"),
    KnownMeasure(
        "activity_limits",
        "Limits on usual activity",
        "",
        Decimal(0),
        Decimal(10),
        "lower",
    ),
    KnownMeasure("weight_kg", "Weight", "kg", Decimal(20), Decimal(400), "lower"),
    KnownMeasure("bmi", "BMI", "kg/m²", Decimal(10), Decimal(100), "lower"),
    KnownMeasure(
        "active_minutes_week",
        "Active minutes a week",
        "min",
        Decimal(0),
        Decimal(5000),
        "higher",
    ),
)
