"""Which red flags a set of answers raises, and how urgent each is. Pure."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from patients.catalogue import findings
from patients.catalogue import red_flags as catalogue
from patients.catalogue.red_flags import Tier

# MRC grade from which a weakness is an emergency of the same day (RF06).
WEAK_GRADE = 3
ADULT_AGE = 18
# Millilitres left after voiding: 94.1 % sensitive for cauda equina (KATZOURAKI2020).
RETENTION_ML = 200


class Answer(StrEnum):
    """What was said to a flag; a flag that nobody asked about has no answer."""

    # New, or worse than it was.
    PRESENT = "present"
    ABSENT = "absent"
    # As it has long been, by a date that a clinician set.
    UNCHANGED = "unchanged"


def raised(
    answers: Mapping[str, Answer], details: Collection[str] = ()
) -> dict[str, Tier]:
    """The flags that are present, each with the tier that the others make of it."""
    present = {flag for flag, answer in answers.items() if answer == Answer.PRESENT}
    # Major trauma is a trauma, whatever was said, or not said, to the flag itself.
    present |= {catalogue.details()[detail].flag for detail in details}
    return {
        key: _tier(rule, present | set(details))
        for key, rule in catalogue.red_flags().items()
        if key in present
    }


def is_more_urgent(tier: str, than: str) -> bool:
    return Tier(tier) < Tier(than)


def strength_reasons(
    before: Mapping[tuple[str, str], int],
    now: Mapping[tuple[str, str], int],
    *,
    is_known: bool = False,
) -> list[str]:
    """Why grades of strength by (muscle, side) raise RF06, in words.

    MRC 3 or less, or a grade less than at the visit before (AAFP 2012: major or
    progressive deficit). A weakness that a clinician has dated is known: a muscle
    that was as weak at the visit before is none of the reasons then.
    """
    known = findings.definitions()
    reasons = []
    for (muscle, side), grade in now.items():
        label = f"{known[muscle].label.lower()} {side}"
        earlier = before.get((muscle, side))
        if earlier is not None and grade < earlier:
            reasons.append(f"{label} {earlier} to {grade} since the last visit")
        elif grade <= WEAK_GRADE and not (is_known and earlier is not None):
            reasons.append(f"{label} {grade} of 5")
    return reasons


def retention_reason(before: int | None, now: int | None, *, is_known: bool) -> str:
    """Why what is left after voiding raises RF02; empty where it does not.

    Retention that a clinician has dated is known where it was measured before.
    """
    if now is None or now < RETENTION_ML:
        return ""
    if is_known and before is not None and before >= RETENTION_ML:
        return ""
    return f"{now} ml left after voiding"


def age_reason(age: int) -> str:
    """Why an age in completed years raises RF24; empty for adults."""
    return f"{age} years old" if age < ADULT_AGE else ""


def _tier(rule: catalogue.RedFlagRule, present: Collection[str]) -> Tier:
    if rule.raised_tier and any(name in present for name in rule.raised_by):
        return min(rule.tier, rule.raised_tier)
    return rule.tier
