"""Branching logic and calculations of data dictionaries, one by one."""

from decimal import Decimal

import pytest

from outcomes.instruments import own_scores, scoring
from outcomes.instruments.brought import Brought
from tests.outcomes.own_instruments.brought_files import (
    asked,
    definition,
    given,
    redcap_of,
    refused,
)
from tests.outcomes.own_instruments.corpus import row

PAIN = row("pain", "radio", "Pain?", choices="0, No | 1, Some | 2, Much")
LIMBS = row("limbs", "checkbox", "Which?", choices="1, Arm | 2, Leg")
AGE = row("age", "text", "Age?", validation="integer")


# --- Branching logic -----------------------------------------------------------------


def branching(logic: str) -> Brought:
    return redcap_of(PAIN, LIMBS, AGE, row("f", "text", "More?", branching=logic))


@pytest.mark.parametrize(
    ("logic", "answers", "is_asked"),
    [
        ("[pain] = '1'", {"pain": 1}, True),
        ("[pain] = '1'", {"pain": 2}, False),
        ("[pain] = '1'", {}, False),
        ('[pain] = "1"', {"pain": 1}, True),
        ("[PAIN]=1", {"pain": 1}, True),
        ("'1' = [pain]", {"pain": 1}, True),
        ("[pain] <> '1'", {"pain": 2}, True),
        ("[pain] != '1'", {"pain": 1}, False),
        # A blank is unlike every value there.
        ("[pain] <> '1'", {}, True),
        ("[age] > 40", {"age": 41}, True),
        ("[age] > 40", {"age": 40}, False),
        ("[age] >= 40", {"age": 40}, True),
        ("[age] < 40", {"age": 39}, True),
        ("[age] <= 40", {"age": 40}, True),
        ("40 < [age]", {"age": 41}, True),
        ("[age] > -1", {"age": 0}, True),
        ("[pain] >= 1", {"pain": 2}, True),
        ("[age] = ''", {}, True),
        ("[age] = ''", {"age": 3}, False),
        ("[age] <> ''", {"age": 3}, True),
        ("[limbs(1)] = '1'", {"limbs__1": 1, "limbs__2": 0}, True),
        ("[limbs(1)] = '1'", {"limbs__1": 0, "limbs__2": 1}, False),
        ("[limbs(2)] = '0'", {"limbs__1": 1, "limbs__2": 0}, True),
        ("[limbs(2)] = '0'", {}, True),
        ("[limbs(2)] <> '1'", {"limbs__2": 1}, False),
        ("[pain] = '1' and [age] > 40", {"pain": 1, "age": 41}, True),
        ("[pain] = '1' and [age] > 40", {"pain": 1, "age": 3}, False),
        ("[pain] = '1' or [age] > 40", {"pain": 2, "age": 41}, True),
        ("[pain] = '1' or [age] > 40", {"pain": 2, "age": 3}, False),
        ("[pain]='1' AND [age]>4 OR [age]<2", {"pain": 0, "age": 1}, True),
        ("[pain]='1' and ([age]>4 or [age]<2)", {"pain": 0, "age": 1}, False),
        ("[pain]='1' and ([age]>4 or [age]<2)", {"pain": 1, "age": 1}, True),
        ("[pain]='1' && ([age]>4 || [age]<2)", {"pain": 1, "age": 9}, True),
        ("(([pain] = '2'))", {"pain": 2}, True),
        (
            "([pain]='1' or [pain]='2') and ([age]>4 or [limbs(1)]='1')",
            {"pain": 2, "age": 1, "limbs__1": 1},
            True,
        ),
    ],
)
def test_branching_logic_shows_and_hides(logic, answers, is_asked):
    assert ("f" in asked(branching(logic), **answers)) is is_asked


@pytest.mark.parametrize(
    ("logic", "told"),
    [
        ("[nobody] = '1'", "it hangs on [nobody], which is no field of this form"),
        ("[pain] = '7'", "'7' is no choice of [pain]"),
        ("[limbs(9)] = '1'", "9 is no choice of [limbs]"),
        ("[limbs] = '1'", "[limbs] goes with a code in brackets"),
        ("[pain(1)] = '1'", "[pain] goes with a code in brackets"),
        ("[limbs(1)] > '0'", "[limbs(1)] is '1' or '0'"),
        ("[age] > 'old'", "[age] is a number, and 'old' is none"),
        ("[age] > ''", "> with nothing is no condition"),
        ("[age] = [pain]", "only a field can be compared with a value"),
        ("[age]", "an expression cannot decide by itself"),
        ("datediff([age], 'today', 'd') > 3", "only a field can be compared"),
        ("contains([age], '3')", "contains() cannot decide by itself"),
        ("[age] > 3 and (", "it ends too early"),
        ("[age] > 3)", "')' is not expected there"),
        ("([age] > 3", "a bracket is not closed"),
        ("[visit_1][age] = 3", "[visit_1][age] is not a field of this form alone"),
        ("[age] > 3 & 4", "'& 4' is not understood"),
        ("not [age] = 3", "the word not is not understood"),
        ("(" * 40 + "[age]=1" + ")" * 40, "brackets stand within one another"),
    ],
)
def test_broken_branching_logic_is_refused_by_its_field(logic, told):
    brought = branching(logic)
    assert set(refused(brought)) == {"f"}
    assert told in refused(brought)["f"]


@pytest.mark.parametrize(
    ("logics", "named"),
    [
        ({"a": "[a] = '1'"}, {"a"}),
        ({"a": "[b] = '1'", "b": "[a] = '1'"}, {"a", "b"}),
        ({"a": "[c] = '1'", "b": "[a] = '1'", "c": "[b] = '1'"}, {"a", "b", "c"}),
    ],
    ids=["itself", "each other", "over a third"],
)
def test_a_loop_in_branching_logic_names_its_fields(logics, named):
    rows = [row(n, "yesno", "So?", branching=logics.get(n, "")) for n in "abc"]
    found = refused(redcap_of(AGE, *rows))
    assert named >= set(found) and found
    assert all("hangs on its own answer" in told for told in found.values())


# --- Calculations --------------------------------------------------------------------


def total(calculation: str, **answers: float | str | None) -> Decimal | None:
    brought = redcap_of(
        PAIN, LIMBS, AGE, row("sum", "calc", "Sum", choices=calculation)
    )
    found = definition(brought)
    spec = {**brought.scores[0], "minimum": "-9999", "maximum": "9999"}
    made, problems = own_scores.read([{**spec, "better_is": "lower"}], found, ())
    assert problems == []
    scored = scoring.score(
        own_scores.with_scores(found, made), given(**answers), "foot"
    )
    return scored[-1].value


@pytest.mark.parametrize(
    ("calculation", "answers", "expected"),
    [
        ("[pain] + [age]", {"pain": 2, "age": 40}, 42),
        ("[pain] + [age]", {"pain": 2}, None),
        ("[age] - [pain] * 2", {"pain": 2, "age": 40}, 36),
        ("([age] - [pain]) / 2", {"pain": 2, "age": 40}, 19),
        ("[pain]^2", {"pain": 2}, 4),
        ("sum([pain], [age])", {"pain": 2}, 2),
        ("mean([pain], [age])", {"pain": 2, "age": 4}, 3),
        ("mean([pain], [age])", {"age": 4}, 4),
        ("min([pain], [age])", {"pain": 2, "age": 4}, 2),
        ("max([pain], [age])", {"pain": 2, "age": 4}, 4),
        ("round([age] / 3, 1)", {"age": 10}, "3.3"),
        ("roundup([age] / 3)", {"age": 10}, 4),
        ("rounddown([age] / 3)", {"age": 10}, 3),
        ("abs(0 - [age])", {"age": 10}, 10),
        ("sqrt([age])", {"age": 9}, 3),
        ("if([pain] > 1, 10, 20)", {"pain": 2}, 10),
        ("if([pain] > 1, 10, 20)", {"pain": 1}, 20),
        (
            "[limbs(1)] + [limbs(2)] + [age]",
            {"limbs__1": 1, "limbs__2": 0, "age": 1},
            2,
        ),
    ],
)
def test_a_calculation_reckons_as_there(calculation, answers, expected):
    found = total(calculation, **answers)
    assert found == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("calculation", "told"),
    [
        ("[nobody] + 1", "[nobody] is no field of this form"),
        ("datediff([age], [pain], 'y')", "datediff() with 3 values is not supported"),
        ("[limbs] + 1", "[limbs] is no number"),
        ("[limbs(9)] + 1", "9 is no choice of [limbs]"),
        ("sum([pain], [age]", "a bracket is not closed"),
        ("", "it ends too early"),
        ("[words] + 1", "[words] is no number"),
    ],
)
def test_a_calculation_that_cannot_be_reckoned_is_refused(calculation, told):
    words = row("words", "text", "Words?")
    brought = redcap_of(
        PAIN, LIMBS, AGE, words, row("sum", "calc", "Sum", choices=calculation)
    )
    assert set(refused(brought)) == {"sum"}
    assert told in refused(brought)["sum"]


@pytest.mark.parametrize(
    "rows",
    [
        {"a": "[a] + 1"},
        {"a": "[b] + 1", "b": "[a] + 1"},
    ],
    ids=["itself", "each other"],
)
def test_a_loop_in_calculations_names_a_field(rows):
    made = [row(name, "calc", "Sum", choices=told) for name, told in rows.items()]
    found = refused(redcap_of(AGE, *made))
    assert set(found) == set(rows)
    assert all("made of its own result" in told for told in found.values())


def test_a_calculation_of_calculations_makes_one_score():
    brought = redcap_of(
        AGE,
        row("half", "calc", "Half", choices="[age] / 2"),
        row("all", "calc", "All", choices="[half] + 1"),
    )
    assert [each["key"] for each in brought.scores] == ["all"]
