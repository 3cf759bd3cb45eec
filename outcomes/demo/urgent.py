"""Red flags of the invented patients: raised by the rules, then acted on or not yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from django.db.models import Model

from outcomes.demo import examinations
from outcomes.demo.asking import Moment
from outcomes.demo.examinations import Here
from outcomes.demo.stories import ComplaintStory
from patients.catalogue.findings import PRESENT
from patients.models import RedFlag, RedFlagEvent
from patients.triage import flags, red_flags
from patients.triage.origin_items import Cell

if TYPE_CHECKING:
    from outcomes.demo.visits import Looked

Kind = RedFlagEvent.Kind
# What carries the day on which a deficit began.
DATED = frozenset({"foot_drop", "weakness", "RF01"})


@dataclass(frozen=True, slots=True)
class UrgentStory:
    """A visit so many days ago, what it found, and how many days ago that began."""

    days_ago: int
    found: Here
    began: int = 0
    is_acted_on: bool = True
    is_told_by_patient: bool = False


STORIES = {
    "foot_drop": UrgentStory(0, examinations.FOOT_DROP, began=12, is_acted_on=False),
    "weakness": UrgentStory(9, examinations.WEAKNESS, began=41),
    "saddle": UrgentStory(1, {"RF01": PRESENT}, began=1, is_told_by_patient=True),
    "cancer": UrgentStory(3, examinations.CANCER, is_acted_on=False),
    "infection_risk": UrgentStory(6, examinations.INFECTION_RISK, is_acted_on=False),
}
# Minutes to the first action, and days until nothing was left to do, by tier.
TO_ACT = {"E0": (4, 20), "E1": (8, 110), "E2": (900, 4300), "E3": (3000, 9000)}
TO_CLOSE = {"E0": (2, 6), "E1": (3, 12), "E2": (9, 28), "E3": (9, 40)}
ACTIONS = {
    "RF01": "Called at home within the quarter of an hour and sent to the emergency "
    "department; the spine surgeon on call knows.",
    "RF06": "Examined again by the physician; urgent MRI ordered, spine surgeon told.",
    "RF09": "Asked in detail: no fever, no new deficit. Blood count and CRP ordered.",
    "RF10": "Oncologist asked for the last staging; MRI ordered.",
}
ENDINGS = {
    "RF06": "MRI without a fragment, strength coming back; followed here.",
    "RF09": "CRP normal, no sign of an infection.",
    "RF10": "Staging and MRI without a sign of spread.",
}
CALLED = "The patient was called and came in the same day."
DONE = "Looked into; nothing is left to do."


def raised(
    values: Mapping[Cell, str], earlier: Mapping[Cell, int], site: str
) -> dict[str, tuple[str, str]]:
    """Tier and reason by flag, by the rules of the clinic's own entries."""
    reasons = flags.derived(values, earlier, site=site)
    tiers = red_flags.raised(flags.answers(values, reasons), flags.details(values))
    return {flag: (tier, reasons.get(flag, "")) for flag, tier in tiers.items()}


def rows(
    rng: Random,
    moment: Moment,
    about: ComplaintStory,
    looked: "Looked",
    found: Mapping[str, tuple[str, str]],
) -> Iterator[Model]:
    story = STORIES.get(about.urgent)
    is_left_open = story is not None and not story.is_acted_on
    for key, (tier, reason) in found.items():
        flag = _flag(looked, key, tier)
        yield flag
        yield _event(flag, Kind.RAISED, flag.raised_at, reason)
        acted_at = flag.raised_at + timedelta(minutes=rng.randint(*TO_ACT[tier]))
        if is_left_open or acted_at > moment.now:
            continue
        yield _acknowledged(flag, acted_at)
        closed_at = acted_at + timedelta(days=rng.randint(*TO_CLOSE[tier]))
        if story is None and closed_at < moment.now:
            yield _closed(flag, closed_at)


def _flag(looked: "Looked", key: str, tier: str) -> RedFlag:
    evaluation = looked.evaluation
    is_told = evaluation.started_by is None
    who = RedFlag.Informant
    return RedFlag(
        clinic_id=evaluation.clinic_id,
        patient_id=evaluation.complaint.patient_id,
        complaint=evaluation.complaint,
        evaluation=evaluation,
        flag=key,
        tier=tier,
        informant=who.PATIENT if is_told else who.STAFF,
        raised_at=evaluation.created_at,
        created_at=evaluation.created_at,
    )


def _acknowledged(flag: RedFlag, at: datetime) -> RedFlagEvent:
    flag.state, flag.acknowledged_at = RedFlag.State.ACKNOWLEDGED, at
    flag.acknowledged_by = flag.evaluation.signed_by if flag.evaluation else None
    flag.action = ACTIONS.get(flag.flag, CALLED)
    return _event(flag, Kind.ACKNOWLEDGED, at, flag.action)


def _closed(flag: RedFlag, at: datetime) -> RedFlagEvent:
    flag.state, flag.closed_at = RedFlag.State.CLOSED, at
    flag.closed_by = flag.acknowledged_by
    note = ENDINGS.get(flag.flag, DONE)
    return _event(flag, Kind.CLOSED, at, note)


def _event(flag: RedFlag, kind: str, at: datetime, note: str) -> RedFlagEvent:
    is_patients = kind == Kind.RAISED and flag.informant == RedFlag.Informant.PATIENT
    by = flag.evaluation.signed_by if flag.evaluation and not is_patients else None
    return RedFlagEvent(
        clinic_id=flag.clinic_id,
        red_flag=flag,
        at=at,
        kind=kind,
        tier=flag.tier,
        by=by,
        note=note,
    )
