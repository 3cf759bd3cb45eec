"""What goes on for weeks: sessions with a therapist, and weight, steps and chairs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from outcomes.demo.needles import picked
from outcomes.demo.treated import Treated, amount
from plans.models import LifestyleMeasurement, ProtocolStep

Values = dict[str, Any]
# Keys of the protocols' steps: what looks back at another one, and what is no program.
REVIEWS, POSTURE = ProtocolStep.REVIEWS, "posture"
BACK = (
    "core_strength",
    "directional_preference",
    "neural_mobility",
    "posture_ergonomics",
    "education",
)
FOCUS: dict[str, tuple[str, ...]] = {
    "fascia_turned_s1": BACK,
    "foot_from_l5": BACK,
    "low_back": BACK,
    "foot_from_si_joint": ("hip_strength", "core_strength", "manual_therapy"),
    "foot_from_stenosis": ("balance_gait", "aerobic", "core_strength", "education"),
    "plantar_fascia": ("calf_plantar_loading", "manual_therapy", "education"),
    "knee": ("hip_strength", "balance_gait", "aerobic"),
    "hip": ("hip_strength", "balance_gait", "manual_therapy"),
    "shoulder": ("posture_ergonomics", "manual_therapy", "education"),
}
BARRIERS = {"none": 10, "time": 6, "pain": 4, "cost": 2, "low_confidence": 1}
WHY_STOPPED = {
    "No benefit so far": "no_benefit",
    "Moved away": "moved",
    "Insurance no longer pays": "cost_or_insurance",
}
SESSIONS_A_WEEK = 1.6
# (share of patients, how much of the weight is gone after half a year)
LOSSES = ((0.5, (0.03, 0.09)), (0.8, (-0.005, 0.02)), (1.0, (-0.035, -0.01)))
HALF_A_YEAR = 182
MEASURED_AFTER = (0, 31, 92, 152, 210)
DESK = ("screen_height", "lumbar_support", "stand_breaks", "foot_support")


@dataclass(frozen=True, slots=True)
class Body:
    """A patient's, the same whatever is done; `loss` is after half a year."""

    height_cm: float
    weight_kg: float
    smoking: str
    loss: float


def therapy(rng: Random, treated: Treated) -> Values:
    prescribed = rng.choice((6, 8, 10, 12, 12, 16))
    due = min(prescribed, int(treated.days_known / 7 * SESSIONS_A_WEEK))
    attended = sum(rng.random() < rng.uniform(0.62, 1.0) for _ in range(due))
    home, eagerness = rng.choice((3, 5, 5, 7)), rng.uniform(0.3, 1.0)
    trained: Values = {"target": treated.about.site.replace("_", " ")}
    if treated.step in REVIEWS:
        return trained
    described: Values = trained | {
        "home_days_prescribed": home,
        "home_days_done": round(home * eagerness),
        "adherence_0_10": round(10 * eagerness),
        "barrier": "none" if eagerness > 0.85 else picked(rng, BARRIERS),
    }
    known = FOCUS[treated.about.condition.key]
    described["focus"] = rng.sample(known, rng.randint(2, len(known) - 1))
    described["sessions_prescribed"] = prescribed
    described["sessions_attended"] = attended
    described["sessions_missed"] = due - attended
    if treated.story.status == "stopped" and due < prescribed:
        why = WHY_STOPPED.get(treated.story.end_reason, "other")
        described["stop_reason"] = why
    return described


def body(treated: Treated) -> Body:
    """Drawn by the person alone, so that two programs weigh the same one."""
    person = treated.person
    rng = Random(f"{person.mrn}:{person.family_name}:body")  # noqa: S311
    mean = {"female": 163.0, "male": 177.0}.get(person.sex, 170.0)
    height = rng.gauss(mean, 6.5)
    kind = rng.random()
    loss = next(loss for share, loss in LOSSES if kind <= share)
    return Body(
        height_cm=height,
        weight_kg=rng.uniform(25, 36) * (height / 100) ** 2,
        smoking=picked(rng, {"never": 11, "former": 6, "current": 4}),
        loss=rng.uniform(*loss),
    )


def lifestyle(rng: Random, treated: Treated) -> Values:
    """What is aimed at; a review agrees on what comes next."""
    if treated.step in REVIEWS:
        return {"active_minutes_target": rng.choice((120, 150, 150, 180))}
    if treated.step == POSTURE:
        return {"sitting_hours_target": amount(rng.choice((5, 6, 6, 7)))}
    one = body(treated)
    aims: Values = {
        "height_cm": amount(one.height_cm),
        "weight_target_kg": amount(one.weight_kg * 0.95, 0),
        "active_minutes_target": 150,
    }
    if one.smoking == "current":
        aims["smoking_target"] = rng.choice(("quit", "cut_down"))
    return aims


def measurements(treated: Treated) -> Iterator[LifestyleMeasurement]:
    """At the start and at each review that was kept, for as long as it goes on.

    Drawn by the person and the day: pain on two sides has one body to weigh.
    """
    if treated.step in (*REVIEWS, POSTURE):
        return
    rng = Random(f"{treated.person.mrn}:{treated.on}:measured")  # noqa: S311
    one, begins = body(treated), rng.choice((0, 1, 2, 3))
    minutes, gain = rng.choice((15, 20, 25, 30)), rng.choice((0, 0, 1, 1, 2))
    sitting = rng.uniform(6, 10)
    for number, after in enumerate(MEASURED_AFTER):
        after += rng.randint(0, 6) if number else 0
        is_kept = number == 0 or rng.random() < 0.86
        if after <= treated.days_known and is_kept:
            passed = min(after / HALF_A_YEAR, 1.0)
            days = min(begins + gain * number, 6)
            yield LifestyleMeasurement(
                clinic_id=treated.row.clinic_id,
                intervention=treated.row,
                measured_on=treated.on + timedelta(days=after),
                weight_kg=amount(
                    one.weight_kg * (1 - one.loss * passed) + rng.gauss(0, 0.5)
                ),
                active_days=days,
                active_minutes=minutes if days else None,
                strength_days=min(number, 2),
                sitting_hours=amount(sitting - gain * 0.4 * number),
                desk_setup=list(DESK[: min(number, 3)]),
                smoking=one.smoking,
                sleep_hours=amount(rng.uniform(5.5, 8)) if rng.random() < 0.5 else None,
                created_at=treated.moment.at(treated.on + timedelta(days=after), 10),
            )
