"""What was found on the invented patients: findings of a visit, by finding and side.

They are what a careful visit records for such a condition, so that the checklist and
the red flags say of the demo what they would say of a patient.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from patients.catalogue import findings
from patients.catalogue.findings import ABSENT, PRESENT
from patients.triage.cells import Entry
from patients.triage.origin_items import Cell

Here = Mapping[str, str]
REGIONS: dict[str, Sequence[str]] = {
    "foot": ("arch", "foot_outer"),
    "heel": ("heel_below",),
    "toes": ("small_toes",),
    "lower_leg": ("calf_outer",),
    "thigh": ("thigh_back",),
    "buttock": ("buttock",),
    "knee": ("knee_front",),
    "hip": ("hip_outer",),
    "groin": ("groin",),
    "shoulder": ("shoulder",),
    "low_back": ("low_back",),
}
# Recorded as normal on both sides, but where the condition says otherwise.
BACK_AND_LEG = (
    *("radiating_pain", "numbness", "weakness", "bending_sitting"),
    *("knee_jerk", "ankle_jerk", "ankle_dorsiflexion", "big_toe_extension"),
    *("hip_abduction", "ankle_inversion", "sensation_l5", "sensation_s1"),
    *("slr", "slump", "foot_reproduced", "heel_tender", "windlass"),
    *("pulse_dorsalis", "plantar_response"),
)
JOINT = ("numbness", "weakness", "pulse_dorsalis", "arm_numbness", "arm_weakness")
ASKED = ("RF01", "RF02", "RF08", "RF10")
_RADIATING = {
    "radiating_pain": PRESENT,
    "numbness": PRESENT,
    "bending_sitting": PRESENT,
    "back_pain": PRESENT,
    "cough_worse": PRESENT,
    "slr": PRESENT,
    "slr_angle": "50",
    "slump": PRESENT,
    "crossed_slr": ABSENT,
    "root_pattern": PRESENT,
    "worse_with": "sitting,bending",
    "better_with": "moving",
    "tried": "shoes,over_the_counter",
}
# On the painful side, or without a side; what a condition leaves out is normal.
FOUND: dict[str, Here] = {
    "fascia_turned_s1": {**_RADIATING, "ankle_jerk": "1", "sensation_s1": "reduced"},
    "foot_from_l5": {**_RADIATING, "sensation_l5": "reduced"},
    "foot_from_si_joint": {
        "radiating_pain": PRESENT,
        "pelvis_pain": PRESENT,
        "si_distraction": PRESENT,
        "si_compression": PRESENT,
        "si_thigh_thrust": PRESENT,
        "si_gaenslen": ABSENT,
        "si_sacral_thrust": ABSENT,
        "back_pain": PRESENT,
        "worse_with": "sitting,stairs",
        "better_with": "lying",
        "tried": "exercises,over_the_counter",
    },
    "foot_from_stenosis": {
        "walking_symptoms": PRESENT,
        "seated_relief": PRESENT,
        "forward_relief": PRESENT,
        "standing_trigger": PRESENT,
        "back_pain": PRESENT,
        "numbness": PRESENT,
        "abi": "1.05",
        "calf_claudication": ABSENT,
        "worse_with": "walking,standing",
        "better_with": "sitting,forward",
        "tried": "shoes,exercises",
    },
    "plantar_fascia": {
        "first_step_pain": PRESENT,
        "heel_tender": PRESENT,
        "windlass": PRESENT,
        "foot_reproduced": PRESENT,
        "worse_with": "first_steps,standing",
        "better_with": "rest",
        "tried": "shoes,rest",
    },
    "low_back": {
        "back_pain": PRESENT,
        "cough_worse": PRESENT,
        "lumbar_flexion": "limited_painful",
        "back_loading": PRESENT,
        "worse_with": "bending,lifting",
        "better_with": "lying",
        "tried": "physical_therapy",
    },
    "knee": {
        "knee_flexion_range": "115",
        "worse_with": "stairs,walking",
        "better_with": "rest",
        "tried": "exercises,steroid_injection",
    },
    "shoulder": {
        "movement_worse": PRESENT,
        "shoulder_abduction_range": "limited_painful",
        "worse_with": "overhead,night",
        "better_with": "rest",
        "tried": "physical_therapy",
    },
    "hip": {
        "hip_internal_rotation": "limited_painful",
        "hip_flexion_range": "95",
        "worse_with": "walking,stairs",
        "better_with": "rest",
        "tried": "over_the_counter",
    },
}
# A heel is looked at as a heel first; nobody has examined the back yet.
FIRST_LOOK: Here = {
    "first_step_pain": PRESENT,
    "heel_tender": PRESENT,
    "foot_reproduced": PRESENT,
    "worse_with": "standing,first_steps",
    "better_with": "rest",
    "tried": "shoes,rest",
    "story": "I was told that it comes from my shoes and from standing all day.",
}
# What an earlier history brings to light now and then, without hurry.
CANCER: Here = {"RF10": PRESENT}
INFECTION_RISK: Here = {"RF09": PRESENT}
MILD_WEAKNESS: Here = {"big_toe_extension": "4", "ankle_dorsiflexion": "4"}
WEAKNESS: Here = {"weakness": PRESENT, "big_toe_extension": "3"}
# Weak where the fibular nerve does not reach: the root, not the nerve.
FOOT_DROP: Here = {
    "foot_drop": PRESENT,
    "hip_abduction": "4",
    "ankle_inversion": "4",
    "ankle_dorsiflexion": "2",
    "big_toe_extension": "2",
}


@dataclass(frozen=True, slots=True)
class Pain:
    """Where and how much on the day of a visit, 0 to 10."""

    site: str
    side: str
    began_on: date
    at_site: int
    in_back: int


def first_look(pain: Pain) -> dict[Cell, Entry]:
    return _cells(pain, FIRST_LOOK, normal=())


def full(pain: Pain, condition: str, more: Here) -> dict[Cell, Entry]:
    """A whole examination; `more` was found on top of what is usual for it."""
    normal = BACK_AND_LEG if findings.has_checklist(pain.site) else JOINT
    return _cells(pain, {**FOUND[condition], **more}, normal=(*normal, *ASKED))


def told(pain: Pain, answers: Here) -> dict[Cell, Entry]:
    """What a patient answers at home: the pain, and the red flags."""
    return _cells(pain, answers, normal=ASKED)


def dated(
    entries: Mapping[Cell, Entry], codes: Collection[str], since_on: date
) -> dict[Cell, Entry]:
    """The same, and since when those of the findings that are present are so."""
    return {
        cell: Entry(entry.value, since_on)
        if cell[0] in codes and entry.value == PRESENT
        else entry
        for cell, entry in entries.items()
    }


def _cells(pain: Pain, here: Here, normal: Iterable[str]) -> dict[Cell, Entry]:
    asked = {d.key: d for d in findings.of_site(pain.site)}
    cells = {
        (code, side): Entry(_normal(asked[code]))
        for code in normal
        if code in asked
        for side in asked[code].sides
    }
    for code, value in {**_pain(pain), **here}.items():
        if code in asked:
            side = pain.side if asked[code].is_sided else "none"
            sides = asked[code].sides if side not in asked[code].sides else (side,)
            cells.update({(code, each): Entry(value) for each in sides})
    return cells


def _normal(definition: findings.Definition) -> str:
    return definition.normal or ABSENT


def _pain(pain: Pain) -> dict[str, str]:
    mark = f":{pain.side}" if pain.side != "none" else ""
    places = [f"{region}{mark}" for region in REGIONS[pain.site]]
    if pain.in_back > 0 and pain.site != "low_back":
        places.append("low_back")
    return {
        "pain_regions": ",".join(places),
        "pain_worst": places[0],
        "pain_onset": pain.began_on.isoformat(),
        "pain_site_now": str(pain.at_site),
        "pain_back_now": str(pain.in_back),
    }
