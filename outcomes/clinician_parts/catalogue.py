"""What the clinic does at a time point, and where the record holds it. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from plans.models import Timepoint
from plans.protocols import measures
from plans.protocols.measures import KnownMeasure

PATIENT, CLINICIAN = Timepoint.Who.PATIENT, Timepoint.Who.CLINICIAN
# Where a time point names nothing of the clinic's, the patient is looked at.
LOOKED_AT = "examination"


class How(StrEnum):
    """Who or what says it."""

    FINDINGS = "findings"  # an evaluation of the complaint
    PROCEDURE = "procedure"  # the form of the procedure
    NUMBER = "number"
    CHOICE = "choice"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing; `blocks` and `codes` are the findings that show it was done."""

    key: str
    name: str
    how: How
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    steps: Mapping[int, str] = dataclasses.field(default_factory=dict)
    blocks: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    is_required: bool = True
    # What the record says may be out of date: somebody confirms it.
    is_only_proposed: bool = False

    @property
    def is_asked(self) -> bool:
        """Can be said on the page; the rest is recorded where it belongs."""
        return self.how in (How.NUMBER, How.CHOICE, How.EVENTS)

    def fits(self, value: Decimal) -> bool:
        if self.how != How.NUMBER:
            return value in self.steps
        is_whole = value == value.to_integral_value() or self.unit in MEASURED_IN
        is_inside = self.low is None or self.high is None or self.low <= value
        return is_whole and is_inside and (self.high is None or value <= self.high)


# Units of what is measured; everything else is counted.
MEASURED_IN = ("kg", "kg/m²")
NONE, PARTIAL, COMPLETE = range(3)
PAIN_AFTER_BLOCK = "pain_after_block"
SESSIONS = "sessions_attended"
WEIGHT = "weight_kg"
EVENTS = "events_immediate"
PRODUCT = "product_characterization"
# Spinal infection, and what makes one likely.
INFECTION = frozenset({"RF08", "RF09"})
# A time of the reading belongs to these.
READ_AT_A_TIME = frozenset({PAIN_AFTER_BLOCK})

_FINDINGS = {
    "exam_neuro": frozenset({"reflexes", "strength", "sensation"}),
    "si_tests": frozenset({"si_joint"}),
    "foot_exam": frozenset({"local_foot", "circulation"}),
    "red_flag_screen": frozenset({"red_flags"}),
}
_CODES = {
    "infection_screen": INFECTION,
    "pain_site": frozenset({"pain_site_now"}),
    "pain_back": frozenset({"pain_back_now"}),
}
_STEPS = {
    "motor_block": {NONE: "None", PARTIAL: "Partial", COMPLETE: "Complete"},
    EVENTS: {NONE: "No event"},
    "events_late": {NONE: "No event"},
}
_DONE = {1: "Done, and written in the record"}


def parts_of(
    asked: Iterable[str], optional: Iterable[str], *, who: str
) -> Sequence[Part]:
    """The clinic's part of a time point that asks for these measures."""
    found = [part_of(key) for key in asked if _is_clinics(key, who)]
    found += [
        dataclasses.replace(part_of(key), is_required=False)
        for key in optional
        if _is_clinics(key, Timepoint.Who.BOTH)
    ]
    return found or [_looked_at()]


def _is_clinics(key: str, who: str) -> bool:
    """At a time point of the clinic alone, the clinic asks the patient's too."""
    known = measures.vocabulary().get(key)
    return known is not None and (who == CLINICIAN or known.who != PATIENT)


def part_of(key: str) -> Part:
    measure = measures.vocabulary()[key]
    low = high = None
    if isinstance(measure, KnownMeasure):
        low, high = measure.minimum, measure.maximum
    return Part(
        key=key,
        name=measure.name,
        how=_how(key, is_number=low is not None),
        unit=measure.unit,
        low=low,
        high=high,
        steps=_STEPS.get(key, _DONE),
        blocks=_FINDINGS.get(key, frozenset()),
        codes=_CODES.get(key, frozenset()),
        is_only_proposed=key == SESSIONS,
    )


def _how(key: str, *, is_number: bool) -> How:
    if key == PRODUCT:
        return How.PROCEDURE
    if is_number:
        return How.NUMBER
    if key in (EVENTS, "events_late"):
        return How.EVENTS
    return How.FINDINGS if key in _FINDINGS or key in _CODES else How.CHOICE


def _looked_at() -> Part:
    every = frozenset().union(*_FINDINGS.values())
    return Part(LOOKED_AT, "Examination", How.FINDINGS, blocks=every)
