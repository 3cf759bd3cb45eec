"""Questionnaires that a clinic brings, of our own invention, and their rows."""

import json
from typing import Any

from clinic.models import Clinic, User
from outcomes.models import Instrument, InstrumentDraft
from outcomes.own_instruments import drafts, publishing, uses

CORE = "http://hl7.org/fhir/StructureDefinition/"


def _option(code: str, display: str, spanish: str) -> dict[str, Any]:
    return {
        "valueCoding": {
            "code": code,
            "display": display,
            "_display": _translated(spanish),
        }
    }


def _translated(text: str) -> dict[str, Any]:
    told = [
        {"url": "lang", "valueCode": "es"},
        {"url": "content", "valueString": text},
    ]
    return {"extension": [{"url": f"{CORE}translation", "extension": told}]}


STAIRS: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "status": "active",
    "language": "en",
    "name": "stairs",
    "title": "Stairs and steps",
    "_title": _translated("Escaleras"),
    "copyright": "Nobody at all",
    "item": [
        {
            "linkId": "up",
            "type": "choice",
            "required": True,
            "text": "How hard is it to go up stairs?",
            "_text": _translated("¿Cuánto le cuesta subir escaleras?"),
            "answerOption": [
                _option("0", "Not hard", "Nada"),
                _option("1", "A bit hard", "Un poco"),
                _option("2", "Very hard", "Mucho"),
            ],
        },
        {
            "linkId": "why",
            "type": "choice",
            "required": True,
            "text": "What stops you most?",
            "_text": _translated("¿Qué le detiene más?"),
            "enableWhen": [
                {"question": "up", "operator": "=", "answerCoding": {"code": "2"}}
            ],
            "answerOption": [
                _option("pain", "Pain", "Dolor"),
                _option("fear", "Fear", "Miedo"),
            ],
        },
        {
            "linkId": "down",
            "type": "integer",
            "required": True,
            "text": "How sure do you feel going down?",
            "_text": _translated("¿Cuánta seguridad siente al bajar?"),
            "extension": [
                {"url": f"{CORE}minValue", "valueInteger": 0},
                {"url": f"{CORE}maxValue", "valueInteger": 10},
            ],
        },
    ],
}
CONTENT = json.dumps(STAIRS).encode()
SCORES = """
[[scores]]
key = "total"
name = "Trouble with stairs"
method = "sum"
items = ["up", "down"]
reversed = ["down"]
minimum = 0
maximum = 12
better_is = "lower"
mic_points = 2
mic_source = "invented, for tests"
"""


def make_draft(clinic: Clinic, *, by: User, scores: str = SCORES) -> InstrumentDraft:
    (draft,) = drafts.bring(clinic, CONTENT, file_name="stairs.json", by=by)
    return drafts.set_scores_of_file(draft, scores.encode(), by=by, revision=1)


def publish(clinic: Clinic, *, by: User) -> Instrument:
    return publish_draft(make_draft(clinic, by=by), by=by)


def publish_draft(draft: InstrumentDraft, *, by: User) -> Instrument:
    return publishing.publish(
        draft,
        holder="Nobody at all",
        licence="Written for tests",
        is_licensed=True,
        by=by,
    )


def for_a_side(clinic: Clinic, *, by: User) -> dict[str, Any]:
    """One that is asked, and the same brought once more."""
    instrument = publish(clinic, by=by)
    (draft,) = drafts.bring(clinic, CONTENT, file_name="stairs.json", by=by)
    use = uses.begin(instrument, slot="function_licensed", by=by)
    return {
        "instrument": instrument,
        "instrument_draft": draft,
        "instrument_use": use,
    }
