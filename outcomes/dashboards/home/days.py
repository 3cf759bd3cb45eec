"""Which day's patients are asked for, and the days beside it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError

ONE_DAY = timedelta(days=1)
# Further away no schedule says who comes.
FARTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Days:
    day: date
    today: date

    @property
    def before(self) -> date:
        return self.day - ONE_DAY

    @property
    def after(self) -> date:
        return self.day + ONE_DAY

    @property
    def is_today(self) -> bool:
        return self.day == self.today

    @property
    def title(self) -> str:
        if self.is_today:
            return "Today’s patients"
        away = (self.day - self.today).days
        named = {1: "tomorrow", -1: "yesterday"}.get(away)
        return f"Patients of {named or f'{self.day:%A} {self.day.day} {self.day:%B}'}"


def asked(text: str, today: date) -> date:
    """Today where nothing is asked; ValidationError where it is no day."""
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValidationError("Give the day as 2026-03-12.") from None
    if abs(day - today) > FARTHEST:
        raise ValidationError("That day is more than a year away.")
    return day
