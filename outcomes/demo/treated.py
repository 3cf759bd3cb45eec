"""Where each condition is treated and how the needle gets there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from outcomes.demo.asking import Moment
from outcomes.demo.cast import Person
from outcomes.demo.stories import ComplaintStory, PlanStory
from patients.models import Consent, Diagnosis
from plans.models import Intervention, Modality, TreatedSide


@dataclass(frozen=True, slots=True)
class Way:
    """`structures` are what platelets are put into; `guidance` are weights."""

    site: str
    kind: str
    route: str
    structures: tuple[str, ...]
    guidance: Mapping[str, int]
    levels: tuple[str, ...] = ()
    # Where platelets or marrow go to another place than the injection does.
    biologic_target: str = ""


X_RAY = {"fluoroscopy": 9, "ct": 1}
SOUND = {"ultrasound": 9, "ultrasound_fluoroscopy": 1}
ROOT, JOINT = "nerve_root_injection", "joint_injection"
WAYS: dict[str, Way] = {
    "fascia_turned_s1": Way(
        "low_back",
        ROOT,
        "transforaminal",
        ("disc",),
        X_RAY,
        ("S1",),
        "L5/S1 disc",
    ),
    "foot_from_l5": Way(
        "low_back",
        ROOT,
        "transforaminal",
        ("disc",),
        X_RAY,
        ("L5-S1",),
        "L5/S1 disc",
    ),
    "foot_from_si_joint": Way(
        "si_joint",
        "si_joint_injection",
        "si_joint_intra_articular",
        ("si_joint",),
        X_RAY,
        ("si_joint",),
    ),
    "foot_from_stenosis": Way(
        "low_back",
        "epidural_injection",
        "interlaminar",
        ("epidural",),
        X_RAY,
        ("L4-L5",),
    ),
    "plantar_fascia": Way(
        "heel", "tendon_or_fascia_injection", "tendon_sheath", ("fascia",), SOUND
    ),
    "low_back": Way(
        "low_back", "epidural_injection", "caudal", ("disc",), X_RAY, ("L5-S1",)
    ),
    "knee": Way("knee", JOINT, "peripheral_joint", ("joint",), SOUND),
    "shoulder": Way(
        "shoulder", "tendon_or_fascia_injection", "bursa", ("tendon",), SOUND
    ),
    "hip": Way(
        "hip", JOINT, "peripheral_joint", ("joint",), {"ultrasound": 2, **X_RAY}
    ),
}


@dataclass(frozen=True, slots=True)
class Treated:
    """An intervention with all that its details hang on.

    `until` is the last day of which anything is known: today, the end of the plan or
    the day on which the patient left.
    """

    row: Intervention
    about: ComplaintStory
    story: PlanStory
    person: Person
    indication: Diagnosis
    consent: Consent | None
    moment: Moment
    until: date

    @property
    def way(self) -> Way:
        return WAYS[self.about.condition.key]

    @property
    def step(self) -> str:
        """The key of the protocol's step that it comes from."""
        return self.row.step.key if self.row.step else ""

    @property
    def on(self) -> date:
        """The day it was done, or is planned for."""
        return self.row.on or self.story.started_on

    @property
    def days_known(self) -> int:
        return max((self.until - self.on).days, 0)

    @property
    def target(self) -> str:
        is_injection = self.row.modality == Modality.IMAGE_GUIDED_INJECTION
        usual = self.about.condition.target
        return usual if is_injection else self.way.biologic_target or usual

    @property
    def side(self) -> str:
        """A disc or an epidural space lies in the middle, and a root on a side."""
        is_middle = self.way.route in ("interlaminar", "caudal")
        return TreatedSide.MIDLINE if is_middle else self.about.side

    @property
    def kind(self) -> str:
        """As a provider names it: a protocol's own word is no choice of the form."""
        return {
            Modality.PRP.value: "prp_injection",
            Modality.BONE_MARROW_CONCENTRATE.value: "bone_marrow_concentrate_injection",
            Modality.IMAGE_GUIDED_INJECTION.value: self.way.kind,
        }.get(self.row.modality, "other")


def amount(value: float, places: int = 1) -> Decimal:
    """As a column of so many places keeps it."""
    return Decimal(f"{value:.{places}f}")
