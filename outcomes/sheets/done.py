"""What was done about a complaint, here and elsewhere, as a sheet lists it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic import clock
from outcomes.sheets.person import Treated
from plans.course import exposure_rows, partial_days
from plans.models import Intervention, TreatmentElsewhere


@dataclass(frozen=True, slots=True)
class Done:
    on: date
    when: str
    what: str
    detail: str = ""


def newest(treated: Treated, most: int) -> tuple[list[Done], int]:
    """The newest first, and how many earlier ones are left out."""
    found = [_here(each, on) for each in treated.performed if (on := each.performed_on)]
    found += [_elsewhere(each) for each in treated.elsewhere]
    ordered = sorted(found, key=lambda each: each.on, reverse=True)
    return ordered[:most], max(len(ordered) - most, 0)


def _here(intervention: Intervention, on: date) -> Done:
    words, place = clock.in_words(on), where(intervention)
    return Done(on=on, when=words, what=intervention.title, detail=place)


def where(intervention: Intervention) -> str:
    """Level or place and side of what was treated; empty where nothing is recorded."""
    side = intervention.side if intervention.side not in ("none", "midline") else ""
    place = intervention.target or ", ".join(intervention.levels)
    if side == "bilateral":
        side = "both sides"
    return " ".join(filter(None, (place, "" if side in place else side)))


def _elsewhere(had: TreatmentElsewhere) -> Done:
    when = partial_days.in_words(had.began_on, had.precision)
    return Done(had.began_on, when, f"{had.what}, elsewhere")


def last_procedure(people: Sequence[Treated]) -> Intervention | None:
    """The newest needle over all complaints; else the newest of anything done here but
    a look back.
    """
    performed = [each for one in people for each in one.performed]
    done = [each for each in performed if not exposure_rows.is_review(each)]
    needles = [each for each in done if each.is_needle]
    return max(
        needles or done,
        key=lambda each: (each.performed_on or date.min, each.pk),
        default=None,
    )
