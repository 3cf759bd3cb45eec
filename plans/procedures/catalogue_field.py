"""What a field of the catalogue is, and the words that its rows are written in."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plans.models.protocol import NEEDLE, Modality
from plans.procedures.conditions import Condition

TYPES = (
    "choice",
    "several",
    "integer",
    "decimal",
    "decimals",
    "amounts",
    "yes_no",
    "text",
    "date",
    "time",
    "reference",
    "computed",
)
CHOSEN = ("choice", "several")
LEVELS = ("required", "recommended", "optional", "computed")
NEEDLES = frozenset(str(modality) for modality in NEEDLE)
# The tables, named as the API nests them, and whose details they hold.
TABLES: dict[str, frozenset[str]] = {
    "intervention": frozenset(Modality.values),
    "procedure": NEEDLES,
    "prp": frozenset({"prp"}),
    "marrow": frozenset({"bone_marrow_concentrate"}),
    "injection": frozenset({"image_guided_injection"}),
    "therapy": frozenset({"physical_therapy"}),
    "lifestyle": frozenset({"lifestyle"}),
    "measurement": frozenset({"lifestyle"}),
    "lots": NEEDLES,
}
# As a form and a printed page order them.
GROUPS = {
    "what": "What and where",
    "before": "Before the needle",
    "draw": "Blood draw and kit",
    "harvest": "Marrow harvest",
    "product": "Product",
    "counts": "Counts",
    "imaging": "Needle and imaging",
    "agents": "What was injected",
    "lesion": "Radiofrequency",
    "sessions": "Sessions",
    "home": "Home programme",
    "targets": "What is aimed at",
    "measured": "Measured",
    "habits": "Habits",
    "after": "Afterwards",
    "lots": "Kits and lots",
}
# UCUM, as the data keeps it, and as people read it.
UNITS = {
    "": "",
    "mL": "mL",
    "mg": "mg",
    "kg": "kg",
    "cm": "cm",
    "kg/m2": "kg/m²",
    "%": "%",
    "G": "gauge",
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "s": "seconds",
    "Cel": "°C",
    "xg": "× g",
    "{score}": "of 10",
    "/wk": "days a week",
    "d/wk": "days a week",
    "min/d": "minutes a day",
    "min/wk": "minutes a week",
    "/mL": "per mL",
    "10*3/uL": "thousand per µL",
    "10*6/uL": "million per µL",
    "10*6/mL": "million per mL",
    "10*8": "× 10⁸",
    "10*9": "billion",
}


@dataclass(frozen=True, slots=True)
class Field:
    table: str
    column: str
    group: str
    label: str
    type: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    choices: Mapping[str, str]
    level: str
    asked_if: Condition
    required_if: Condition | None
    # When the last one's value is a guess for the next; None: never.
    usual_if: Condition | None
    # True of what is decided for one patient: shown, and taken over by a press only.
    is_offered: bool
    # Learnt afterwards: asked on the page of details, not when it is recorded.
    is_later: bool
    # How many days afterwards at the earliest; 0 where no number of days tells.
    later_days: int
    basis: str
    sources: tuple[str, ...]

    @property
    def unit_words(self) -> str:
        return UNITS[self.unit]

    @property
    def label_with_unit(self) -> str:
        """ "Weight (kg)", but "Active days a week": its words say the unit already."""
        said = set(self.unit_words.split())
        if said <= set(self.label.lower().split()):
            return self.label
        return f"{self.label} ({self.unit_words})"

    @property
    def is_count(self) -> bool:
        """Of cells in blood or product; it hangs on where the counts come from."""
        return "count_source" in self.asked_if.names

    @property
    def is_stored(self) -> bool:
        return self.type != "computed" and self.table != "lots"

    def is_asked(self, values: Mapping[str, object]) -> bool:
        return self.asked_if.holds(values)

    def level_for(self, values: Mapping[str, object]) -> str:
        """`required` where a condition makes it so; a field not asked is optional."""
        if not self.is_asked(values):
            return "optional"
        if self.required_if is not None and self.required_if.holds(values):
            return "required"
        return self.level

    def bounds_in_words(self) -> str:
        """'5 to 240 mL', for a help text or a message."""
        if self.low is None or self.high is None:
            return self.unit_words
        return f"{self.low:f} to {self.high:f} {self.unit_words}".strip()
