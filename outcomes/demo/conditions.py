"""What the invented patients have: where it hurts, where it comes from, its codes."""

from collections.abc import Mapping
from dataclasses import dataclass

# ICD-10-CM codes of the pain itself, by site and side.
SITE_CODES: dict[str, dict[str, str]] = {
    "foot": {"left": "M79.672", "right": "M79.671"},
    "heel": {"left": "M79.672", "right": "M79.671"},
    "toes": {"left": "M79.675", "right": "M79.674"},
    "lower_leg": {"left": "M79.662", "right": "M79.661"},
    "thigh": {"left": "M79.652", "right": "M79.651"},
    "knee": {"left": "M25.562", "right": "M25.561"},
    "hip": {"left": "M25.552", "right": "M25.551"},
    "shoulder": {"left": "M25.512", "right": "M25.511"},
}
PLANTAR_FASCIITIS = "M72.2"
DECIDED = ("probable", "confirmed")
PT, PRP, BMC = "physical_therapy", "prp", "bone_marrow_concentrate"
INJECTION, LIFESTYLE = "image_guided_injection", "lifestyle"


@dataclass(frozen=True, slots=True)
class Ledger:
    """One entry: the source, how sure, and how many days after the first visit."""

    source: str
    certainty: str
    day: int


@dataclass(frozen=True, slots=True)
class Condition:
    """`source_codes` are ICD-10-CM codes by the complaint's side.

    `back_pain` is the mean at baseline; `follows_back` where the source lies there,
    so that both pains move together. `treatments` are weights.
    """

    key: str
    share: int
    sites: Mapping[str, int]
    ledger: tuple[Ledger, ...]
    source_codes: Mapping[str, str]
    pain: float
    back_pain: float
    follows_back: bool
    treatments: Mapping[str, int]
    target: str

    @property
    def decided_on_day(self) -> int:
        """When the source that counts was named first."""
        return next((e.day for e in self.ledger if e.certainty in DECIDED), 0)

    @property
    def was_called_fasciitis(self) -> bool:
        return ("plantar_fascia", "refuted") in {
            (entry.source, entry.certainty) for entry in self.ledger
        }


def both_sides(code: str) -> dict[str, str]:
    return {"left": code, "right": code, "none": code}


CONDITIONS = (
    Condition(
        key="fascia_turned_s1",
        share=13,
        sites={"heel": 6, "foot": 4},
        ledger=(
            Ledger("plantar_fascia", "suspected", 0),
            Ledger("plantar_fascia", "refuted", 9),
            Ledger("root_s1", "probable", 9),
            Ledger("root_s1", "confirmed", 24),
        ),
        source_codes=both_sides("M51.17"),
        pain=6.3,
        back_pain=3.9,
        follows_back=True,
        treatments={PT: 5, INJECTION: 5, LIFESTYLE: 1},
        target="S1 nerve root",
    ),
    Condition(
        key="foot_from_l5",
        share=15,
        sites={"foot": 6, "toes": 2, "lower_leg": 2},
        ledger=(
            Ledger("plantar_fascia", "suspected", 0),
            Ledger("plantar_fascia", "refuted", 6),
            Ledger("root_l5", "probable", 6),
        ),
        source_codes=both_sides("M51.16"),
        pain=6.6,
        back_pain=4.8,
        follows_back=True,
        treatments={PT: 5, INJECTION: 6, LIFESTYLE: 1},
        target="L5 nerve root",
    ),
    Condition(
        key="foot_from_si_joint",
        share=8,
        sites={"foot": 4, "buttock": 4, "thigh": 2},
        ledger=(
            Ledger("root_s1", "suspected", 0),
            Ledger("root_s1", "refuted", 12),
            Ledger("si_joint", "probable", 12),
        ),
        source_codes=both_sides("M53.3"),
        pain=6.1,
        back_pain=5.2,
        follows_back=True,
        treatments={PT: 5, INJECTION: 4, PRP: 2},
        target="sacroiliac joint",
    ),
    Condition(
        key="foot_from_stenosis",
        share=9,
        sites={"foot": 5, "lower_leg": 3, "thigh": 2},
        ledger=(
            Ledger("vascular", "suspected", 0),
            Ledger("vascular", "refuted", 14),
            Ledger("spinal_stenosis", "confirmed", 14),
        ),
        source_codes=both_sides("M48.062"),
        pain=6.4,
        back_pain=5.4,
        follows_back=True,
        treatments={PT: 4, INJECTION: 4, LIFESTYLE: 4},
        target="L4/L5 epidural space",
    ),
    Condition(
        key="plantar_fascia",
        share=8,
        sites={"heel": 7, "foot": 3},
        ledger=(
            Ledger("plantar_fascia", "suspected", 0),
            Ledger("plantar_fascia", "confirmed", 10),
        ),
        source_codes=both_sides("M72.2"),
        pain=5.9,
        back_pain=1.6,
        follows_back=False,
        treatments={PT: 4, PRP: 4, LIFESTYLE: 2},
        target="plantar fascia",
    ),
    Condition(
        key="low_back",
        share=14,
        sites={"low_back": 1},
        ledger=(Ledger("disc", "probable", 0),),
        source_codes=both_sides("M51.360"),
        pain=6.0,
        back_pain=6.0,
        follows_back=True,
        treatments={PT: 6, INJECTION: 3, LIFESTYLE: 4},
        target="L5/S1 epidural space",
    ),
    Condition(
        key="knee",
        share=18,
        sites={"knee": 1},
        ledger=(Ledger("knee_joint", "confirmed", 0),),
        source_codes={"left": "M17.12", "right": "M17.11"},
        pain=5.9,
        back_pain=1.8,
        follows_back=False,
        treatments={PRP: 7, BMC: 6, PT: 3, LIFESTYLE: 2},
        target="knee joint",
    ),
    Condition(
        key="shoulder",
        share=10,
        sites={"shoulder": 1},
        ledger=(
            Ledger("rotator_cuff", "suspected", 0),
            Ledger("rotator_cuff", "confirmed", 11),
        ),
        source_codes={"left": "M75.112", "right": "M75.111"},
        pain=5.7,
        back_pain=1.2,
        follows_back=False,
        treatments={PRP: 6, PT: 5, BMC: 1},
        target="supraspinatus tendon",
    ),
    Condition(
        key="hip",
        share=7,
        sites={"hip": 7, "groin": 3},
        ledger=(Ledger("hip_joint", "confirmed", 0),),
        source_codes={"left": "M16.12", "right": "M16.11"},
        pain=6.0,
        back_pain=2.6,
        follows_back=False,
        treatments={PRP: 4, BMC: 6, PT: 3, LIFESTYLE: 2},
        target="hip joint",
    ),
)
BY_KEY = {condition.key: condition for condition in CONDITIONS}
