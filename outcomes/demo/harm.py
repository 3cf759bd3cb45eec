"""Lots that procedures used, and what a few of them were followed by.

Drawn alone, so that answers and courses stay as they were.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from clinic.models import User
from outcomes.demo.asking import Moment
from outcomes.demo.batch import Batch
from plans.harm import lots
from plans.models import (
    AdverseEvent,
    AdverseEventRating,
    Intervention,
    LotUse,
    Modality,
)

Kind, Relatedness = LotUse.Kind, AdverseEvent.Relatedness
# A kit or drug lasts a quarter; the device stands in the room for years.
USED: dict[str, tuple[tuple[LotUse.Kind, str, str], ...]] = {
    Modality.PRP: (
        (Kind.KIT, "PRP kit 60 mL", "PK"),
        (Kind.CENTRIFUGE, "Bench centrifuge 2", ""),
    ),
    Modality.BONE_MARROW_CONCENTRATE: (
        (Kind.KIT, "Marrow kit 120 mL", "MK"),
        (Kind.CONCENTRATOR, "Cell concentrator 1", ""),
    ),
    Modality.IMAGE_GUIDED_INJECTION: (
        (Kind.DRUG, "Dexamethasone 10 mg/mL", "DX"),
        (Kind.CONTRAST, "Iohexol 240", "IH"),
    ),
}
EVENT_SHARE = 0.07
SETTLED_AFTER = timedelta(days=45)
# (category, days after, grade, relatedness, expected, in whose words)
Told = tuple[str, int, int, AdverseEvent.Relatedness, bool, str]
TOLD: dict[str, tuple[Told, ...]] = {
    Modality.PRP: (
        ("pain_flare", 1, 1, Relatedness.DEFINITE, True, "More pain for three days."),
        ("pain_flare", 2, 2, Relatedness.PROBABLE, True, "Slept badly for a week."),
        ("bleeding", 0, 1, Relatedness.DEFINITE, True, "Bruise at the needle."),
    ),
    Modality.BONE_MARROW_CONCENTRATE: (
        ("donor_site", 1, 2, Relatedness.DEFINITE, True, "Sore hip when sitting."),
        ("pain_flare", 2, 2, Relatedness.PROBABLE, True, "Crutches for two days."),
    ),
    Modality.IMAGE_GUIDED_INJECTION: (
        ("steroid_effect", 1, 1, Relatedness.PROBABLE, True, "Flushed face."),
        ("dural_headache", 1, 3, Relatedness.PROBABLE, False, "Could not stand up."),
        ("nerve", 0, 2, Relatedness.POSSIBLE, False, "Numb thigh for an evening."),
    ),
}


@dataclass(frozen=True, slots=True)
class Ward:
    """Who rates, and when it is."""

    moment: Moment
    raters: Sequence[User]


def add(
    batch: Batch, rng: Random, ward: Ward, interventions: Sequence[Intervention]
) -> None:
    for row in interventions:
        if row.status != Intervention.Status.PERFORMED or row.performed_on is None:
            continue
        batch.extend(used(row, row.performed_on))
        is_alive = row.plan.complaint.patient.deceased_on is None
        if row.modality in TOLD and is_alive and rng.random() < EVENT_SHARE:
            batch.extend(event(rng, ward, row, row.performed_on))


def used(row: Intervention, day: date) -> Iterator[LotUse]:
    quarter = f"{day:%y}{(day.month - 1) // 3 + 1}"
    for kind, name, letters in USED.get(row.modality, ()):
        # The first lot of a quarter, or the second.
        lot = f"{letters}-{quarter}-{'AB'[day.month % 2]}" if letters else ""
        use = lots.made(row, kind=kind, name=name, lot=lot)
        use.created_at = row.created_at
        yield use


def event(
    rng: Random, ward: Ward, row: Intervention, day: date
) -> Iterator[AdverseEvent | AdverseEventRating]:
    category, after, grade, relatedness, is_expected, words = rng.choice(
        TOLD[row.modality]
    )
    today = ward.moment.today
    onset_on = min(day + timedelta(days=after), today - timedelta(days=1))
    is_over = onset_on + SETTLED_AFTER < today
    told = AdverseEvent(
        clinic_id=row.clinic_id,
        patient=row.plan.complaint.patient,
        complaint=row.plan.complaint,
        intervention=row,
        origin=AdverseEvent.Origin.FREE_TEXT,
        onset_on=onset_on,
        category=category,
        description=words,
        is_serious=False,
        is_expected=is_expected,
        outcome="recovered" if is_over else "recovering",
        resolved_on=onset_on + timedelta(days=9) if is_over else None,
        reported_to=["none"],
        status="closed" if is_over else "open",
        opened_by=row.performed_by,
        created_at=ward.moment.at(onset_on, 15),
    )
    yield told
    for number, rater in enumerate(ward.raters[: rng.randint(1, 2)]):
        yield AdverseEventRating(
            clinic_id=row.clinic_id,
            event=told,
            rater=rater,
            # The second of them is sometimes milder.
            grade=max(grade - (number and rng.randint(0, 1)), 1),
            relatedness=relatedness,
            created_at=ward.moment.at(onset_on, 16 + number),
        )
