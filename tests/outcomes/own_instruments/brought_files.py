"""Small files to bring in, and what was told about them."""

import json
from decimal import Decimal
from typing import Any

from outcomes.instruments import enabling
from outcomes.instruments.brought import Brought
from outcomes.instruments.definition import Given, InstrumentDefinition
from outcomes.instruments.fhir import reading as fhir
from outcomes.instruments.redcap import reading as redcap
from tests.outcomes.own_instruments import corpus

Json = dict[str, Any]


def fhir_of(*items: Json, **more: Any) -> Brought:
    """What is made of a Questionnaire of these items."""
    told = {"resourceType": "Questionnaire", "status": "draft", "language": "en"}
    told |= {"title": "T", "item": list(items), **more}
    return fhir.read(json.dumps(told).encode())


def question(link_id: str, kind: str, **more: Any) -> Json:
    return {"linkId": link_id, "type": kind, "text": f"About {link_id}?", **more}


def coded(*codes: str, **more: Any) -> list[Json]:
    return [{"valueCoding": {"code": c, "display": c.upper()}, **more} for c in codes]


def choice(link_id: str, *codes: str, **more: Any) -> Json:
    return question(link_id, "choice", answerOption=coded(*codes), **more)


def extended(link_id: str, kind: str, name: str, **value: Any) -> Json:
    """A question with one extension."""
    return question(link_id, kind, extension=[corpus.extension(name, **value)])


def redcap_of(*rows: list[str], **more: Any) -> Brought:
    return redcap.read(corpus.dictionary(list(rows)), **more)


def definition(brought: Brought) -> InstrumentDefinition:
    assert brought.refusals == [], refused(brought)
    assert brought.definition is not None
    return brought.definition


def refused(brought: Brought) -> dict[str, str]:
    return {each.where: each.problem for each in brought.refusals}


def noted(brought: Brought) -> dict[str, str]:
    return {each.where: each.problem for each in brought.notices}


def given(**answers: float | str | None) -> dict[str, Given]:
    """Numbers as a form reads them; two underscores stand for a stroke."""
    return {
        name.replace("__", "/"): Decimal(str(value))
        if isinstance(value, int | float)
        else value
        for name, value in answers.items()
    }


def asked(brought: Brought, **answers: float | str | None) -> list[str]:
    """The questions that these answers leave to be asked."""
    items = definition(brought).items
    return [each.link_id for each in enabling.enabled(items, given(**answers))]
