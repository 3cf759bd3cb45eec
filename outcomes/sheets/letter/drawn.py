"""The chart of a letter; in Spanish its few words are exchanged in the drawing. Pure.

Charts are drawn for staff, who read English. Names of measures and treatments come in
the letter's language already; what remains are words of the axes and the levels.
"""

import re
from collections.abc import Mapping

from django.utils.safestring import SafeString, mark_safe

from outcomes.dashboards import charts

TEXT = re.compile(r">([^<>]+)<")
ABOUT = re.compile(r"(<desc[^>]*>)[^<]*(</desc>)")
# The longest first, so that no part of one is taken for another.
PHRASES: Mapping[str, str] = {
    "Half-filled marks are answers with some questions left open.": (
        "Las marcas a medio llenar son respuestas con preguntas sin contestar."
    ),
    "Squares are answers outside their window.": (
        "Los cuadrados son respuestas fuera de plazo."
    ),
    "dash-dotted: acceptable": "raya y punto: aceptable",
    "dotted: meaningful": "puntos: cambio que importa",
    "outside its window": "fuera de plazo",
    "higher is better": "más es mejor",
    "lower is better": "menos es mejor",
    "no answers yet": "sin respuestas todavía",
    "partial answer": "respuesta parcial",
    "dashed: goal": "rayas: meta",
    "no baseline": "sin respuesta anterior",
    "meaningful": "importa",
    "acceptable": "aceptable",
    "or less": "o menos",
    "or more": "o más",
    "before start": "antes del inicio",
    "start": "inicio",
    "goal": "meta",
    "wk": "sem",
    "mo": "m",
}
KNOWN = re.compile(rf"\b({'|'.join(PHRASES)})(?!\w)")
YEARS = re.compile(r"^(\S*\d) y$")


def drawn(chart: charts.CourseChart, language: str, about: str) -> SafeString:
    """As the page shows it; `about` is told to who cannot see it."""
    markup = str(charts.render(chart))
    if language == "en":
        return mark_safe(markup)  # noqa: S308  # our own templates escaped it
    return mark_safe(in_spanish(markup, about))  # noqa: S308


def in_spanish(markup: str, about: str) -> str:
    """`about` must be escaped; it takes the place of the English description."""
    told = ABOUT.sub(lambda found: f"{found[1]}{about}{found[2]}", markup)
    return TEXT.sub(lambda found: f">{_said(found[1])}<", told)


def _said(text: str) -> str:
    in_years = YEARS.sub(r"\1 a", text)
    return KNOWN.sub(lambda found: PHRASES[found[1]], in_years)
