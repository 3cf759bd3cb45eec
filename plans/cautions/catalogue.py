"""What is warned of before an intervention: rows of data, each with its ground."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry
from patients.catalogue import red_flags
from plans.models import NEEDLE, Modality

DATA = Path(__file__).parent / "data"
COLUMNS = (
    "key",
    "modalities",
    "kinds",
    "guidance",
    "condition",
    "parameters",
    "words",
    "unknown_words",
    "action",
    "usual_reasons",
    "stops",
    "source",
)
# The ground of what no publication in our list settles.
CLINIC_POLICY = "clinic policy"
GROUPS = {
    "any": frozenset(modality.value for modality in Modality),
    "needle": frozenset(modality.value for modality in NEEDLE),
}


@dataclass(frozen=True, slots=True)
class CautionRule:
    """Empty kinds or guidance: whatever it is. `unknown_words`: a blank warns too."""

    key: str
    modalities: frozenset[str]
    kinds: frozenset[str]
    guidance: frozenset[str]
    condition: str
    parameters: Mapping[str, str]
    words: str
    unknown_words: str
    action: str
    # Offered to whoever goes on; any other reason will do.
    usual_reasons: tuple[str, ...]
    stops: bool
    source: str

    def number(self, parameter: str) -> int:
        return int(self.parameters[parameter])

    def several(self, parameter: str) -> tuple[str, ...]:
        return split(self.parameters.get(parameter, ""))


@functools.cache
def cautions() -> Mapping[str, CautionRule]:
    """In the order in which they are shown."""
    cited = reference_data.read_sources(red_flags.DATA / "sources.csv")
    return read(DATA / "cautions.csv", cited)


def read(path: Path, cited: Collection[str]) -> dict[str, CautionRule]:
    found: dict[str, CautionRule] = {}
    for row in reference_data.read_csv(path, COLUMNS):
        rule = _rule(row, found, cited)
        found[rule.key] = rule
    return found


def split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split("|")))


def _rule(row: Entry, known: Collection[str], cited: Collection[str]) -> CautionRule:
    source = row.text("source")
    if source != CLINIC_POLICY and source not in cited:
        raise row.error(
            "source", f"{source!r} is neither a key of sources.csv nor clinic policy."
        )
    return CautionRule(
        key=row.unique_text("key", known),
        modalities=_modalities(row),
        kinds=frozenset(split(row.optional_text("kinds"))),
        guidance=frozenset(split(row.optional_text("guidance"))),
        condition=row.text("condition"),
        parameters=_parameters(row),
        words=row.text("words"),
        unknown_words=row.optional_text("unknown_words"),
        action=row.text("action"),
        usual_reasons=split(row.optional_text("usual_reasons")),
        stops=row.flag("stops"),
        source=source,
    )


def _modalities(row: Entry) -> frozenset[str]:
    named = row.text("modalities")
    if named in GROUPS:
        return GROUPS[named]
    for modality in split(named):
        if modality not in GROUPS["any"]:
            raise row.error("modalities", f"{modality!r} is no modality.")
    return frozenset(split(named))


def _parameters(row: Entry) -> dict[str, str]:
    """Such as days=30;flag=RF24."""
    pairs = [p.partition("=") for p in row.optional_text("parameters").split(";") if p]
    for name, sign, value in pairs:
        if not (name and sign and value):
            raise row.error("parameters", "write name=value, with ; between them.")
    return {name: value for name, _, value in pairs}
