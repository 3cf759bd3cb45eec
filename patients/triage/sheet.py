"""An evaluation as a sheet to fill in: blocks of rows, a cell for each side. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from patients.catalogue import findings, red_flags
from patients.catalogue.findings import Definition, Kind, Option
from patients.models import Finding
from patients.triage.cells import Entry, cell_name
from patients.triage.origin_items import Cell

# What a form calls the cells that the body map fills.
MAP_FIELDS = {"pain_regions": "regions", "pain_worst": "worst_region"}
SINCE = "since."
Faults = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Box:
    """One place to enter a value; typed keeps what was refused."""

    definition: Definition
    side: str
    finding: Finding | None
    typed: str | None
    error: str
    # What the patient said here, where staff have entered something else since.
    said: Finding | None = None

    @property
    def name(self) -> str:
        return cell_name((self.definition.key, self.side))

    @property
    def since_name(self) -> str:
        return f"{SINCE}{self.name}"

    @property
    def value(self) -> str:
        if self.typed is not None:
            return self.typed
        return self.finding.value if self.finding else ""

    @property
    def values(self) -> list[str]:
        return self.value.split(",") if self.value else []

    @property
    def since(self) -> str:
        since = self.finding.since_on if self.finding else None
        return since.isoformat() if since else ""

    @property
    def is_abnormal(self) -> bool:
        held = self.finding
        return held is not None and self.definition.is_abnormal(held.value)

    @property
    def is_said_by_patient(self) -> bool:
        held = self.finding
        return held is not None and held.informant == Finding.Informant.PATIENT

    @property
    def said_words(self) -> str:
        return self.definition.words(self.said.value) if self.said else ""

    @property
    def label(self) -> str:
        """What the control is called, for those who hear the page."""
        side = f", {self.side}" if self.side != "none" else ""
        return f"{self.definition.label}{side}"

    @property
    def options(self) -> Iterable[Option]:
        return self.definition.options.values()

    @property
    def numbers(self) -> list[str]:
        low, high = self.definition.low, self.definition.high
        return [str(n) for n in range(int(low or 0), int(high or 0) + 1)]

    @property
    def words(self) -> str:
        return self.definition.words(self.value)

    @property
    def as_typed(self) -> str:
        """A word of a range as it is picked from the list, or the bare degrees."""
        known = self.definition.options.get(self.value)
        return known.label if known else self.value


@dataclass(frozen=True, slots=True)
class Row:
    definition: Definition
    boxes: tuple[Box, ...]

    @property
    def kind(self) -> Kind:
        return self.definition.kind

    @property
    def is_detail(self) -> bool:
        """Of the red flag above it."""
        return self.definition.key in red_flags.details()

    @property
    def is_blank(self) -> bool:
        return all(box.finding is None for box in self.boxes)


@dataclass(frozen=True, slots=True)
class Block:
    key: str
    title: str
    rows: tuple[Row, ...]

    @property
    def has_normal(self) -> bool:
        return any(row.definition.normal for row in self.rows)

    @property
    def has_sides(self) -> bool:
        return any(row.definition.is_sided for row in self.rows)

    @property
    def filled(self) -> list[Row]:
        return [row for row in self.rows if not row.is_blank]

    @property
    def blank(self) -> list[Row]:
        return [row for row in self.rows if row.is_blank]

    @property
    def recorded(self) -> int:
        return sum(box.finding is not None for row in self.rows for box in row.boxes)

    @property
    def total(self) -> int:
        return sum(len(row.boxes) for row in self.rows)


def blocks(
    site: str,
    stored: Mapping[Cell, Finding],
    *,
    typed: Mapping[str, str] | None = None,
    faults: Faults | None = None,
    said: Mapping[Cell, Finding] | None = None,
) -> list[Block]:
    """The sheet for pain at a site, with what is recorded and what was refused."""
    typed, faults, said = typed or {}, faults or {}, said or {}
    return [
        Block(
            key,
            findings.BLOCKS[key],
            tuple(
                _row(definition, stored, typed, faults, said) for definition in asked
            ),
        )
        for key, asked in findings.blocks_of(site).items()
    ]


def _row(
    definition: Definition,
    stored: Mapping[Cell, Finding],
    typed: Mapping[str, str],
    faults: Faults,
    said: Mapping[Cell, Finding],
) -> Row:
    boxes = []
    for side in definition.sides:
        name = cell_name((definition.key, side))
        is_faulty = name in faults
        boxes.append(
            Box(
                definition,
                side,
                stored.get((definition.key, side)),
                typed.get(name) if is_faulty else None,
                faults.get(name, ""),
                said.get((definition.key, side)),
            )
        )
    return Row(definition, tuple(boxes))


def read(
    site: str, form: Mapping[str, list[str]]
) -> tuple[dict[Cell, Entry | None], dict[str, str]]:
    """What a sent form enters, and the dates it could not read by the cell's name.

    A cell that the form does not have is left alone; an empty one takes back.
    """
    entries: dict[Cell, Entry | None] = {}
    faults: dict[str, str] = {}
    for definition in findings.of_site(site):
        for side in definition.sides:
            cell = (definition.key, side)
            name = field_of(cell)
            if name not in form and not _is_ticked(definition, name, form):
                continue
            text = ",".join(filter(None, (v.strip() for v in form.get(name, []))))
            try:
                since = _since(form, cell)
            except ValueError as error:
                faults[cell_name(cell)] = str(error)
                continue
            entries[cell] = Entry(text, since) if text else None
    return entries, faults


def field_of(cell: Cell) -> str:
    return MAP_FIELDS.get(cell[0], cell_name(cell))


def _is_ticked(definition: Definition, name: str, form: Collection[str]) -> bool:
    """Check boxes send nothing when none is ticked; a marker says they were there."""
    is_boxes = definition.kind in (Kind.CHOICES, Kind.REGIONS)
    return is_boxes and f"has.{name}" in form


def _since(form: Mapping[str, list[str]], cell: Cell) -> date | None:
    text = "".join(form.get(f"{SINCE}{cell_name(cell)}", [])).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day such as 2026-03-14.") from None
