"""The complaints behind a number of the report, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from outcomes.dashboards import diagnosis_categories
from outcomes.dashboards.listed import Listed, listed
from outcomes.dashboards.sources.choices import (
    CHANGES,
    DATES,
    KINDS,
    KNOWN,
    NONE,
    STEPS,
    CellForm,
    Choices,
)
from patients.catalogue import places


@dataclass(frozen=True, slots=True)
class ListPage:
    choices: Choices
    listed: Listed[Any]
    said: Sequence[str]


def page(found: QuerySet[Any], form: CellForm) -> ListPage:
    newest = found.select_related(
        "patient__clinic", "patient__merged_into__clinic"
    ).order_by("-opened_on", "-pk")
    shown = listed(newest, form.cleaned_data["page"])
    for row in shown.rows:
        row.current_label = source_label(row.current)
    return ListPage(
        choices=form.chosen,
        listed=shown,
        said=in_words(form),
    )


def source_label(key: str | None) -> str:
    return places.pain_sources()[key].label if key else ""


def in_words(form: CellForm) -> list[str]:
    """What the address asks for, such as "source S1 nerve root"."""
    cell, choices = form.cell, form.chosen
    words = {
        "side": choices.side,
        "opened": _period(choices),
        "source": _named(cell.get("source"), source_label, choices.unnamed),
        "from": _kind(cell.get("kind")),
        "first named": source_label(cell.get("first_source")),
        "first diagnosis": _named(
            cell.get("first_diagnosis"), diagnosis_categories.words, "none"
        ),
        "final diagnosis": _named(
            cell.get("final_diagnosis"), diagnosis_categories.words, "none stands"
        ),
        "source of the ledger": CHANGES.get(cell.get("ledger", ""), ""),
        "diagnosis of the source": CHANGES.get(cell.get("diagnosis", ""), ""),
        "": _step(cell),
    }
    said = [
        f"{name}: {value}" if name else value for name, value in words.items() if value
    ]
    return [*said, *(["confirmed sources only"] if choices.is_confirmed else [])]


def _period(choices: Choices) -> str:
    first, last = choices.opened_from, choices.opened_until
    parts = [f"from {first}" if first else "", f"until {last}" if last else ""]
    return " ".join(filter(None, parts))


def _named(key: str | None, label: Any, none: str) -> str:
    if not key:
        return ""
    return none if key == NONE else label(key)


def _kind(key: str | None) -> str:
    if not key:
        return ""
    return "any source that is known" if key == KNOWN else KINDS[key].label


def _step(cell: Any) -> str:
    if "step" not in cell:
        return ""
    return f"{STEPS[cell['step']].label}: {DATES[cell.get('dates', KNOWN)]}"
