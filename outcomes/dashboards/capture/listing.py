"""The follow-ups behind a number of the capture report, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from clinic import access
from clinic.access import Act
from clinic.models import Clinic, User
from outcomes.dashboards import listed as paging
from outcomes.dashboards.capture import clinic_figures, steps
from outcomes.dashboards.capture import page as capture_page
from outcomes.dashboards.capture import rows as patients_figures
from outcomes.dashboards.capture.choices import (
    CLINIC_PARTS,
    DELIVERIES,
    FATES,
    NONE,
    CellForm,
    Choices,
)
from outcomes.dashboards.capture.counts import Report
from outcomes.dashboards.charts.capture import BEFORE
from outcomes.dashboards.listed import Listed


@dataclass(frozen=True, slots=True)
class ListPage:
    choices: Choices
    listed: Listed[Any]
    said: Sequence[str]
    has_names: bool
    # About the clinic's own part.
    is_clinics: bool


def page(user: User, clinic: Clinic, form: CellForm, today: date) -> ListPage:
    found = listed(user, form, today)
    newest = found.select_related(
        *("patient__clinic", "patient__merged_into__clinic"), "episode__plan"
    ).order_by("-closes_on", "-pk")
    shown = paging.listed(newest, form.cleaned_data["page"])
    is_clinics = "clinic" in form.cell
    words = CLINIC_PARTS if is_clinics else FATES
    for row in shown.rows:
        row.fate_words = words[row.fate]
        row.done_at = row.examined_at if is_clinics else row.answer_at
    return ListPage(
        choices=form.chosen,
        listed=shown,
        said=in_words(form, clinic),
        has_names=access.can(user, Act.READ_PATIENTS),
        is_clinics=is_clinics,
    )


def listed(user: User, form: CellForm, today: date) -> QuerySet[Any]:
    """The follow-ups behind a number, of the patients' part or of the clinic's."""
    rows = clinic_figures if "clinic" in form.cell else patients_figures
    return rows.listed(user, form.chosen, form.cell, today)


def in_words(form: CellForm, clinic: Clinic) -> list[str]:
    """What the address asks for, such as "provider: Dr Okafor"."""
    chosen = form.chosen
    words = capture_page.labels(Report(None, {}, {}, None), chosen, clinic)
    said = [chosen.words]
    for name, key in chosen.narrowed.items():
        said.append(f"{name_words(name)}: {words.get(name, {}).get(key, key)}")
    return [*said, *cell_words(form.cell)]


def name_words(name: str) -> str:
    return capture_page.WORDS[name].lower()


def cell_words(cell: Mapping[str, str]) -> list[str]:
    said = [FATES[cell["fate"]]] if "fate" in cell else []
    if "delivery" in cell:
        said.append(DELIVERIES[cell["delivery"]])
    if "clinic" in cell:
        said.append(CLINIC_PARTS[cell["clinic"]])
    for name, words in (("step", "after"), ("silent", "silent at")):
        if name in cell:
            said.append(f"{words}: {step_words(cell[name])}")
    return said


def step_words(key: str) -> str:
    return steps.words(BEFORE if key == NONE else key)
