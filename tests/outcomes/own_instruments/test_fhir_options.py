"""Options of Questionnaires: listed, weighed, in value sets, and faulty ones."""

from decimal import Decimal

import pytest

from outcomes.instruments.brought import Brought
from tests.outcomes.own_instruments import corpus
from tests.outcomes.own_instruments.brought_files import (
    coded,
    definition,
    fhir_of,
    question,
)

OTHER = question("other", "string")
AB = coded("a", "b")


def one(item: dict[str, object]) -> Brought:
    """Beside another, so that something is left where it is refused."""
    return fhir_of(OTHER, item)


@pytest.mark.parametrize("name", ["itemWeight", "ordinalValue"])
@pytest.mark.parametrize("place", ["option", "coding"])
def test_a_weight_stands_on_the_option_or_on_its_coding(name, place):
    weight = [corpus.extension(name, valueDecimal=1.5)]
    plain = {"code": "a", "display": "A"}
    option = {"valueCoding": plain, "extension": weight}
    if place == "coding":
        option = {"valueCoding": {**plain, "extension": weight}}
    told = question("f", "choice", answerOption=[option, *coded("b")])
    options = definition(one(told)).by_link_id["f"].options
    assert [each.weight for each in options] == [Decimal("1.5"), None]


def test_a_coding_without_a_code_means_the_option_with_its_words():
    """Options in words have no code either: none of them is as good as the other."""
    options = [{"valueString": each} for each in ("Mild", "Severe")]
    severe = {"display": "Severe"}
    told = question(
        "f", "choice", answerOption=options, initial=[{"valueCoding": severe}]
    )
    assert definition(one(told)).by_link_id["f"].initial == "2"
    other = {"valueCoding": {"display": "Terrible"}}
    told = question("f", "choice", answerOption=options, initial=[other])
    assert [each.where for each in one(told).refusals] == ["f"]


def test_a_box_counts_its_weight():
    option = {**coded("a")[0], "extension": [corpus.extension("itemWeight")]}
    option["extension"][0]["valueDecimal"] = 3
    told = question("f", "choice", repeats=True, answerOption=[option, *coded("b")])
    boxes = definition(one(told)).by_link_id["f"].items
    assert [each.weight for each in boxes] == [3, None]


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (coded("0", "1", "2"), [0, 1, 2]),
        (coded("10", "-5"), [10, -5]),
        (coded("a", "b"), [1, 2]),
        (coded("1", "b"), [1, 2]),
        ([{"valueInteger": n} for n in (3, 7)], [3, 7]),
        ([{"valueString": s} for s in ("x", "y")], [1, 2]),
    ],
    ids=["codes 0 1 2", "codes 10 -5", "letters", "mixed", "integers", "words"],
)
def test_options_are_numbered_by_their_codes_else_by_their_places(options, values):
    told = question("f", "choice", answerOption=options)
    found = definition(one(told)).by_link_id["f"].options
    assert [each.value for each in found] == values


VALUE_SET = {
    "resourceType": "ValueSet",
    "id": "ab",
    "compose": {
        "include": [
            {"system": "s", "concept": [{"code": c, "display": c} for c in "ab"]}
        ]
    },
}


def by_value_set(address: object, **more: object) -> Brought:
    held = {**VALUE_SET, **more}
    told = question("f", "choice", answerValueSet=address)
    return fhir_of(OTHER, told, contained=[held])


def test_a_value_set_in_the_file_gives_the_options():
    options = definition(by_value_set("#ab")).by_link_id["f"].options
    assert [(each.code, each.system) for each in options] == [("a", "s"), ("b", "s")]


@pytest.mark.parametrize(
    ("address", "more", "told"),
    [
        ("http://example.org/vs", {}, "'http://example.org/vs', which is not in"),
        (
            "#cd",
            {},
            "its options are in the value set '#cd', which is not",
        ),
        (7, {}, "its options are in the value set 7, which is not in this file"),
        ("#ab", {"resourceType": "CodeSystem"}, "which is not in this file"),
        ("#ab", {"compose": {}}, "the value set #ab lists no concepts"),
        (
            "#ab",
            {"compose": {"include": [{"filter": [{"op": "is-a"}]}]}},
            "its value set is filtered or made of others",
        ),
        (
            "#ab",
            {"compose": {**VALUE_SET["compose"], "exclude": [{"system": "s"}]}},
            "its value set excludes concepts",
        ),
    ],
)
def test_a_value_set_that_cannot_be_looked_up_is_refused_by_its_item(
    address, more, told
):
    problems = [
        each.problem
        for each in by_value_set(address, **more).refusals
        if each.where == "f"
    ]
    assert any(told in each for each in problems)


TWINS = [*coded("a"), *coded("a")]


@pytest.mark.parametrize(
    ("told", "where", "problem"),
    [
        ({}, "f", "it is a choice without options"),
        ({"answerOption": []}, "f", "it is a choice without options"),
        ({"answerOption": coded("a")}, "f", "it has only one option"),
        ({"answerOption": TWINS}, "f", "the option a stands twice"),
        (
            {"answerOption": AB, "answerValueSet": "#x"},
            "f",
            "it has both answerOption and answerValueSet",
        ),
        (
            {"answerOption": [*AB, {"valueCoding": {"code": "c"}}]},
            "f, option 3",
            "the option c has no display",
        ),
        (
            {"answerOption": [*AB, {"valueCoding": {"display": "C"}}]},
            "f, option 3",
            "it has no code that can be kept",
        ),
        (
            {"answerOption": [*AB, {"valueDate": "2024-01-01"}]},
            "f, option 3",
            "an option of valueDate is not supported",
        ),
        (
            {"answerOption": [*AB, {"valueReference": {}}]},
            "f, option 3",
            "an option of valueReference is not supported",
        ),
        ({"answerOption": [*AB, {}]}, "f, option 3", "it has no value"),
        (
            {"answerOption": [*AB, {"valueInteger": 1.5}]},
            "f, option 3",
            "its valueInteger is no whole number",
        ),
        (
            {"answerOption": coded(*(f"c{n}" for n in range(201)))},
            "f",
            "it has more than 200 options",
        ),
    ],
)
def test_faulty_options_are_refused_by_their_places(told, where, problem):
    brought = one(question("f", "choice", **told))
    assert (where, problem) in {(e.where, e.problem) for e in brought.refusals}
