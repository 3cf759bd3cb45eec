"""Reads what a screen's form sends: what is kept as it was sent, and the findings.

Pure. "Not sure" is an answer that leaves no finding; an empty box is no answer at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from outcomes.intake import ago, screens
from outcomes.intake.screens import Kind
from outcomes.intake.steps import NONE_OF_THESE, Raw, Step
from patients.catalogue import findings, red_flags, regions
from patients.catalogue.findings import ABSENT, PRESENT, UNCHANGED
from patients.triage.cells import Entry
from patients.triage.origin_items import Cell

CANT_TELL = "cant_tell"
NOTHING = "nothing"
# The text that asks for what was not checked; what was is kept.
REST = "flags_rest"
TOO_LONG = "text_long"
TEXT_LENGTH = findings.TEXT_LENGTH
SIDES = {
    "no": (ABSENT, ABSENT),
    "left": (PRESENT, ABSENT),
    "right": (ABSENT, PRESENT),
    "both": (PRESENT, PRESENT),
    CANT_TELL: (None, None),
}
DETAILS = {"yes": PRESENT, "no": ABSENT, CANT_TELL: None}
KNOWN = (PRESENT, UNCHANGED, ABSENT)


class AnswerError(ValueError):
    """It is no answer yet; the argument is the key of the text that says why."""

    @property
    def key(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Reading:
    """still_open is the key of a text that asks for more, though this much is kept."""

    raw: dict[str, list[str]]
    entries: dict[Cell, Entry | None] = field(default_factory=dict)
    still_open: str = ""


def read(step: Step, form: Raw, today: date) -> Reading:
    """AnswerError where nothing can be kept."""
    return _READERS[step.kind](step, form, today)


def read_again(step: Step, before: Raw, today: date) -> Reading:
    """What was kept of a screen; empty where nothing was, or it is no answer now."""
    try:
        return read(step, before, today) if before else Reading({})
    except AnswerError:
        return Reading({})


def changed(reading: Reading, before: Reading) -> dict[Cell, Entry | None]:
    """What of it the patient had not said before."""
    said = before.entries
    return {
        cell: entry
        for cell, entry in reading.entries.items()
        if cell not in said or said[cell] != entry
    }


def repeated_flags(reading: Reading) -> dict[Cell, Entry | None]:
    """A yes to a red flag is heard each time: it may have been closed in between."""
    known = findings.definitions()
    return {
        cell: entry
        for cell, entry in reading.entries.items()
        if entry and entry.value == PRESENT and known[cell[0]].block == "red_flags"
    }


def _map(step: Step, form: Raw, today: date) -> Reading:
    chosen = list(dict.fromkeys(filter(None, form.get("regions", ()))))
    where: Cell = ("pain_regions", "none")
    most: Cell = ("pain_worst", "none")
    if not chosen:
        if CANT_TELL not in form.get("answer", ()):
            raise AnswerError("map_missing")
        return Reading({"answer": [CANT_TELL]}, {where: None, most: None})
    for region in chosen:
        _check_region(region)
    worst = "".join(form.get("worst_region", ())) or (
        chosen[0] if len(chosen) == 1 else ""
    )
    if worst not in chosen:
        raise AnswerError("worst_missing")
    return of_map(chosen, [worst])


def of_map(chosen: Sequence[str], worst: Sequence[str]) -> Reading:
    """Marked places; none at all takes back what the patient marked before."""
    marked = {"pain_regions": ",".join(chosen), "pain_worst": "".join(worst)}
    return Reading(
        {"regions": [*chosen], "worst_region": [*worst]},
        {(code, "none"): Entry(v) if v else None for code, v in marked.items()},
    )


def _check_region(region: str) -> None:
    try:
        regions.parse(region)
    except ValueError:
        raise AnswerError("map_missing") from None


def _ago(step: Step, form: Raw, today: date) -> Reading:
    raw, since = _since(form, today, must=True)
    value = Entry(since.isoformat()) if since else None
    return Reading(raw, {(step.definition.key, "none"): value})


def _since(
    form: Raw, today: date, *, must: bool
) -> tuple[dict[str, list[str]], date | None]:
    """The day that a number and a unit mean; None where the patient cannot tell."""
    text, unit = _one(form, "number"), _one(form, "unit")
    if unit == CANT_TELL or not (must or text):
        return ({"unit": [unit]} if unit == CANT_TELL else {}), None
    number = ago.number_in(text)
    if number is None:
        raise AnswerError("number_missing")
    if unit not in ago.UNITS:
        raise AnswerError("unit_missing")
    try:
        since = ago.day(number, unit, today)
    except (ValueError, OverflowError):
        raise AnswerError("before_born") from None
    return {"number": [str(number)], "unit": [unit]}, since


def _scale(step: Step, form: Raw, today: date) -> Reading:
    chosen = _one(form, "answer")
    cell = (step.definition.key, "none")
    if chosen == CANT_TELL:
        return Reading({"answer": [chosen]}, {cell: None})
    try:
        value = step.definition.read(chosen, today=today)
    except ValueError:
        raise AnswerError("choose_one") from None
    return Reading({"answer": [value]}, {cell: Entry(value)})


def _boxes(step: Step, form: Raw, today: date) -> Reading:
    offered = options(step)
    chosen = [key for key in offered if key in form.get("answer", ())]
    if not chosen:
        raise AnswerError("boxes_missing")
    if NOTHING in chosen and len(chosen) > 1:
        raise AnswerError("nothing_and_more")
    entry = Entry(",".join(chosen))
    return Reading({"answer": chosen}, {(step.definition.key, "none"): entry})


def options(step: Step) -> dict[str, findings.Option]:
    """What fits the place that hurts, "nothing" last."""
    content, asked = screens.content(), step.definition
    return {
        key: option
        for key, option in asked.options.items()
        if content.is_offered(asked.key, key, step.site)
    }


def _symptom(step: Step, form: Raw, today: date) -> Reading:
    chosen = _one(form, "answer")
    if chosen not in SIDES:
        raise AnswerError("choose_one")
    raw: dict[str, list[str]] = {}
    since: date | None = None
    if PRESENT in SIDES[chosen]:
        raw, since = _since(form, today, must=False)
    entries: dict[Cell, Entry | None] = {
        (step.definition.key, side): _entry(value, since)
        for side, value in zip(("left", "right"), SIDES[chosen], strict=True)
    }
    return Reading({"answer": [chosen], **raw}, entries)


def _entry(value: str | None, since: date | None) -> Entry | None:
    if value is None:
        return None
    return Entry(value, since if value == PRESENT else None)


def _flags(step: Step, form: Raw, today: date) -> Reading:
    """What is checked is present; the rest is absent once "none" says so."""
    sent = set(form.get("answer", ()))
    checked = [found.key for found in step.asks if found.key in sent]
    is_done = NONE_OF_THESE in sent
    if not checked and not is_done:
        raise AnswerError("flags_missing")
    entries: dict[Cell, Entry | None] = {
        (code, "none"): Entry(PRESENT) for code in checked
    }
    left = [found.key for found in step.asks if found.key not in checked]
    if is_done:
        for code in left:
            entries |= _denied(code)
    raw = {"answer": checked + [NONE_OF_THESE] * is_done}
    still_open = REST if left and not is_done else ""
    return Reading(raw, entries, still_open)


def _denied(code: str) -> dict[Cell, Entry | None]:
    """With the flag goes what made it more urgent."""
    details = red_flags.details_of(code)
    return {(code, "none"): Entry(ABSENT)} | {(d.key, "none"): None for d in details}


def _known(step: Step, form: Raw, today: date) -> Reading:
    chosen = _one(form, "answer")
    if chosen not in KNOWN:
        raise AnswerError("choose_one")
    code = step.definition.key
    entries: dict[Cell, Entry | None] = {(code, "none"): Entry(chosen)}
    return Reading({"answer": [chosen]}, _denied(code) if chosen == ABSENT else entries)


def _detail(step: Step, form: Raw, today: date) -> Reading:
    chosen = _one(form, "answer")
    if chosen not in DETAILS:
        raise AnswerError("choose_one")
    entry = _entry(DETAILS[chosen], None)
    return Reading({"answer": [chosen]}, {(step.definition.key, "none"): entry})


def _text(step: Step, form: Raw, today: date) -> Reading:
    cell, text = (step.definition.key, "none"), _one(form, "answer")
    if not text:
        return Reading({"answer": [""]}, {cell: None})
    try:
        value = step.definition.read(text, today=today)
    except ValueError:
        raise AnswerError(TOO_LONG) from None
    return Reading({"answer": [value]}, {cell: Entry(value)})


def _one(form: Raw, name: str) -> str:
    return "".join(form.get(name, ())[:1]).strip()


_READERS: Mapping[Kind, Callable[[Step, Raw, date], Reading]] = {
    Kind.MAP: _map,
    Kind.AGO: _ago,
    Kind.SCALE: _scale,
    Kind.BOXES: _boxes,
    Kind.SYMPTOM: _symptom,
    Kind.FLAGS: _flags,
    Kind.KNOWN: _known,
    Kind.DETAIL: _detail,
    Kind.TEXT: _text,
}
