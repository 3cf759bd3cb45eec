"""What was drawn, spun, counted and injected of a patient's blood.

Made up so that every class of DEPA and PAW turns up; no kit is meant.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from outcomes.demo.treated import Treated, amount

Values = dict[str, Any]
Range = tuple[float, float]
BLOOD, BLOOD_RANGE = (238.0, 52.0), (135.0, 410.0)
COUNTED = {"measured": 66, "kit_default": 18, "not_counted": 16}
# A counter's error, as real clinics have them.
TOO_MANY_SHARE, TOO_MANY = 0.04, (1.04, 1.22)
USUAL_BLOOD = 250
ACTIVATION = {"none": 86, "calcium": 9, "thrombin": 3, "calcium_thrombin": 2}


@dataclass(frozen=True, slots=True)
class Method:
    """A way to spin, as often as its `weight` says.

    `spins` are forces and minutes, `white` is by the blood's own white cells, `red` in
    millions per microlitre, `promised` the platelets that the kit's leaflet names.
    """

    weight: int
    spins: tuple[tuple[int, int], ...]
    draw_ml: Range
    made_ml: Range
    recovery: Range
    white: Range
    red: Range
    promised: int


RICH = Method(
    weight=5,
    spins=((1000, 5), (1500, 15)),
    draw_ml=(52, 60),
    made_ml=(5, 7),
    recovery=(0.6, 0.94),
    white=(1.6, 4),
    red=(0.2, 1.1),
    promised=1200,
)
POOR_IN_WHITE_CELLS = Method(
    weight=4,
    spins=((1500, 5),),
    draw_ml=(26, 30),
    made_ml=(4, 5.5),
    recovery=(0.4, 0.78),
    white=(0.04, 0.5),
    red=(0.01, 0.1),
    promised=800,
)
# A count near the blood's own.
SOFT = Method(
    weight=3,
    spins=((350, 10),),
    draw_ml=(12, 18),
    made_ml=(5, 7.5),
    recovery=(0.26, 0.6),
    white=(0.3, 1.3),
    red=(0.3, 1.5),
    promised=350,
)
METHODS = (RICH, POOR_IN_WHITE_CELLS, SOFT)


def values(rng: Random, treated: Treated) -> Values:
    method = rng.choices(METHODS, [each.weight for each in METHODS])[0]
    draw_ml, made_ml = rng.uniform(*method.draw_ml), rng.uniform(*method.made_ml)
    drawn_at = time(rng.randint(8, 15), rng.choice((0, 10, 15, 20, 30, 40, 45)))
    minutes = rng.randint(25, 70)
    return {
        "blood_draw_ml": amount(draw_ml, 0),
        "drawn_at": drawn_at,
        "anticoagulant": rng.choices(["acd_a", "sodium_citrate"], [8, 2])[0],
        "prep_method": "closed_kit",
        "spins": len(method.spins),
        "spin_g": [force for force, _ in method.spins],
        "spin_minutes": [lasted for _, lasted in method.spins],
        "prp_volume_ml": amount(made_ml),
        "injected_volume_ml": amount(made_ml - rng.choice((0.1, 0.2, 0.5, 1.0))),
        "activation": rng.choices(list(ACTIVATION), list(ACTIVATION.values()))[0],
        "ph_adjusted": False,
        "performed_at": later(drawn_at, minutes),
        "minutes_to_injection": minutes,
        "injection_number": treated.row.series_number or 1,
        "targets": list(treated.way.structures),
        **_counts(rng, method, round(draw_ml), round(made_ml, 1)),
    }


def later(at: time, minutes: int) -> time:
    """Minutes later on the same day."""
    return (datetime.combine(date.min, at) + timedelta(minutes=minutes)).time()


def _counts(rng: Random, method: Method, draw_ml: float, made_ml: float) -> Values:
    source = rng.choices(list(COUNTED), list(COUNTED.values()))[0]
    if source == "kit_default":
        return {
            "count_source": source,
            "whole_blood_platelets": USUAL_BLOOD,
            "prp_platelets": method.promised,
        }
    if source == "not_counted":
        return {"count_source": source}
    blood = min(max(rng.gauss(*BLOOD), BLOOD_RANGE[0]), BLOOD_RANGE[1])
    is_slip = rng.random() < TOO_MANY_SHARE
    recovery = rng.uniform(*(TOO_MANY if is_slip else method.recovery))
    white = rng.uniform(4.2, 9.4)
    product_white = white * rng.uniform(*method.white)
    return {
        "count_source": source,
        "whole_blood_platelets": amount(blood, 0),
        "prp_platelets": amount(max(blood * draw_ml * recovery / made_ml, 60), 0),
        "whole_blood_leukocytes": amount(white),
        "leukocytes": amount(product_white),
        "whole_blood_neutrophils": amount(white * rng.uniform(0.5, 0.66)),
        "neutrophils": amount(product_white * rng.uniform(0.1, 0.6)),
        "red_cells": amount(rng.uniform(*method.red), 2),
    }
