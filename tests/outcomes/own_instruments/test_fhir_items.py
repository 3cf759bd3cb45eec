"""Items of Questionnaires one by one: how each is asked, or what is told instead."""

import pytest

from outcomes.instruments.brought import Brought
from tests.outcomes.own_instruments import corpus
from tests.outcomes.own_instruments.brought_files import (
    asked,
    choice,
    coded,
    definition,
    extended,
    fhir_of,
    noted,
    question,
    refused,
)

OTHER = question("other", "string")
AB = coded("a", "b")


def one(item: dict[str, object]) -> Brought:
    """Beside another, so that something is left where it is refused."""
    return fhir_of(OTHER, item)


# --- How each type is asked ----------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (question("f", "boolean"), "yes_no"),
        (question("f", "integer"), "integer"),
        (question("f", "decimal"), "decimal"),
        (question("f", "quantity"), "decimal"),
        (question("f", "date"), "date"),
        (question("f", "time"), "time"),
        (question("f", "string"), "line"),
        (question("f", "text"), "text"),
        (question("f", "display"), "display"),
        (choice("f", "a", "b"), "choice"),
        (choice("f", "a", "b", repeats=False), "choice"),
        (choice("f", "a", "b", repeats=True), "boxes"),
        (choice("f", "a", repeats=True), "boxes"),
        (question("f", "open-choice", answerOption=AB), "open_choice"),
        (question("f", "group", item=[question("in", "string")]), "group"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_each_type_is_asked(told, kind):
    assert definition(one(told)).by_link_id["f"].type == kind


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("attachment", "Take it out"),
        ("reference", "Take it out"),
        ("url", "Ask for a string"),
        ("dateTime", "Ask for a date"),
        ("question", "Give it the type of its answer"),
        ("choices", "Take it out"),
        (None, "Take it out"),
        (7, "Take it out"),
    ],
)
def test_a_type_that_is_not_supported_is_refused_by_name(kind, remedy):
    brought = one(question("f", kind))
    assert refused(brought) == {"f": f"the type {kind!r} is not supported"}
    assert remedy in brought.refusals[0].remedy
    assert list(brought.definition.by_link_id) == ["other"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (question("f", "string", required=True), {"is_optional": False}),
        (question("f", "string", required=False), {"is_optional": True}),
        (question("f", "string"), {"is_optional": True}),
        (question("f", "string", maxLength=12), {"max_length": 12}),
        (question("f", "string", code=[{"code": "c", "system": "s"}]), {"code": "c"}),
        (extended("f", "integer", "minValue", valueInteger=2), {"minimum": 2}),
        (extended("f", "decimal", "maxValue", valueDecimal=2.5), {"maximum": 2.5}),
        (
            extended("f", "decimal", "questionnaire-unit", valueCoding={"code": "kg"}),
            {"unit": "kg"},
        ),
        (
            extended("f", "string", "questionnaire-hidden", valueBoolean=True),
            {"is_hidden": True, "is_never_asked": True},
        ),
        (
            extended("f", "string", "questionnaire-hidden", valueBoolean=False),
            {"is_hidden": False},
        ),
        (question("f", "string", readOnly=True), {"is_never_asked": True}),
        (question("f", "display", code=[{"code": "c"}]), {"code": "c"}),
        (
            question("f", "group", code=[{"code": "c"}], item=[question("i", "date")]),
            {"code": "c"},
        ),
    ],
)
def test_what_an_item_says_of_itself_is_kept(told, expected):
    item = definition(one(told)).by_link_id["f"]
    assert {name: getattr(item, name) for name in expected} == expected


# --- What is refused, and what is noted ----------------------------------------------


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (question("f", "string", repeats=True), "repeats is not supported for the"),
        (question("f", "group", repeats=True, item=[]), "repeats is not supported"),
        (question("f", "group", item=[]), "the group holds no questions"),
        (question("f", "string", modifierExtension=[]), "a modifierExtension changes"),
        (question("f", "string", text=""), "its text is empty"),
        (question("f", "display", text=" "), "its text is empty"),
        (question("f", "integer", answerOption=AB), "it has answerOption, which goes"),
        (question("f", "string", answerValueSet="#x"), "it has answerValueSet, which"),
        (extended("f", "integer", "minValue", valueInteger="x"), "its minimum is no"),
        (extended("f", "string", "variable"), "a variable is not supported"),
        (
            extended("f", "quantity", "questionnaire-unitOption"),
            "a choice of units is not supported",
        ),
        (
            extended("f", "quantity", "questionnaire-unitValueSet"),
            "a choice of units is not supported",
        ),
        (
            extended("f", "string", f"{corpus.SDC}initialExpression"),
            "an answer that is reckoned beforehand is not supported",
        ),
        (
            choice(
                "f",
                "a",
                "b",
                extension=[corpus.extension(f"{corpus.SDC}answerExpression")],
            ),
            "options that are reckoned is not supported",
        ),
    ],
)
def test_what_changes_the_meaning_is_refused_by_its_item(told, problem):
    found = refused(one(told))
    assert set(found) == {"f"}
    assert any(problem in each.problem for each in one(told).refusals)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (question("f", "string", prefix="1."), "its number or prefix is not shown"),
        (question("f", "string", definition="x"), "the element it is defined by is"),
        (question("f", "string", mood="x"), "mood is not used"),
        (question("f", "string", maxLength=9999), "its maxLength is not used"),
        (question("f", "integer", maxLength=3), "its maxLength is not used"),
        (question("f", "quantity"), "it is asked as a number without a unit"),
        (question("f", "string", readOnly=True), "it is read-only, so nobody fills"),
        (
            question("f", "string", code=[{"code": "a"}, {"code": "b"}]),
            "only its first code is kept",
        ),
        (
            extended("f", "string", "regex", valueString="x"),
            "the pattern of",
        ),
        (extended("f", "string", "minLength", valueInteger=1), "a shortest length is"),
        (
            extended("f", "decimal", "maxDecimalPlaces", valueInteger=1),
            "how many decimals may be entered is not checked",
        ),
        (
            extended("f", "date", "minValue", valueDate="2024-01-01"),
            "its least",
        ),
        (extended("f", "string", "questionnaire-unit"), "its unit is not checked or"),
        (
            extended("f", "string", "urn:somewhere:else"),
            "the extension urn:somewhere:else is not used",
        ),
        (
            question("f", "group", required=True, item=[question("in", "string")]),
            "that some of its questions must be answered is not checked",
        ),
    ],
)
def test_what_is_not_wholly_kept_is_noted_by_its_item(told, problem):
    brought = one(told)
    assert brought.refusals == []
    assert noted(brought)["f"].startswith(problem)


def test_what_an_option_says_besides_is_noted_by_its_place():
    option = {**coded("a")[0], "extension": [corpus.extension("urn:new")]}
    told = question("f", "choice", answerOption=[option, *coded("b")])
    assert noted(one(told))["f, option 1"] == "the extension urn:new is not used"


def test_a_link_id_that_stands_twice_is_refused_wherever_it_stands():
    group = question("g", "group", item=[question("other", "date")])
    assert refused(one(group))["other"] == "the linkId stands twice"


@pytest.mark.parametrize("name", [None, "", " f", "x" * 61, 7])
def test_a_link_id_that_cannot_be_kept_is_refused_by_its_path(name):
    assert list(refused(one({**question("f", "string"), "linkId": name}))) == [
        "item[1]"
    ]


# --- Groups, and what stands in questions --------------------------------------------


def test_groups_nest_and_say_at_each_question_what_they_say():
    deepest = question("deep", "boolean")
    inner = question("inner", "group", text="In the night", item=[deepest])
    found = definition(one(question("outer", "group", text="Sleep", item=[inner])))
    assert found.by_link_id["deep"].help == {"en": "In the night"}
    assert [each.link_id for each in found.walk()] == [
        *("other", "outer", "inner", "deep")
    ]


def test_a_ninth_group_is_too_deep():
    held = question("q", "boolean")
    for depth in range(9):
        held = question(f"g{depth}", "group", item=[held])
    (path,) = [w for w, told in refused(one(held)).items() if "groups deep" in told]
    assert path.count("item[0]") == 7 or path.startswith("item[1]")


HIDDEN = corpus.extension("questionnaire-hidden", valueBoolean=True)


@pytest.mark.parametrize(
    "more", [{"extension": [HIDDEN]}, {"readOnly": True}], ids=["hidden", "read-only"]
)
def test_a_group_that_nobody_fills_in_holds_fixed_answers(more):
    fixed = question("in", "integer", initial=[{"valueInteger": 4}])
    brought = one(question("g", "group", item=[fixed], **more))
    assert asked(brought) == ["other"]
    assert definition(brought).by_link_id["in"].constant == 4


def test_questions_in_a_question_come_after_it_and_are_noted():
    told = question("f", "boolean", item=[question("in", "string")])
    brought = one(told)
    assert asked(brought) == ["other", "f", "in"]
    assert noted(brought)["f"] == "the questions within it are asked after it"
    hung = {
        "enableWhen": [
            {"question": "other", "operator": "exists", "answerBoolean": True}
        ]
    }
    told = {**told, **hung}
    assert (
        "questions stand in a question that has a condition" in refused(one(told))["f"]
    )


def test_displays_that_explain_become_part_of_their_question():
    def display(control: str) -> dict[str, object]:
        concept = {"coding": [{"code": control}]}
        extension = corpus.extension(
            "questionnaire-itemControl", valueCodeableConcept=concept
        )
        return question(control, "display", extension=[extension])

    controls = [display(name) for name in ("help", "lower", "upper")]
    ends = [
        corpus.extension("minValue", valueInteger=0),
        corpus.extension("maxValue", valueInteger=10),
    ]
    item = definition(
        one(question("f", "integer", item=controls, extension=ends))
    ).by_link_id["f"]
    assert (item.type, item.help, item.low, item.high) == (
        "rating",
        {"en": "About help?"},
        {"en": "About lower?"},
        {"en": "About upper?"},
    )
