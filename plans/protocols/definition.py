"""What a protocol says, as plain values: shipped, stored and drafted alike."""

from dataclasses import dataclass
from decimal import Decimal

MODALITIES = (
    "physical_therapy",
    "prp",
    "bone_marrow_concentrate",
    "image_guided_injection",
    "lifestyle",
    "other",
)
ANCHORS = ("index_procedure", "plan_start")
# What a starter was written for; empty for any.
CONDITIONS = {
    "herniated_disc": "Herniated disc",
    "sciatica": "Sciatica / nerve compression",
    "stenosis": "Spinal stenosis",
    "disc_degeneration": "Disc degeneration",
    "si_joint": "SI joint",
    "foot": "Foot",
}
DOERS = ("provider", "therapist", "assistant", "patient")
RESPONDENTS = ("patient", "clinician", "both")
STATUSES = ("verified", "mixed", "recalled", "proposal", "policy")
COMPARISONS = ("at_most", "at_least", "less_by_percent")
CHANNELS = ("preferred", "other", "email", "sms", "call", "rescue")


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """Something to do, on a day counted from the plan's start or another step."""

    key: str
    title: str
    modality: str
    offset_days: int
    kind: str = ""
    after: str = ""
    repeats: int = 1
    every_days: int = 0
    who: str = "provider"
    is_index: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TimepointDefinition:
    """When to ask, in days from the anchor; the window includes both its ends."""

    key: str
    label: str
    offset_days: int
    open_day: int
    close_day: int
    ask_day: int
    who: str = "patient"
    is_baseline: bool = False
    is_safety: bool = False
    measures: tuple[str, ...] = ()
    optional_measures: tuple[str, ...] = ()
    purpose: str = ""
    grounding: str = ""
    status: str = "policy"
    sources: tuple[str, ...] = ()

    @property
    def asks_patient(self) -> bool:
        return self.who != "clinician"


@dataclass(frozen=True, slots=True)
class GoalDefinition:
    """What is aimed at, by a day counted as the time points are."""

    measure: str
    comparison: str
    target: Decimal
    by_day: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class RungDefinition:
    """One reminder: days after it was asked, of the rescue days before it closes."""

    channel: str
    after_days: int
    is_safety: bool = False


@dataclass(frozen=True, slots=True)
class ProtocolDefinition:
    key: str
    version: int
    title: str
    modality: str
    condition: str
    summary: str
    anchor: str
    sources: tuple[str, ...]
    steps: tuple[StepDefinition, ...]
    timepoints: tuple[TimepointDefinition, ...]
    goals: tuple[GoalDefinition, ...]
    rungs: tuple[RungDefinition, ...]
    # Asked every year after the last time point, until this one; 0: not at all.
    yearly_until: int = 0

    @property
    def index_step(self) -> StepDefinition | None:
        return next((step for step in self.steps if step.is_index), None)

    def ladder(self, *, is_safety: bool) -> list[RungDefinition]:
        return [rung for rung in self.rungs if rung.is_safety == is_safety]
