"""From answers to scores. Each measure is one item, so a missing answer is no score.

A score that cannot be made is None and never 0.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from clinic import reference_data
from outcomes.instruments.library import CANT_TELL, InstrumentDefinition, Item

ALGORITHM_VERSION = "single_item_1"

MESSAGES = {
    "en": {
        "missing": "Please choose an answer.",
        "rating": "Please choose a number from {low} to {high}.",
        "choice": "Please choose one of the answers shown.",
    },
    "es": {
        "missing": "Por favor, elija una respuesta.",
        "rating": "Por favor, elija un número del {low} al {high}.",
        "choice": "Por favor, elija una de las respuestas.",
    },
}


@dataclass(frozen=True, slots=True)
class ScoredMeasure:
    """One measure's value; None where the answer is missing or 'cannot tell'."""

    measure_key: str
    value: Decimal | None
    algorithm_version: str
    input_hash: str


def validate_answer(item: Item, raw: str, language: str = "en") -> Decimal | None:
    """The answer a form sent, None for 'cannot tell'; ValueError says what to do."""
    messages = MESSAGES.get(language, MESSAGES["en"])
    text = raw.strip()
    if not text:
        raise ValueError(messages["missing"])
    if text == CANT_TELL and item.allows_cant_tell:
        return None
    if re.fullmatch("[0-9]{1,2}", text) and int(text) in item.values:
        return Decimal(int(text))
    if item.type == "choice":
        raise ValueError(messages["choice"])
    low, high = item.values[0], item.values[-1]
    raise ValueError(messages["rating"].format(low=low, high=high))


def score(
    instrument: InstrumentDefinition,
    answers: Mapping[str, Decimal | None],
    site: str,
) -> list[ScoredMeasure]:
    """Every measure of the instrument in its order, for a complaint at this site.

    ValueError for an answer to a question the instrument does not have, or for a
    value the question does not offer.
    """
    items = {item.link_id: item for item in instrument.items}
    for link_id, value in answers.items():
        _check_answer(items, link_id, value)
    definition = instrument.sha256
    return [
        _scored(item.measure, _answered_by(item, site), answers, definition)
        for item in instrument.items
    ]


def _answered_by(item: Item, site: str) -> str:
    return item.score_from if site in item.skip_when_site else item.link_id


def _scored(
    measure: str,
    link_id: str,
    answers: Mapping[str, Decimal | None],
    definition: str,
) -> ScoredMeasure:
    value = answers.get(link_id)
    inputs = {
        "algorithm": ALGORITHM_VERSION,
        "answer": None if value is None else int(value),
        "definition": definition,
        "link_id": link_id,
        "measure": measure,
    }
    return ScoredMeasure(
        measure_key=measure,
        value=None if value is None else Decimal(int(value)),
        algorithm_version=ALGORITHM_VERSION,
        input_hash=reference_data.fingerprint(inputs),
    )


def _check_answer(
    items: Mapping[str, Item], link_id: str, value: Decimal | None
) -> None:
    if link_id not in items:
        raise ValueError(f"There is no question {link_id!r} in this instrument.")
    if value is not None and value not in items[link_id].values:
        raise ValueError(f"{value} is not an answer to the question {link_id!r}.")
