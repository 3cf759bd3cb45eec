"""What is recorded of a procedure: each field with its words, unit and bounds.

`data/fields.csv` holds one row for each typed column of plans/models/procedures.py and
for those of Intervention that say what was done, and a row for what is computed.
"""

import functools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal, InvalidOperation
from pathlib import Path

from clinic import clock, reference_data
from clinic.reference_data import Entry
from plans.models.protocol import NEEDLE, Modality
from plans.procedures import conditions
from plans.procedures.conditions import EMPTY, Condition

DATA = Path(__file__).parent / "data"
COLUMNS = (
    "table",
    "column",
    "group",
    "label",
    "type",
    "unit",
    "low",
    "high",
    "choices",
    "level",
    "asked_if",
    "required_if",
    "usual",
    "later",
    "basis",
    "sources",
)
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
# What a treatment of a modality is not; a joint injection can be PRP or a steroid.
NO_KIND_OF: dict[str, frozenset[str]] = {
    "prp": frozenset(
        {
            "therapy_session",
            "radiofrequency",
            "nerve_block_diagnostic",
            "bone_marrow_harvest",
            "bone_marrow_concentrate_injection",
        }
    ),
    "bone_marrow_concentrate": frozenset(
        {
            "therapy_session",
            "radiofrequency",
            "nerve_block_diagnostic",
            "prp_injection",
        }
    ),
    "image_guided_injection": frozenset(
        {
            "therapy_session",
            "prp_injection",
            "bone_marrow_harvest",
            "bone_marrow_concentrate_injection",
        }
    ),
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
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
NOT_RECORDED = "not recorded"
ALWAYS, OFFERED, NEVER = ("yes", "offer", "no")
# Learnt when it ends, whenever that is; other fields name the day after it was done.
AT_THE_END = "end"
# What a condition can ask about beside the columns.
AROUND = ("modality", "was_stopped")


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


@functools.cache
def fields() -> tuple[Field, ...]:
    sources = reference_data.read_sources(DATA / "sources.csv")
    return read_fields(DATA / "fields.csv", sources)


@functools.cache
def fields_of(modality: str) -> tuple[Field, ...]:
    """What an intervention of this modality records, in the order of its form.

    Measurements of a lifestyle change are rows of their own: `measured()`.
    """
    return tuple(
        _of(field, modality)
        for field in _in_order(fields())
        if modality in TABLES[field.table]
        and field.table != "measurement"
        and _may_be_of(field, modality)
    )


def _of(field: Field, modality: str) -> Field:
    """Of the kinds those that such a treatment can be."""
    if field.column != "kind":
        return field
    no_kind = NO_KIND_OF.get(modality, frozenset())
    kinds = {key: label for key, label in field.choices.items() if key not in no_kind}
    return replace(field, choices=kinds)


@functools.cache
def measured() -> tuple[Field, ...]:
    """What a lifestyle change is measured by, again and again."""
    return tuple(f for f in _in_order(fields()) if f.table == "measurement")


@functools.cache
def by_column(modality: str) -> dict[str, Field]:
    return {field.column: field for field in fields_of(modality)}


@functools.cache
def tables_of(modality: str) -> tuple[str, ...]:
    """The one-to-one tables that hold its details, beside Intervention's own."""
    rows = ("intervention", "measurement", "lots")
    return tuple(t for t, held in TABLES.items() if modality in held and t not in rows)


def in_words(field: Field, value: object) -> str:
    """'12 mL', 'heparin', 'yes', 'not recorded'; for pages, notes and print."""
    if value in EMPTY:
        return NOT_RECORDED
    if field.type == "yes_no":
        return "yes" if value else "no"
    if field.type in CHOSEN:
        held = value if isinstance(value, list | tuple) else [value]
        return ", ".join(field.choices.get(str(one), str(one)) for one in held)
    return _measured_in_words(field, value)


def levels_in_words(levels: Sequence[str]) -> list[str]:
    """Of an intervention, as they stand in its column."""
    choices = next(f.choices for f in fields() if f.column == "levels")
    return [choices.get(level, level) for level in levels]


def plain(value: object) -> str:
    """A number without the zeros that a column of fixed places adds."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _measured_in_words(field: Field, value: object) -> str:
    if field.type == "amounts" and isinstance(value, list):
        return "; ".join(f"{a['target']} {plain(a['ml'])} mL" for a in value)
    if field.type == "decimals" and isinstance(value, list):
        listed = ", ".join(plain(one) for one in value)
        return f"{listed} {field.unit_words}".strip()
    if isinstance(value, date):
        return clock.in_words(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, int | Decimal):
        return f"{plain(value)} {field.unit_words}".strip()
    return str(value)


def _in_order(rows: tuple[Field, ...]) -> list[Field]:
    places = list(GROUPS)
    return sorted(rows, key=lambda field: places.index(field.group))


def _may_be_of(field: Field, modality: str) -> bool:
    """False where its condition names other modalities only."""
    return all(
        term.holds({"modality": modality})
        for term in field.asked_if.terms
        if term.name == "modality"
    )


def read_fields(path: Path, sources: Collection[str]) -> tuple[Field, ...]:
    """The rows of the file; an error names the file, its line and the column."""
    used: set[tuple[str, str]] = set()
    read: list[Field] = []
    for row in reference_data.read_csv(path, COLUMNS):
        field = _read(row, sources)
        if (field.table, field.column) in used:
            raise row.error("column", f"{field.column} stands twice in {field.table}.")
        used.add((field.table, field.column))
        read.append(field)
        row.finish()
    _check_names(path, read)
    return tuple(read)


def _read(row: Entry, sources: Collection[str]) -> Field:
    kind = row.choice("type", TYPES)
    has_condition = bool(row.optional_text("required_if"))
    return Field(
        table=row.choice("table", TABLES),
        column=row.text("column"),
        group=row.choice("group", GROUPS),
        label=row.text("label"),
        type=kind,
        unit=_unit(row),
        low=_bound(row, "low"),
        high=_bound(row, "high"),
        choices=_choices(row, kind),
        level=row.choice("level", LEVELS),
        asked_if=_condition(row, "asked_if"),
        required_if=_condition(row, "required_if") if has_condition else None,
        usual_if=_usual(row),
        is_offered=row.text("usual") == OFFERED,
        is_later=row.text("later") != NEVER,
        later_days=_later_days(row),
        basis=row.optional_text("basis"),
        sources=_sources(row, sources),
    )


def _unit(row: Entry) -> str:
    unit = row.optional_text("unit")
    if unit not in UNITS:
        raise row.error("unit", f"{unit!r} has no words in catalogue.UNITS.")
    return unit


def _bound(row: Entry, key: str) -> Decimal | None:
    text = row.optional_text(key)
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise row.error(key, f"must be a number, not {text!r}.") from None


def _choices(row: Entry, kind: str) -> dict[str, str]:
    text = row.optional_text("choices")
    if bool(text) != (kind in CHOSEN):
        raise row.error("choices", "a choice has some, and nothing else has any.")
    choices: dict[str, str] = {}
    for part in text.split("|") if text else []:
        key, _, label = part.partition("=")
        if not KEY.fullmatch(key) or key in choices:
            raise row.error("choices", f"{key!r} is no key, or stands twice.")
        choices[key] = label or key.replace("_", " ")
    return choices


def _condition(row: Entry, key: str) -> Condition:
    try:
        return conditions.parse(row.optional_text(key))
    except ValueError as error:
        raise row.error(key, str(error)) from None


def _usual(row: Entry) -> Condition | None:
    """`yes`, `offer`, `no`, or when: counts are usual only where the kit promises."""
    said = row.text("usual")
    if said == NEVER:
        return None
    is_always = said in (ALWAYS, OFFERED)
    return conditions.parse("") if is_always else _condition(row, "usual")


def _later_days(row: Entry) -> int:
    """`no`, `end`, or the days after it was done from which it can be known."""
    said = row.text("later")
    if said in (NEVER, AT_THE_END):
        return 0
    if not said.isdecimal() or int(said) == 0:
        raise row.error("later", f"must be no, end or a number of days, not {said!r}.")
    return int(said)


def _sources(row: Entry, known: Collection[str]) -> tuple[str, ...]:
    keys = tuple(key for key in row.optional_text("sources").split(";") if key)
    for key in keys:
        if key not in known:
            raise row.error("sources", f"{key} is not in sources.csv.")
    return keys


def _check_names(path: Path, read: list[Field]) -> None:
    """A condition that names no column would hide its field for ever."""
    known = {field.column for field in read} | set(AROUND)
    for field in read:
        for condition in (field.asked_if, field.required_if, field.usual_if):
            for name in condition.names if condition else ():
                if name not in known:
                    raise reference_data.ReferenceDataError(
                        f"{path.name}, {field.table}.{field.column}: no field is "
                        f"called {name!r}; see its conditions."
                    )
