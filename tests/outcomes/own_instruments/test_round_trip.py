"""What is brought in goes out again equal in link ids, options and conditions."""

import json
from typing import Any

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcomes.instruments import library
from outcomes.instruments.definition import InstrumentDefinition
from outcomes.instruments.fhir import reading, writing
from outcomes.instruments.redcap import reading as redcap
from tests.outcomes.own_instruments import corpus

CORPUS = range(120)


def out(definition: InstrumentDefinition) -> dict[str, Any]:
    found = writing.questionnaire(definition, library.measures())
    Questionnaire.model_validate(found)
    return found


def back(content: dict[str, Any]) -> InstrumentDefinition:
    brought = reading.read(json.dumps(content).encode())
    assert not brought.refusals, brought.refusals
    assert brought.definition is not None
    return brought.definition


def assert_same(one: InstrumentDefinition, other: InstrumentDefinition) -> None:
    assert list(one.by_link_id) == list(other.by_link_id)
    for link_id, item in one.by_link_id.items():
        twin = other.by_link_id[link_id]
        said = [(o.value, o.label, o.weight) for o in item.options]
        assert said == [(o.value, o.label, o.weight) for o in twin.options]
        assert (item.enable_when, item.enable_any) == (
            twin.enable_when,
            twin.enable_any,
        )
        assert (item.values, item.none, item.cant_tell, item.help, item.formula) == (
            *(twin.values, twin.none, twin.cant_tell, twin.help, twin.formula),
        )


@pytest.mark.parametrize("key", library.instruments())
def test_what_ships_goes_out_and_comes_back(key):
    definition = library.instruments()[key]
    assert_same(definition, back(out(definition)))


def in_file(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Link ids with the options and conditions that stand in a file."""
    found: dict[str, Any] = {}
    for item in items:
        options = [
            {k: _coded(v) for k, v in option.items() if k.startswith("value")}
            for option in item.get("answerOption", ())
        ]
        conditions = [
            {k: _coded(v) for k, v in one.items()} for one in item.get("enableWhen", ())
        ]
        behavior = item.get("enableBehavior")
        found[item["linkId"]] = (options, conditions, behavior)
        found |= in_file(item.get("item", []))
    return found


def _coded(value: Any) -> Any:
    if isinstance(value, dict):
        return value.get("code", value.get("value"))
    return value


def test_a_corpus_of_invented_ones_comes_out_as_it_went_in():
    for seed in CORPUS:
        told = corpus.questionnaire(seed)
        Questionnaire.model_validate(told)
        definition = back(told)
        again = out(definition)
        before, after = in_file(told["item"]), in_file(again["item"])
        # A number compared with a quantity is compared with a number.
        assert {**after, **before} == after or _but_quantities(before, after), seed
        assert_same(definition, back(again))
        assert definition.languages == ("en", "es")


def _but_quantities(before: dict[str, Any], after: dict[str, Any]) -> bool:
    def plain(found: dict[str, Any]) -> str:
        return json.dumps({k: found[k] for k in before}).replace(
            "answerQuantity", "answerDecimal"
        )

    return plain(before) == plain(after)


def test_dictionaries_become_questionnaires_that_come_back():
    for seed in range(60):
        brought = redcap.read(corpus.dictionary(corpus.dictionary_rows(seed)))
        assert brought.definition is not None, [str(f) for f in brought.refusals]
        assert_same(brought.definition, back(out(brought.definition)))


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(TEXT, st.lists(TEXT, min_size=2, max_size=5, unique=True)),
        min_size=1,
        max_size=6,
        unique_by=lambda each: each[0],
    )
)
def test_whatever_the_names_and_words_they_come_back(told):
    items = [
        {
            "linkId": name,
            "type": "choice",
            "text": name,
            "answerOption": [
                {"valueCoding": {"code": code, "display": code}} for code in codes
            ],
        }
        for name, codes in told
    ]
    for place, item in enumerate(items[1:]):
        code = told[place][1][0]
        item["enableWhen"] = [
            {
                "question": told[place][0],
                "operator": "=",
                "answerCoding": {"code": code},
            }
        ]
    content = {"resourceType": "Questionnaire", "status": "draft", "item": items}
    definition = back({**content, "language": "en", "title": "T"})
    assert_same(definition, back(out(definition)))
