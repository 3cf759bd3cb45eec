"""How urgent it is what a patient has just said."""

from collections.abc import Collection, Mapping
from datetime import date

from outcomes.intake import reading
from outcomes.intake.sheet import Sheet
from outcomes.intake.steps import Step
from patients.catalogue.red_flags import Tier
from patients.triage import evaluations, flags, red_flags
from patients.triage.origin_items import Cell

Values = Mapping[Cell, str]


def of(values: Values, cells: Collection[Cell]) -> Tier | None:
    """The most urgent tier that these cells bring about; None where they bring none.

    By what was said, not by what it raised: a flag that stands already is no less an
    emergency when the patient speaks of it again.
    """
    without = tiers({cell: v for cell, v in values.items() if cell not in cells})
    brought = [
        tier for flag, tier in tiers(values).items() if without.get(flag) != tier
    ]
    return min(brought, default=None)


def tiers(values: Values) -> dict[str, Tier]:
    said = flags.answers(values, flags.derived(values, {}))
    return red_flags.raised(said, flags.details(values))


def of_step(sheet: Sheet, step: Step, today: date) -> Tier | None:
    """The same for what is stored of a screen, read afresh."""
    try:
        cells = reading.read(step, step.earlier(sheet.given), today).entries
    except reading.AnswerError:
        return None
    asked = [sheet.intakes[target.intake_id].evaluation for target in step.targets]
    found = [of(evaluations.values(evaluation), cells) for evaluation in asked]
    return min(filter(None, found), default=None)
