"""Recorded findings as lines of a note. Pure.

What differs from normal comes first; what nobody recorded is named as not recorded
and never as "no".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from clinic import clock
from patients.catalogue import findings, red_flags
from patients.catalogue.findings import Definition, Kind
from patients.models import Finding
from patients.triage.note.plain_text import quoted, wrapped
from patients.triage.origin_items import Cell

INTAKE = ("pain",)
ASKED = ("symptoms", "history", "red_flags")
BY_PATIENT = "[patient]"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands, what the patient had said before staff changed it, and since when
    a red flag has long been as it is, by its key.
    """

    site: str
    standing: Mapping[Cell, Finding]
    said_before: Mapping[Cell, Finding] = field(default_factory=dict)
    baselines: Mapping[str, date] = field(default_factory=dict)

    def blocks(self) -> dict[str, list[Definition]]:
        """What is asked where it hurts there, and whatever else was recorded."""
        asked = {d.key for d in findings.of_site(self.site)}
        asked |= {code for code, _ in self.standing}
        known = [d for d in findings.definitions().values() if d.key in asked]
        blocks = {key: [d for d in known if d.block == key] for key in findings.BLOCKS}
        return {key: inside for key, inside in blocks.items() if inside}


def intake(sheet: Sheet) -> list[str]:
    """Each answer on a line of its own, the patient's words as they were written."""
    lines: list[str] = []
    for key, asked in sheet.blocks().items():
        if key in INTAKE:
            for definition, side in _recorded(asked, sheet):
                lines += _answer(definition, side, sheet)
            lines += _not_recorded(asked, sheet, indent=0)
    return lines


def asked_of(sheet: Sheet, block: str) -> list[str]:
    """What was answered yes, then no; then what nobody asked."""
    asked = sheet.blocks().get(block, [])
    held = _recorded(asked, sheet)
    if not held:
        return ["Not recorded."] if asked else []
    words = dict.fromkeys(_value(d, side, sheet) for d, side in held)
    lines = []
    for word in sorted(words, key=lambda word: (word == "no", word)):
        same = [(d, side) for d, side in held if _value(d, side, sheet) == word]
        items = _joined(_with_source(d, side, sheet) for d, side in same)
        lines += wrapped(f"{word[0].upper()}{word[1:]}: {items}.")
    return lines + _not_recorded(asked, sheet, indent=0)


def examination(sheet: Sheet) -> list[str]:
    """Block by block; a block that is all normal takes one line."""
    lines: list[str] = []
    for key, asked in sheet.blocks().items():
        if key not in (*INTAKE, *ASKED):
            lines += _examined(findings.BLOCKS[key], asked, sheet)
    return lines


def _examined(title: str, asked: Sequence[Definition], sheet: Sheet) -> list[str]:
    held = _recorded(asked, sheet)
    if not held:
        return wrapped(f"{title}: not recorded.")
    abnormal = [cell for cell in held if _is_abnormal(*cell, sheet)]
    normal = [cell for cell in held if _is_normal(*cell, sheet)]
    rest = [cell for cell in held if cell not in (*abnormal, *normal)]
    usual = [(d, side) for d in asked if d.normal for side in d.sides]
    if normal and normal == usual:
        lines = wrapped(f"{title}: all normal: {_grouped(normal, sheet)}.")
        more = _listed("Recorded", rest, sheet)
    else:
        lines = [f"{title}"]
        more = _listed("Abnormal", abnormal, sheet) + _listed("Recorded", rest, sheet)
        if normal:
            more += wrapped(f"Normal: {_grouped(normal, sheet)}.", indent=2)
    return lines + more + _not_recorded(asked, sheet, indent=2)


def _recorded(
    asked: Iterable[Definition], sheet: Sheet
) -> list[tuple[Definition, str]]:
    return [(d, side) for d in asked for side in d.sides if _has(d, side, sheet)]


def _has(definition: Definition, side: str, sheet: Sheet) -> bool:
    return (definition.key, side) in sheet.standing


def _is_abnormal(definition: Definition, side: str, sheet: Sheet) -> bool:
    return definition.is_abnormal(sheet.standing[definition.key, side].value)


def _is_normal(definition: Definition, side: str, sheet: Sheet) -> bool:
    value = sheet.standing[definition.key, side].value
    return bool(definition.normal) and value == definition.normal


def _listed(
    title: str, cells: Sequence[tuple[Definition, str]], sheet: Sheet
) -> list[str]:
    if not cells:
        return []
    items = [f"{_with_source(d, s, sheet)}: {_value(d, s, sheet)}" for d, s in cells]
    return wrapped(f"{title}: {_joined(items)}.", indent=2)


def _grouped(cells: Sequence[tuple[Definition, str]], sheet: Sheet) -> str:
    """Alike values together: "Knee jerk; Ankle jerk (2 normal, both sides)".

    The value always stands beside the name: a bare "foot drop" among what is normal
    would read as a foot drop.
    """
    sides: dict[str, list[str]] = {}
    known = {d.key: d for d, _ in cells}
    for definition, side in cells:
        sides.setdefault(definition.key, []).append(side)
    groups: dict[str, list[str]] = {}
    for key, held in sides.items():
        for place, these in _by_value(known[key], held, sheet).items():
            where = _sides_in_words(these)
            groups.setdefault(f"{place}{where}", []).append(_label(known[key]))
    return _joined(f"{_joined(names)} ({how})" for how, names in groups.items())


def _by_value(
    definition: Definition, sides: Iterable[str], sheet: Sheet
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for side in sides:
        found.setdefault(_value(definition, side, sheet), []).append(side)
    return found


def _sides_in_words(sides: Sequence[str]) -> str:
    if list(sides) == ["none"]:
        return ""
    return ", both sides" if len(sides) == 2 else f", {sides[0]}"


def _not_recorded(
    asked: Iterable[Definition], sheet: Sheet, *, indent: int
) -> list[str]:
    items = []
    for definition in asked:
        blank = [s for s in definition.sides if not _has(definition, s, sheet)]
        if blank and _was_to_be_asked(definition, sheet):
            items.append(f"{_label(definition)}{_sides_in_words(blank)}")
    return wrapped(f"Not recorded: {_joined(items)}.", indent=indent) if items else []


def _was_to_be_asked(definition: Definition, sheet: Sheet) -> bool:
    """What makes a red flag more urgent is asked only where there is that flag."""
    detail = red_flags.details().get(definition.key)
    if detail is None:
        return True
    held = sheet.standing.get((detail.flag, "none"))
    return held is not None and held.value == findings.PRESENT


def _answer(definition: Definition, side: str, sheet: Sheet) -> list[str]:
    title = f"{_with_source(definition, side, sheet)}:"
    if definition.kind == Kind.TEXT:
        value = sheet.standing[definition.key, side].value
        return [*wrapped(title), *quoted(value)]
    return wrapped(f"{title} {_value(definition, side, sheet)}")


def _value(definition: Definition, side: str, sheet: Sheet) -> str:
    return value_in_words(definition, sheet.standing[definition.key, side].value)


def value_in_words(definition: Definition, value: str) -> str:
    words = definition.words(value)
    if definition.kind == Kind.GRADE:
        return f"MRC {words}"
    return f"{words} of {definition.high}" if definition.kind == Kind.SCALE else words


def _with_source(definition: Definition, side: str, sheet: Sheet) -> str:
    """The finding with its side, since when, and by whom where it was the patient."""
    held = sheet.standing[definition.key, side]
    text = _label(definition) + (f", {side}" if side != "none" else "")
    if held.since_on:
        text += f", since {clock.in_words(held.since_on)}"
    if held.value == findings.UNCHANGED and definition.key in sheet.baselines:
        since = clock.in_words(sheet.baselines[definition.key])
        text += f", a baseline since {since}"
    if held.informant == Finding.Informant.PATIENT:
        text += f" {BY_PATIENT}"
    before = sheet.said_before.get((definition.key, side))
    if before is not None and before.value != held.value:
        text += f" [staff; patient said: {value_in_words(definition, before.value)}]"
    return text


def _label(definition: Definition) -> str:
    """Without the sign that sets one finding off from the next."""
    return definition.label.replace(";", ",")


def _joined(items: Iterable[str]) -> str:
    return "; ".join(items)
