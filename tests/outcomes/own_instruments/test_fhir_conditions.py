"""enableWhen of Questionnaires: what is asked, and which conditions are refused."""

import pytest

from outcomes.instruments.brought import Brought
from tests.outcomes.own_instruments import corpus
from tests.outcomes.own_instruments.brought_files import (
    asked,
    choice,
    coded,
    definition,
    fhir_of,
    noted,
    question,
    refused,
)

BESIDE = (
    question("yes", "boolean"),
    question("whole", "integer"),
    question("part", "decimal"),
    question("amount", "quantity"),
    question("word", "string"),
    question("day", "date"),
    question("hour", "time"),
    choice("one", "a", "b"),
    choice("many", "a", "b", repeats=True),
    question("open", "open-choice", answerOption=coded("a", "b")),
    question("level", "choice", answerOption=[{"valueInteger": n} for n in range(4)]),
    question("said", "choice", answerOption=[{"valueString": s} for s in ("x", "y")]),
)


def when(name: str, operator: str, **answer: object) -> dict[str, object]:
    return {"question": name, "operator": operator, **answer}


def hung(*conditions: object, **more: object) -> Brought:
    """A question that hangs on these, behind one of each kind."""
    last = question("f", "string", enableWhen=list(conditions), **more)
    return fhir_of(*BESIDE, last)


CODING = {"answerCoding": {"code": "a"}}


@pytest.mark.parametrize(
    ("condition", "answers", "is_asked"),
    [
        (when("yes", "=", answerBoolean=True), {"yes": 1}, True),
        (when("yes", "=", answerBoolean=True), {"yes": 0}, False),
        (when("yes", "!=", answerBoolean=True), {"yes": 0}, True),
        (when("yes", "exists", answerBoolean=True), {"yes": 0}, True),
        (when("yes", "exists", answerBoolean=True), {}, False),
        (when("yes", "exists", answerBoolean=False), {}, True),
        (when("yes", "exists", answerBoolean=False), {"yes": 1}, False),
        (when("whole", "=", answerInteger=3), {"whole": 3}, True),
        (when("whole", "!=", answerInteger=3), {"whole": 4}, True),
        (when("whole", "!=", answerInteger=3), {}, False),
        (when("whole", ">", answerInteger=3), {"whole": 4}, True),
        (when("whole", ">", answerInteger=3), {"whole": 3}, False),
        (when("whole", ">=", answerInteger=3), {"whole": 3}, True),
        (when("whole", "<", answerInteger=3), {"whole": 2}, True),
        (when("whole", "<=", answerInteger=3), {"whole": 4}, False),
        (when("part", ">", answerDecimal=2.5), {"part": 2.6}, True),
        (when("part", "<=", answerDecimal=2.5), {"part": 2.5}, True),
        (when("amount", "<", answerQuantity={"value": 5}), {"amount": 4}, True),
        (when("word", "=", answerString="red"), {"word": "red"}, True),
        (when("word", "!=", answerString="red"), {"word": "blue"}, True),
        (when("day", ">", answerDate="2024-01-31"), {"day": "2024-02-01"}, True),
        (when("day", "<", answerDate="2024-01-31"), {"day": "2024-02-01"}, False),
        (when("hour", ">=", answerTime="08:00"), {"hour": "08:00"}, True),
        (when("one", "=", **CODING), {"one": 1}, True),
        (when("one", "!=", **CODING), {"one": 2}, True),
        (when("one", "exists", answerBoolean=True), {"one": 2}, True),
        (when("many", "=", **CODING), {"many__a": 1, "many__b": 0}, True),
        (when("many", "=", **CODING), {"many__a": 0, "many__b": 1}, False),
        (when("many", "exists", answerBoolean=True), {"many__b": 1}, True),
        (
            when("many", "exists", answerBoolean=False),
            {"many__a": 0, "many__b": 0},
            True,
        ),
        (when("open", "=", **CODING), {"open": 1}, True),
        (when("open", "=", **CODING), {"open": "mine"}, False),
        (when("level", ">", answerInteger=1), {"level": 2}, True),
        (when("level", "=", answerInteger=1), {"level": 2}, False),
        (when("said", "=", answerString="x"), {"said": 1}, True),
    ],
)
def test_a_condition_shows_and_hides(condition, answers, is_asked):
    assert ("f" in asked(hung(condition), **answers)) is is_asked


TWO = (when("whole", ">", answerInteger=3), when("yes", "=", answerBoolean=True))


@pytest.mark.parametrize(
    ("behavior", "answers", "is_asked"),
    [
        ("all", {"whole": 4, "yes": 1}, True),
        ("all", {"whole": 4, "yes": 0}, False),
        ("all", {"whole": 4}, False),
        ("any", {"whole": 4, "yes": 0}, True),
        ("any", {"yes": 1}, True),
        ("any", {"whole": 1, "yes": 0}, False),
        ("any", {}, False),
    ],
)
def test_all_or_any_of_several_must_hold(behavior, answers, is_asked):
    brought = hung(*TWO, enableBehavior=behavior)
    assert ("f" in asked(brought, **answers)) is is_asked


@pytest.mark.parametrize("behavior", [{}, {"enableBehavior": "some"}])
def test_several_conditions_must_say_how_they_go_together(behavior):
    told = refused(hung(*TWO, **behavior))
    assert told == {"f": "whether all or any of its 2 conditions must hold is not said"}


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (when("nobody", "=", answerInteger=1), "'nobody', which is no question"),
        (when(7, "=", answerInteger=1), "it hangs on 7, which is no question"),
        ({"operator": "="}, "it hangs on None, which is no question"),
        (when("whole", "~", answerInteger=1), "the operator '~' is not one of R4"),
        (when("whole", "="), "it needs exactly one answer"),
        (when("whole", "=", answerInteger=1, answerDecimal=1), "exactly one answer"),
        (
            when("whole", "=", answerInteger="1"),
            "its answerInteger is not what",
        ),
        (when("yes", "=", answerBoolean="true"), "its answerBoolean is not what"),
        (when("yes", "exists", answerInteger=1), "exists needs an answerBoolean"),
        (when("whole", "=", answerString="1"), "answerString is no answer to whole"),
        (when("word", "=", answerInteger=1), "answerInteger is no answer to word"),
        (when("day", "=", answerDateTime="2024"), "answerDateTime is no answer to day"),
        (when("one", "=", answerReference={}), "answerReference is no answer to one"),
        (when("one", "=", answerCoding={"code": "z"}), "z is none of the options"),
        (when("many", "=", answerCoding={"code": "z"}), "z is no option of many"),
        (when("one", ">", **CODING), "> does not go with the options of one"),
        (when("many", "!=", **CODING), "!= is not supported where several options"),
        ("whole > 3", "it is no condition"),
    ],
)
def test_a_broken_condition_is_refused_by_its_place(condition, told):
    found = refused(hung(when("yes", "=", answerBoolean=True), condition))
    found.pop("f", None)
    assert list(found) == ["f, enableWhen 2"]
    assert told in found["f, enableWhen 2"]


@pytest.mark.parametrize("told", [[], {}, "yes", [{}] * 51])
def test_what_is_no_list_of_conditions_is_refused(told):
    brought = fhir_of(*BESIDE, question("f", "string", enableWhen=told))
    assert "its enableWhen is no list of 1 to 50" in refused(brought)["f"]


@pytest.mark.parametrize("kind", ["group", "display"])
def test_what_nobody_answers_decides_nothing(kind):
    inside = {"item": [question("in", "string")]} if kind == "group" else {}
    brought = fhir_of(
        question("about", kind, **inside),
        question(
            "f", "string", enableWhen=[when("about", "exists", answerBoolean=True)]
        ),
    )
    assert refused(brought) == {
        "f, enableWhen 1": "it hangs on about, which nobody answers"
    }


def ring(**on: str) -> Brought:
    """Questions that hang on each other's answers."""
    return fhir_of(
        question("free", "boolean"),
        *(
            question(name, "boolean", enableWhen=[when(other, "=", answerBoolean=True)])
            for name, other in on.items()
        ),
    )


@pytest.mark.parametrize(
    "on",
    [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "a"}],
    ids=["itself", "each other", "over a third"],
)
def test_a_loop_names_a_question_of_it(on):
    found = refused(ring(**on))
    assert found and set(found) <= set(on)
    assert all("hangs on its own answer" in told for told in found.values())


def test_a_chain_is_no_loop():
    assert asked(ring(a="free", b="a"), free=1, a=1) == ["free", "a", "b"]


def grouped(*, group: object, inside: object, last: object = None) -> Brought:
    """A group, a question in it, and one after it that may hang on that."""
    hanging = {"enableWhen": [inside]} if inside else {}
    after = {"enableWhen": [last]} if last else {}
    return fhir_of(
        question("yes", "boolean"),
        question(
            "g",
            "group",
            enableWhen=[group],
            item=[question("in", "boolean", **hanging)],
        ),
        question("after", "string", **after),
    )


IN = when("in", "=", answerBoolean=True)
YES = when("yes", "=", answerBoolean=True)


def test_a_group_that_hangs_on_a_question_in_it_is_a_loop():
    assert list(refused(grouped(group=IN, inside=None))) == ["g"]


def test_a_group_takes_its_questions_with_it():
    brought = grouped(group=YES, inside=None)
    assert asked(brought, yes=1) == ["yes", "in", "after"]
    assert asked(brought, yes=0, **{"in": 1}) == ["yes", "after"]


def test_what_hangs_on_a_question_of_a_hidden_group_is_hidden_too():
    brought = grouped(group=YES, inside=None, last=IN)
    assert asked(brought, yes=1, **{"in": 1}) == ["yes", "in", "after"]
    assert asked(brought, yes=0, **{"in": 1}) == ["yes"]


def test_what_hangs_on_a_box_of_a_question_that_is_not_asked_is_hidden():
    brought = fhir_of(
        question("yes", "boolean"),
        choice("many", "a", "b", repeats=True, enableWhen=[YES]),
        question("f", "string", enableWhen=[when("many", "=", **CODING)]),
    )
    assert asked(brought, yes=1, many__a=1) == ["yes", "many", "f"]
    assert asked(brought, yes=0, many__a=1) == ["yes"]


# --- Expressions ---------------------------------------------------------------------

EXPRESSION = f"{corpus.SDC}enableWhenExpression"
ANSWER = "%resource.repeat(item).where(linkId='{}').answer.value"


def by_expression(text: object, **more: object) -> Brought:
    told = {"language": "text/fhirpath", "expression": text}
    extension = corpus.extension(EXPRESSION, valueExpression=told)
    return fhir_of(*BESIDE, question("f", "string", extension=[extension], **more))


WHOLE, WORD = ANSWER.format("whole"), ANSWER.format("word")


@pytest.mark.parametrize(
    ("text", "answers", "is_asked"),
    [
        (f"{WHOLE} > 3", {"whole": 4}, True),
        (f"{WHOLE} > 3", {"whole": 3}, False),
        (f"{WHOLE}.exists()", {"whole": 0}, True),
        (f"{WHOLE}.empty()", {}, True),
        (f"{WORD} = 'red'", {"word": "red"}, True),
        (f"{ANSWER.format('yes')} = true", {"yes": 1}, True),
        (f"{ANSWER.format('one')}.code = 'b'", {"one": 2}, True),
        (f"{ANSWER.format('many')}.where(code='a').empty()", {"many__a": 0}, True),
        (f"{ANSWER.format('many')}.where(code='a').empty()", {"many__a": 1}, False),
        (f"({WHOLE} > 3 and {WORD} = 'red')", {"whole": 4, "word": "x"}, False),
        (f"({WHOLE} > 3 or {WORD} = 'red')", {"whole": 4, "word": "x"}, True),
        (
            f"{WORD} = 'red' and ({WHOLE} > 9 or {WHOLE} < 2)",
            {"whole": 1, "word": "red"},
            True,
        ),
    ],
)
def test_an_expression_as_we_write_it_is_read(text, answers, is_asked):
    assert ("f" in asked(by_expression(text), **answers)) is is_asked


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("today() > @2024-01-01", "the expression that decides whether it is asked is"),
        ("", "the expression that decides whether it is asked is not supported"),
        (7, "the expression that decides whether it is asked is not supported"),
        (f"({WHOLE} > 3", "the expression that decides whether it is asked is not"),
        (f"{ANSWER.format('nobody')} > 3", "it hangs on nobody, which is no question"),
        (f"{ANSWER.format('one')}.code = 'z'", "z is none of the options"),
    ],
)
def test_another_expression_is_refused_by_its_question(text, told):
    found = refused(by_expression(text))
    assert list(found) == ["f"]
    assert told in found["f"]


def test_conditions_and_an_expression_together_are_refused():
    brought = by_expression(f"{WHOLE} > 3", enableWhen=[YES])
    assert refused(brought) == {"f": "it has both enableWhen and an expression for it"}


def test_a_condition_that_is_kept_is_not_noted():
    assert "f" not in noted(hung(YES))
    assert definition(hung(YES)).by_link_id["f"].enable_when
