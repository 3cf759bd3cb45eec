"""How much of the pain a block took away: two numbers, and what they make."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from outcomes.clinician_parts import catalogue, known
from outcomes.clinician_parts.sheet import Sheet
from outcomes.in_clinic import diaries
from outcomes.models import Response, Score
from outcomes.plan_pages import relief
from plans.course import exposure
from plans.models import Intervention


@dataclass(frozen=True, slots=True)
class BlockResponse:
    before: Decimal | None
    after: Decimal
    before_from: str

    @property
    def percent(self) -> Decimal | None:
        return relief.percent(self.before, self.after)

    @property
    def words(self) -> str:
        if self.before is None:
            return f"Pain {self.after:f} after it; nobody asked before it."
        said = f"Pain {self.before:f} before ({self.before_from}), {self.after:f} after"
        if self.percent is None:
            return f"{said}: no percent of no pain."
        share = round(self.percent)
        return f"{said}: {abs(share)} % {'less' if share >= 0 else 'more'}."


def of(sheet: Sheet, latest: Response | None) -> BlockResponse | None:
    """None where no pain after a block is asked for, or none is known yet."""
    if all(part.key != catalogue.PAIN_AFTER_BLOCK for part in sheet.parts):
        return None
    after = _after(sheet, latest)
    if after is None:
        return None
    before, source = _before(sheet)
    return BlockResponse(_plain(before), _plain(after) or Decimal(0), source)


def _after(sheet: Sheet, latest: Response | None) -> Decimal | None:
    key = catalogue.PAIN_AFTER_BLOCK
    told = sheet.known.get(key)
    for answer in latest.answers.all() if latest else ():
        if answer.link_id == key:
            return answer.value
    return told.value if told else None


def _before(sheet: Sheet) -> tuple[Decimal | None, str]:
    """Asked right before the needle, or else the last answer that is a baseline."""
    for row in known.procedures(sheet.follow_up):
        before = _recorded_before(row)
        if before is not None:
            return Decimal(before), "asked just before"
    score = _last_score(sheet, sheet.follow_up.due_on)
    return (score.value, "the last answer") if score else (None, "")


def _recorded_before(row: Intervention) -> int | None:
    """With the procedure, or else with the diary that was opened after it."""
    diary = getattr(row, "block_diary", None)
    if diary is not None:
        return diaries.pain_before(diary)
    procedure = getattr(row, "procedure", None)
    return None if procedure is None else procedure.pain_before


def _last_score(sheet: Sheet, on: date) -> Score | None:
    return (
        Score.objects.filter(
            complaint=sheet.follow_up.episode.complaint_id,
            measure__key="pain_site",
            measured_on__range=(on - exposure.BASELINE_FOR, on),
        )
        .order_by("measured_on", "measured_at")
        .last()
    )


def _plain(value: Decimal | None) -> Decimal | None:
    """Without the zeros that a column adds."""
    return None if value is None else Decimal(f"{value.normalize():f}")
