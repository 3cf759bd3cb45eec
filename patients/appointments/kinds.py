"""Whether an appointment is for a procedure, told by what it is called."""

import re
from collections.abc import Iterable

from patients.models import Appointment
from patients.record.imports.fields import plain

Kind = Appointment.Kind
# Folded: whole words, and beginnings of words.
PROCEDURE_WORDS = ("prp", "inj", "bmc", "bmac", "esi", "tfesi", "rfa")
PROCEDURES = (
    "platelet",
    "plasma",
    "inject",
    "infiltra",
    "inyec",
    "bone marrow",
    "medula osea",
    "epidural",
    "nerve block",
    "medial branch",
    "facet block",
    "si joint block",
    "bloqueo",
    "ablation",
    "prolotherapy",
    "aspiration",
    "tenotomy",
    "procedure",
    "proced",
)
# "PRP follow-up" is a visit about a procedure and none itself.
VISIT_WORDS = ("fu", "f u")
VISITS = (
    "follow up",
    "followup",
    "consult",
    "post",
    "review",
    "check",
    "discuss",
    "eval",
    "screening",
    "control",
    "seguimiento",
    "revision",
    "consulta",
    "evaluacion",
)


def _one_of(words: Iterable[str], beginnings: Iterable[str]) -> re.Pattern[str]:
    whole, begun = "|".join(words), "|".join(beginnings)
    return re.compile(rf"\b(?:(?:{whole})\b|(?:{begun}))")


_PROCEDURE = _one_of(PROCEDURE_WORDS, PROCEDURES)
_VISIT = _one_of(VISIT_WORDS, VISITS)


def told_by(*texts: str) -> str:
    """The kind that the first text with such a word tells; empty where none does."""
    for text in map(plain, texts):
        if _VISIT.search(text):
            return Kind.VISIT
        if _PROCEDURE.search(text):
            return Kind.PROCEDURE
    return ""
