"""Going on past a warning: each needs a reason, and stays with what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.audit import By
from clinic.models import User
from plans.cautions import facts, rules
from plans.cautions.catalogue import cautions
from plans.cautions.rules import Caution
from plans.models import CautionPass, Intervention

# Where the verbs' and the API's faults are said.
FIELD = "caution_reasons"
# Told apart by pages, which name the missing ones with links to their inputs.
NO_REASON = "no_reason"
REASON_LENGTH = 300
# An import, or the demo: there is nobody to ask, and nothing is kept silent.
NOBODY_ASKED = "Recorded by the system; nobody was asked."


@dataclass(frozen=True, slots=True)
class Line:
    """A caution on a page: as it stands, as it was passed, or both."""

    key: str
    words: str
    action: str
    source: str
    stops: bool = False
    is_standing: bool = False
    flags: tuple[rules.StandingFlag, ...] = ()
    passed: CautionPass | None = None

    @property
    def needs_reason(self) -> bool:
        """Not where the same words were passed before."""
        is_passed = self.passed is not None and self.passed.words == self.words
        return self.is_standing and not self.stops and not is_passed


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is warned of before an intervention on a day."""

    lines: tuple[Line, ...]
    # Shown beside a steroid, never judged.
    steroid_mg: str = ""

    @property
    def is_stopped(self) -> bool:
        return any(line.stops for line in self.lines)

    @property
    def standing(self) -> list[Line]:
        return [line for line in self.lines if line.is_standing]


def sheet(intervention: Intervention, *, on: date, **changes: Any) -> Sheet:
    """What stands, and what was passed and is gone; costs seven queries.

    `changes` are columns as a form has them and nobody saved yet.
    """
    known = facts.gather(intervention, on=on, **changes)
    passed = of(intervention)
    standing = rules.standing(known, cautions().values())
    lines = [_line(caution, passed.pop(caution.key, None)) for caution in standing]
    lines += [_gone(row) for row in passed.values()]
    asks_steroid = known.holds_steroid is not False
    return Sheet(tuple(lines), known.steroid_mg if asks_steroid else "")


def of(intervention: Intervention) -> dict[str, CautionPass]:
    """Every caution that was passed, whether or not it would stand now."""
    rows = intervention.cautions_passed.select_related("passed_by")
    return {row.caution: row for row in rows}


@transaction.atomic
def require(
    intervention: Intervention, *, on: date, reasons: Mapping[str, str] | None, by: By
) -> list[CautionPass]:
    """Keep why somebody goes on past what stands on the day; to be called inside the
    verb that does the intervention, with its columns set.

    ValidationError where an open flag stops it, or where a reason is missing.
    """
    found = sheet(intervention, on=on)
    _check_stops(found.lines)
    given = _checked(reasons or {})
    waiting = [line for line in found.lines if line.needs_reason]
    if not isinstance(by, User):
        given = {line.key: NOBODY_ASKED for line in waiting} | given
    _check_reasons(waiting, given)
    kept = [_keep(intervention, line, given[line.key], by) for line in waiting]
    if kept:
        audit.record(
            by=by,
            action="cautions.passed",
            about=intervention,
            cautions={
                line.key: {
                    "reason": row.reason,
                    "before": line.passed and line.passed.reason,
                }
                for line, row in zip(waiting, kept, strict=True)
            },
        )
    return kept


def _line(caution: Caution, passed: CautionPass | None) -> Line:
    return Line(
        key=caution.key,
        words=caution.words,
        action=caution.action,
        source=caution.source,
        stops=caution.stops,
        is_standing=True,
        flags=caution.flags,
        passed=passed,
    )


def _gone(row: CautionPass) -> Line:
    """As it was shown then; its row of the data file may be gone too."""
    rule = cautions().get(row.caution)
    return Line(
        key=row.caution,
        words=row.words,
        action="",
        source=rule.source if rule else "",
        passed=row,
    )


def _check_stops(lines: Sequence[Line]) -> None:
    messages = [f"{line.words} {line.action}" for line in lines if line.stops]
    if messages:
        raise ValidationError(messages)


def _checked(reasons: Mapping[str, str]) -> dict[str, str]:
    """A reason for what does not stand (any more) is no fault."""
    unknown = [key for key in reasons if key not in cautions()]
    if unknown:
        known = ", ".join(cautions())
        raise ValidationError(
            {FIELD: f"{unknown[0]} is no caution; there are {known}."}
        )
    given = {key: text.strip() for key, text in reasons.items() if text.strip()}
    for key, text in given.items():
        if len(text) > REASON_LENGTH:
            raise ValidationError(
                {FIELD: f"{key}: use at most {REASON_LENGTH} characters."}
            )
    return given


def _check_reasons(waiting: Sequence[Line], given: Mapping[str, str]) -> None:
    missing = [line for line in waiting if line.key not in given]
    if missing:
        raise ValidationError(
            {
                FIELD: [
                    ValidationError(
                        f"{line.words} Say why you go on ({line.key}).", code=NO_REASON
                    )
                    for line in missing
                ]
            }
        )


def _keep(intervention: Intervention, line: Line, reason: str, by: By) -> CautionPass:
    """One row a caution: what it said the time before stays in the audit."""
    row, _ = CautionPass.objects.update_or_create(
        intervention=intervention,
        caution=line.key,
        defaults={
            "clinic_id": intervention.clinic_id,
            "words": line.words,
            "reason": reason,
            "passed_by": by if isinstance(by, User) else None,
            "created_at": clock.now(),
        },
    )
    return row
