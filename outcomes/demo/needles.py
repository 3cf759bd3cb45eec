"""What a needle's record says: the procedure itself, an injection, a marrow harvest."""

from random import Random
from typing import Any

from outcomes.demo import courses
from outcomes.demo.treated import Treated, amount
from plans.models import Modality

Values = dict[str, Any]
BLOOD_THINNER = {"none": 83, "held": 11, "continued": 5, "bridged": 1}
SEDATION = {
    Modality.PRP: {"none": 9, "oral": 1},
    Modality.BONE_MARROW_CONCENTRATE: {"none": 3, "oral": 4, "iv": 3},
    Modality.IMAGE_GUIDED_INJECTION: {"none": 8, "oral": 1, "iv": 1},
}
COMPLICATIONS = {"none": 95, "vasovagal": 3, "bleeding": 2}
# After a block that was put where the pain comes from.
RELIEF = ((0.78, (0.55, 1.0)), (1.0, (-0.1, 0.45)))
SPREAD = {
    "transforaminal": "along_nerve_root",
    "si_joint_intra_articular": "intra_articular",
    "peripheral_joint": "intra_articular",
}
DIAGNOSTIC_SHARE = 0.4
REACTIONS = {"none": 68, "flushing": 18, "insomnia": 9, "headache": 5}
SAME_SIDE = 0.7
PURPOSES = ("therapeutic", "both")


def procedure(rng: Random, treated: Treated) -> Values:
    """What every needle has; counts and agents come from its modality."""
    modality, way = Modality(treated.row.modality), treated.way
    guidance = picked(rng, way.guidance)
    is_injection = modality == Modality.IMAGE_GUIDED_INJECTION
    return {
        "consent": treated.consent,
        "anticoagulant_plan": picked(rng, BLOOD_THINNER),
        "nsaid_hold_days": None if is_injection else rng.choice((5, 7, 7, 10, 14)),
        "pain_before": courses.pain(rng, treated.about.course, treated.on),
        "guidance": guidance,
        "image_saved": rng.random() < 0.93,
        "needle_gauge": rng.choice((22, 25) if way.levels else (21, 22)),
        "passes": rng.choice((1, 1, 1, 2, 3)),
        "local_anaesthetic": "Lidocaine",
        "local_anaesthetic_percent": amount(1),
        "local_anaesthetic_ml": amount(rng.choice((2, 3, 4, 5))),
        "sedation": picked(rng, SEDATION[modality]),
        "complications": [picked(rng, COMPLICATIONS)],
        **_imaging(rng, treated, guidance),
    }


def _imaging(rng: Random, treated: Treated, guidance: str) -> Values:
    if guidance == "ultrasound":
        return {}
    found: Values = {
        "contrast": "iodinated",
        "contrast_ml": amount(rng.choice((0.5, 1.0, 1.5, 2.0))),
        "contrast_pattern": SPREAD.get(treated.way.route, "epidural"),
    }
    if guidance != "ct":
        found["fluoro_seconds"] = rng.randint(9, 48)
    return found


def injection(rng: Random, treated: Treated) -> Values:
    """An epidural, a nerve root or a joint; a joint is a question as well."""
    is_question = treated.way.site == "si_joint" or rng.random() < DIAGNOSTIC_SHARE
    before = courses.pain(rng, treated.about.course, treated.on)
    found: Values = {
        "performed_at": None,
        "route": treated.way.route,
        "purpose": PURPOSES[is_question],
        "steroid": "dexamethasone",
        "steroid_mg": amount(rng.choice((8, 10, 10, 10, 12))),
        "anaesthetic_ml": amount(rng.choice((1, 1, 1.5, 2))),
        "test_dose": rng.random() < 0.3,
        "concordant_pain": picked(rng, {"yes": 6, "partly": 3, "no": 1}),
        "pain_before": before,
    }
    if is_question or rng.random() < 0.7:
        found["pain_after_30min"] = courses.rating(before * (1 - _relief(rng)))
    if treated.days_known >= 14:
        found["systemic_reaction_2w"] = [picked(rng, REACTIONS)]
    return found


def _relief(rng: Random) -> float:
    kind = rng.random()
    share = next(relief for most, relief in RELIEF if kind <= most)
    return rng.uniform(*share)


def marrow(rng: Random, treated: Treated) -> Values:
    draws = [rng.choice((5, 6, 8, 8, 10)) for _ in range(rng.randint(6, 10))]
    made = rng.uniform(6, 11)
    side = treated.about.side if treated.about.side != "none" else "right"
    is_same = rng.random() < SAME_SIDE
    found: Values = {
        "harvest_site": "posterior_iliac_crest",
        "harvest_side": side if is_same else "both",
        "harvest_guidance": picked(
            rng, {"fluoroscopy": 5, "ultrasound": 3, "landmark": 2}
        ),
        "needle": rng.choice(("11 gauge, side holes", "13 gauge, side holes")),
        "aspirations": draws,
        "aspirate_total_ml": amount(sum(draws), 0),
        "anticoagulant": picked(rng, {"heparin": 5, "acd_a": 4, "both": 1}),
        "concentrate_ml": amount(made),
        "injected_ml_by_target": [
            {"target": treated.target, "ml": amount(made - rng.uniform(0.2, 0.9))}
        ],
        "added_products": [picked(rng, {"none": 8, "prp": 2})],
        "culture_done": "no",
        "same_day": True,
    }
    if rng.random() < 0.65:
        found["tnc_per_ml"] = amount(rng.uniform(22, 95))
        found["viability"] = amount(rng.uniform(90, 99))
        found["hematocrit"] = amount(rng.uniform(4, 18))
    sore = rng.randint(2, 7)
    for day, pain in ((2, sore), (7, rng.randint(0, sore - 1))):
        if treated.days_known >= day:
            found[f"donor_site_pain_d{day}"] = pain
    return found


def picked(rng: Random, weights: Any) -> str:
    """One of the keys, by its weight."""
    return str(rng.choices(list(weights), list(weights.values()))[0])
