"""How an import is told on its pages."""

from django import template

from patients.models import PatientImport
from patients.record.imports.fhir_glance import READ
from patients.record.imports.fields import FIELDS
from patients.record.imports.steps import DIAGNOSES, PATIENTS, REFUSED

register = template.Library()

OUTCOMES = {
    "new": "new",
    "changed": "changed",
    "same": "as they were",
    REFUSED: "refused",
}
TITLES = {PATIENTS: "Patients", DIAGNOSES: "Diagnoses"}


@register.filter
def thousands(number: int) -> str:
    return f"{number:,}"


@register.filter
def things(run: PatientImport) -> str:
    """What its total counts."""
    word = "row" if run.kind == PatientImport.Kind.CSV else "resource"
    return word if run.total == 1 else f"{word}s"


@register.filter
def patients_and_conditions(run: PatientImport) -> str:
    """Those of a FHIR file that go in."""
    types = run.contents["types"]
    found = [(types.get(name, 0), name.lower()) for name in READ]
    return " and ".join(
        f"{number:,} {word}{'' if number == 1 else 's'}"
        for number, word in found
        if number
    )


@register.filter
def outcome_word(outcome: str) -> str:
    return {"same": "here already"}.get(outcome, outcome)


@register.filter
def field_label(key: str) -> str:
    """A field of a list by its label; a path of FHIR as it is."""
    return FIELDS[key].label if key in FIELDS else key


@register.filter
def is_needed(key: str) -> bool:
    return key == "mrn" or FIELDS[key].is_required


@register.filter
def counted(run: PatientImport) -> list[tuple[str, list[tuple[str, int]]]]:
    """Patients, and diagnoses where there are any: each outcome with its number."""
    return [
        (
            TITLES[of],
            [(label, run.count(of, outcome)) for outcome, label in OUTCOMES.items()],
        )
        for of in TITLES
        if of in run.counts
    ]


@register.filter
def results(run: PatientImport) -> list[str]:
    """For a list: what is not nothing, in words."""
    totals = {
        label: sum(run.count(of, outcome) for of in TITLES)
        for outcome, label in OUTCOMES.items()
    }
    return [f"{number:,} {label}" for label, number in totals.items() if number]


@register.filter
def refused_total(run: PatientImport) -> int:
    return sum(run.count(of, REFUSED) for of in TITLES)
