"""The starter protocols: what is done, and when the patient is asked how it went."""

import dataclasses
import functools
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry

DATA = Path(__file__).parent / "data"
MODALITIES = (
    "physical_therapy",
    "prp",
    "bone_marrow_concentrate",
    "image_guided_injection",
    "lifestyle",
)
ANCHORS = ("index_procedure", "plan_start")
RESPONDENTS = ("patient", "clinician", "both")
STATUSES = ("verified", "mixed", "recalled", "proposal")


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """Something to do on a day counted from the start of the plan."""

    title: str
    modality: str
    offset_days: int
    is_index: bool
    detail: str


@dataclass(frozen=True, slots=True)
class TimepointDefinition:
    """When to ask, in days from the anchor; the window includes both its ends."""

    key: str
    label: str
    offset_days: int
    open_day: int
    close_day: int
    ask_day: int
    who: str
    is_baseline: bool
    is_safety: bool
    purpose: str
    grounding: str
    status: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProtocolDefinition:
    key: str
    version: int
    title: str
    modality: str
    summary: str
    anchor: str
    sources: tuple[str, ...]
    steps: tuple[StepDefinition, ...]
    timepoints: tuple[TimepointDefinition, ...]

    @property
    def sha256(self) -> str:
        return reference_data.fingerprint(dataclasses.asdict(self))


@functools.cache
def sources() -> dict[str, reference_data.Source]:
    return reference_data.read_sources(DATA / "sources.csv")


@functools.cache
def _library() -> tuple[ProtocolDefinition, ...]:
    paths = (DATA / "protocols").glob("*.toml")
    return tuple(sorted(map(load, paths), key=lambda p: MODALITIES.index(p.modality)))


def load_all() -> list[ProtocolDefinition]:
    """The shipped protocols in the order of MODALITIES, read once a process."""
    return list(_library())


def load(path: Path) -> ProtocolDefinition:
    """One protocol file; ReferenceDataError names the file and the key at fault."""
    entry = reference_data.read_toml(path)
    protocol = ProtocolDefinition(
        key=entry.choice("key", [path.stem]),
        version=entry.integer("version"),
        title=entry.text("title"),
        modality=entry.choice("modality", MODALITIES),
        summary=entry.text("summary"),
        anchor=entry.choice("anchor", ANCHORS),
        sources=_cited(entry),
        steps=tuple(map(_step, entry.tables("steps"))),
        timepoints=_timepoints(entry.tables("timepoints")),
    )
    entry.finish()
    _check_anchor(entry, protocol)
    _check_baseline(entry, protocol)
    return protocol


def _step(entry: Entry) -> StepDefinition:
    step = StepDefinition(
        title=entry.text("title"),
        modality=entry.choice("modality", MODALITIES),
        offset_days=entry.integer("offset_days"),
        is_index=entry.flag("is_index"),
        detail=entry.text("detail"),
    )
    entry.finish()
    return step


def _timepoints(entries: list[Entry]) -> tuple[TimepointDefinition, ...]:
    timepoints: dict[str, TimepointDefinition] = {}
    for entry in entries:
        timepoint = _timepoint(entry, timepoints)
        timepoints[timepoint.key] = timepoint
    return tuple(timepoints.values())


def _timepoint(entry: Entry, used: Collection[str]) -> TimepointDefinition:
    key = entry.unique_text("key", used)
    entry.where += f" ({key})"
    timepoint = TimepointDefinition(
        key=key,
        label=entry.text("label"),
        offset_days=entry.integer("offset_days"),
        open_day=entry.integer("open_day"),
        close_day=entry.integer("close_day"),
        ask_day=entry.integer("ask_day"),
        who=entry.choice("who", RESPONDENTS),
        is_baseline=entry.flag("is_baseline"),
        is_safety=entry.flag("is_safety"),
        purpose=entry.text("purpose"),
        grounding=entry.text("grounding"),
        status=entry.choice("status", STATUSES),
        sources=_cited(entry),
    )
    entry.finish()
    _check_timepoint(entry, timepoint)
    return timepoint


def _cited(entry: Entry) -> tuple[str, ...]:
    cited = entry.texts("sources")
    for key in cited:
        if key not in sources():
            raise entry.error("sources", f"{key!r} is not a key of sources.csv.")
    return cited


def _check_timepoint(entry: Entry, timepoint: TimepointDefinition) -> None:
    first, last = timepoint.open_day, timepoint.close_day
    if last < first:
        raise entry.error(
            "close_day", f"the window closes on day {last}, before it opens ({first})."
        )
    for key in ("offset_days", "ask_day"):
        day = getattr(timepoint, key)
        if not first <= day <= last:
            raise entry.error(key, f"{day} is outside the window {first} to {last}.")
    if timepoint.status == "verified" and not timepoint.sources:
        raise entry.error("sources", 'status "verified" needs at least one source.')


def _check_anchor(entry: Entry, protocol: ProtocolDefinition) -> None:
    index_steps = sum(step.is_index for step in protocol.steps)
    needed = 1 if protocol.anchor == "index_procedure" else 0
    if index_steps != needed:
        raise entry.error(
            "steps",
            f"anchor {protocol.anchor} needs {needed} step(s) with "
            f"is_index = true, not {index_steps}.",
        )


def _check_baseline(entry: Entry, protocol: ProtocolDefinition) -> None:
    baselines = [point for point in protocol.timepoints if point.is_baseline]
    if len(baselines) != 1:
        raise entry.error(
            "timepoints", f"exactly one baseline is needed, not {len(baselines)}."
        )
    if baselines[0].close_day > 0:
        raise entry.error("timepoints", "the baseline must close by day 0.")
