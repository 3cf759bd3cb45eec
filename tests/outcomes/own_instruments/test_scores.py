"""Scores of Questionnaires: read, written as FHIR can say them, and equal again."""

import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from outcomes.instruments import library, own_scores, scoring
from outcomes.instruments.brought import Brought
from outcomes.instruments.definition import (
    Band,
    InstrumentDefinition,
    MeasureDefinition,
    Scale,
)
from outcomes.instruments.fhir import reading, score_writing, writing
from tests.outcomes.own_instruments import corpus
from tests.outcomes.own_instruments.brought_files import (
    choice,
    definition,
    fhir_of,
    given,
    noted,
    question,
    refused,
)
from tests.outcomes.own_instruments.test_round_trip import assert_same, out

CALCULATED = f"{corpus.SDC}calculatedExpression"
VALUE = "%resource.repeat(item).where(linkId='{}').answer.value"
LANGUAGE = {"language": "text/fhirpath"}


def weighed(link_id: str, *weights: float, **more: object) -> dict[str, Any]:
    told = choice(link_id, *"abcdef"[: len(weights)], **more)
    for option, weight in zip(told["answerOption"], weights, strict=True):
        option["extension"] = [corpus.extension("itemWeight", valueDecimal=weight)]
    return told


def rated(link_id: str) -> dict[str, Any]:
    ends = (("minValue", 0), ("maxValue", 10))
    told = [corpus.extension(name, valueInteger=end) for name, end in ends]
    return question(link_id, "integer", required=True, extension=told)


ASKED = (
    weighed("a", 0, 1.5, 3),
    rated("b"),
    question("c", "boolean"),
    weighed("many", 1, 2, repeats=True),
)


def calculated(expression: object, link_id: str = "sum", **more: Any) -> dict[str, Any]:
    held = {**LANGUAGE, "expression": expression}
    extension = corpus.extension(CALCULATED, valueExpression={**held, **more})
    return question(link_id, "decimal", readOnly=True, extension=[extension])


# --- Read ----------------------------------------------------------------------------


def made(brought: Brought, **answers: float | str | None) -> dict[str, Decimal | None]:
    """The scores that the file suggests, of these answers."""
    found = definition(brought)
    ends = {"minimum": "-9999", "maximum": "9999", "better_is": "lower"}
    scores, problems = own_scores.read(
        [{**s, **ends} for s in brought.scores], found, ()
    )
    assert problems == []
    scored = scoring.score(
        own_scores.with_scores(found, scores), given(**answers), "foot"
    )
    return {each.measure_key.removeprefix("t_"): each.value for each in scored}


@pytest.mark.parametrize(
    ("expression", "answers", "expected"),
    [
        (f"{VALUE.format('b')} + 1", {"b": 4}, 5),
        (f"{VALUE.format('a')}.weight()", {"a": 2}, "1.5"),
        (f"{VALUE.format('a')}.ordinal()", {"a": 3}, 3),
        (f"{VALUE.format('many')}.weight().sum()", {"many__a": 1, "many__b": 1}, 3),
        (f"{VALUE.format('many')}.count()", {"many__a": 0, "many__b": 1}, 1),
        (f"iif({VALUE.format('c')} = true, 7, 0)", {"c": 1}, 7),
        (f"iif({VALUE.format('c')} = true, 7, 0)", {"c": 0}, 0),
        (f"{VALUE.format('b')}.select($this * 2)", {"b": 4}, 8),
        (f"({VALUE.format('b')} / 3).round(1)", {"b": 4}, "1.3"),
        (f"{VALUE.format('b')}.aggregate($this + $total, 0)", {"b": 4}, 4),
        (f"{VALUE.format('b')} + 1", {}, None),
        (f"iif({VALUE.format('b')} > 3, 1, {{}})", {"b": 3}, None),
    ],
)
def test_a_calculation_in_fhirpath_makes_a_score(expression, answers, expected):
    value = made(fhir_of(*ASKED, calculated(expression)), **answers)["sum"]
    assert value == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        *(
            (calculated(f"{VALUE.format('b')}{rest}"), "the formula cannot be read")
            for rest in (" +", " + (", ")", " 3", ".sum(", " + '", " ~~ 3", " + #")
        ),
        (calculated(""), "is not in text/fhirpath"),
        (calculated("%patient.age"), "the variable %patient is not known here"),
        (calculated("today()"), "the function today() is not supported"),
        (calculated("5"), "its calculation names no question of this file"),
        (calculated(f"{VALUE.format('nobody')}"), "names no question of this file"),
        (calculated("b", language="text/cql"), "is not in text/fhirpath"),
        (calculated(7), "is not in text/fhirpath"),
        ({**calculated(VALUE.format("b")), "type": "string"}, "only a number can be"),
        (calculated(VALUE.format("sum")), "its calculation is made of its own result"),
        (calculated("x" * 4001), "the formula is longer than 4000 characters"),
        (
            calculated("descendants().descendants().count()"),
            "descendants() stands within another walk",
        ),
    ],
)
def test_a_calculation_that_cannot_be_reckoned_is_refused(told, problem):
    found = refused(fhir_of(*ASKED, told))
    assert set(found) == {"sum"}
    assert problem in found["sum"]


def test_calculations_made_of_each_other_are_all_named():
    one = calculated(f"{VALUE.format('two')} + {VALUE.format('b')}", "one")
    two = calculated(f"{VALUE.format('one')} + 1", "two")
    fine = calculated(f"{VALUE.format('b')} + 1", "fine")
    assert set(refused(fhir_of(*ASKED, one, two, fine))) == {"one", "two"}


def test_a_fixed_answer_counts_only_where_its_condition_holds():
    hung = {"question": "c", "operator": "=", "answerBoolean": True}
    bonus = question("bonus", "integer", initial=[{"valueInteger": 5}])
    bonus |= {"readOnly": True, "enableWhen": [hung]}
    both = VALUE.replace("='{}'", " in ('b' | 'bonus')")
    brought = fhir_of(*ASKED, bonus, calculated(f"{both}.sum()"))
    assert made(brought, b=1, c=1) == {"sum": 6}
    assert made(brought, b=1, c=0) == {"sum": 1}


# --- Written, and read again ---------------------------------------------------------

BASE = definition(
    fhir_of(
        *(weighed(name, 0, 1, 3) for name in ("a", "d")),
        rated("b"),
        question("c", "boolean", required=True),
    )
)
NAMES = ("a", "b", "c", "d")
MEASURE = MeasureDefinition(
    key="t_m",
    name="All of it",
    short_name="All",
    role="none",
    minimum=Decimal(-99),
    maximum=Decimal(99),
    decimals=2,
    better_is="lower",
    mic_points=None,
    mic_percent=None,
    mic_detail="",
    sources=(),
    recall="",
    asked_at_baseline=True,
)


def with_scale(**told: Any) -> InstrumentDefinition:
    made = Scale("t_m", **{"method": "sum", "items": NAMES, **told})
    return replace(BASE, scales=(made,))


def again(whole: InstrumentDefinition) -> Brought:
    content = writing.questionnaire(whole, {"t_m": MEASURE})
    brought = reading.read(corpus.json.dumps(content).encode())
    assert brought.refusals == []
    return brought


ANSWERS = [
    dict(zip(NAMES, row, strict=True))
    for row in itertools.product((None, 1, 3), (None, 0, 7), (None, 0, 1), (None, 2))
]
TWO = Decimal(2)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"reversed": ("b", "a")},
        {"weights": {"b": TWO, "c": Decimal("-0.5")}},
        {"reversed": ("b",), "weights": {"b": TWO}},
        {"at_least": 2},
        {"at_least": 3, "is_prorated": True},
        {"method": "mean", "decimals": 2},
        {"method": "mean", "decimals": 2, "at_least": 1},
        {"method": "mean", "decimals": 2, "reversed": NAMES},
        {"method": "mean", "decimals": 2, "weights": {"b": TWO}},
        {"method": "highest", "at_least": 1},
        {"method": "count"},
        {"items": ("c",)},
    ],
    ids=str,
)
def test_a_scale_goes_out_in_fhirpath_and_scores_the_same_again(told):
    whole = with_scale(**told)
    assert score_writing.unsaid(whole) == []
    brought = again(whole)
    twin = definition(brought)
    assert_same(whole, twin)
    (spec,) = brought.scores
    assert (spec["key"], spec["name"]) == ("t_m", "All of it")
    assert (spec["minimum"], spec["maximum"]) == ("-99", "99")
    (score,), problems = own_scores.read([{**spec, "better_is": "lower"}], twin, ())
    assert problems == []
    twin = replace(twin, scales=(score.scale,))
    for answers in ANSWERS:
        kept = {k: None if v is None else Decimal(v) for k, v in answers.items()}
        (before,), (after,) = (
            scoring.score(each, {k: v for k, v in kept.items() if v is not None}, "")
            for each in (whole, twin)
        )
        assert before.value == after.value, answers


BANDS = (Band(Decimal(99), {"en": "low"}, Decimal(1)),)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"table": {"3": TWO}}, "its table of scores has no words in FHIR"),
        ({"bands": BANDS}, "its bands has no words in FHIR"),
        ({"rescale_to": (Decimal(0), TWO)}, "that it is stretched to another range"),
        ({"method": "product"}, "the method product has no words in FHIR"),
        (
            {"method": "mean", "at_least": 1, "weights": {"b": TWO}},
            "a weighted mean of some answers",
        ),
    ],
)
def test_a_scale_that_fhir_cannot_say_is_named_and_left_out(told, problem):
    whole = with_scale(**told)
    (finding,) = score_writing.unsaid(whole)
    assert finding.where == "t_m"
    assert problem in finding.problem
    assert again(whole).scores == ()


def test_options_without_weights_and_boxes_are_named():
    bare = definition(fhir_of(choice("a", "x", "y"), choice("m", "x", repeats=True)))
    for name, problem in (("a", "have no weights"), ("m/x", "is a box")):
        whole = replace(bare, scales=(Scale("t_m", "sum", (name,)),))
        assert problem in score_writing.unsaid(whole)[0].problem


def test_a_calculation_that_stands_in_the_file_is_written_once():
    brought = fhir_of(*ASKED, calculated(f"{VALUE.format('b')} + 1"))
    scores, _ = own_scores.read(
        [{**brought.scores[0], "minimum": 0, "maximum": 11, "better_is": "lower"}],
        definition(brought),
        (),
    )
    whole = own_scores.with_scores(definition(brought), scores)
    told = [each["linkId"] for each in writing.questionnaire(whole, {})["item"]]
    assert told == ["a", "b", "c", "many", "sum"]


@pytest.mark.parametrize("key", library.instruments())
def test_of_what_ships_each_score_is_written_or_named(key):
    whole = library.instruments()[key]
    written = {
        each["linkId"].removeprefix(score_writing.PREFIX)
        for each in out(whole)["item"]
        if each["linkId"].startswith(score_writing.PREFIX)
    }
    named = {e.where for e in score_writing.unsaid(whole) if "score" in e.problem}
    assert written | named == set(whole.measures)
    assert not written & named


@pytest.mark.parametrize("link_id", ["score/t_m", "t_m"])
def test_a_broken_score_of_ours_is_refused_by_its_name(link_id):
    extension = [corpus.extension("urn:mendline:score", valueInteger=1)]
    told = question(link_id, "decimal", extension=extension)
    brought = fhir_of(*ASKED, told)
    assert refused(brought) == {"t_m": "its calculation: it is not in text/fhirpath"}
    assert noted(brought) == {}
