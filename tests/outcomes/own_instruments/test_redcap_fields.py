"""Data dictionaries, field by field: what is asked, and what is named instead."""

from decimal import Decimal

import pytest

from tests.outcomes.own_instruments.brought_files import (
    definition,
    noted,
    redcap_of,
    refused,
)
from tests.outcomes.own_instruments.corpus import row

CODES = {"choices": "0, No | 1, Some | 2, Much"}
LIMBS = row("limbs", "checkbox", "Which?", choices="1, Arm | 2, Leg")
AGE = row("age", "text", "Age?", validation="integer")


# --- The types of fields -------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        pytest.param("text", {}, {"type": "line"}, id="text"),
        pytest.param("notes", {}, {"type": "text"}, id="notes"),
        pytest.param("radio", CODES, {"type": "choice", "values": (0, 1, 2)}),
        pytest.param("dropdown", CODES, {"type": "choice", "values": (0, 1, 2)}),
        pytest.param("yesno", {}, {"type": "yes_no", "values": (1, 0)}),
        pytest.param("truefalse", {}, {"type": "choice", "values": (1, 0)}),
        pytest.param("descriptive", {}, {"type": "display"}),
        pytest.param(
            "slider",
            {"choices": "none | | worst", "low": "0", "high": "10"},
            {"type": "rating", "low": {"en": "none"}, "high": {"en": "worst"}},
            id="slider of few steps",
        ),
        pytest.param(
            "slider",
            {"choices": "none | | worst"},
            {
                "type": "integer",
                "maximum": 100,
                "help": {"en": "0 = none, 100 = worst"},
            },
            id="slider of a hundred steps",
        ),
    ],
)
def test_a_type_of_field_becomes_a_question(kind, more, expected):
    item = definition(redcap_of(row("f", kind, "How?", **more))).by_link_id["f"]
    assert {name: getattr(item, name) for name in expected} == expected


def test_boxes_are_answered_one_by_one():
    item = definition(redcap_of(LIMBS)).by_link_id["limbs"]
    assert item.type == "boxes"
    assert [(box.link_id, box.code) for box in item.items] == [
        ("limbs/1", "1"),
        ("limbs/2", "2"),
    ]
    assert item.none == {"en": "None of these"}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("file", "a file is not supported"),
        ("signature", "a signature is not supported"),
        ("sql", "a list from a database is not supported"),
        ("hologram", "the field type 'hologram' is not supported"),
        ("", "the field type '' is not supported"),
    ],
)
def test_a_type_that_cannot_be_asked_is_refused_by_its_field(kind, told):
    brought = redcap_of(AGE, row("scan", kind, "Scan?", choices="select 1"))
    assert refused(brought) == {"scan": told}
    assert list(brought.definition.by_link_id) == ["age"]


@pytest.mark.parametrize(
    ("validation", "kind", "told"),
    [
        ("integer", "integer", None),
        ("number", "decimal", None),
        ("number_comma_decimal", "decimal", None),
        ("number_2dp", "decimal", "its decimals are not checked"),
        ("date_ymd", "date", None),
        ("date_mdy", "date", None),
        ("time", "time", None),
        ("time_hh_mm_ss", "time", None),
        ("email", "line", "that it is an e-mail address is not checked"),
        ("phone", "line", "that it is a telephone number is not checked"),
        ("zipcode", "line", "that it is a postal code is not checked"),
        ("alpha_only", "line", "that it is letters only is not checked"),
        ("postalcode_french", "line", "that it is postalcode_french is not checked"),
    ],
)
def test_a_validation_makes_the_type_or_is_named(validation, kind, told):
    brought = redcap_of(row("f", "text", "How?", validation=validation))
    assert definition(brought).by_link_id["f"].type == kind
    assert noted(brought).get("f") == told


def test_date_and_time_together_are_refused():
    brought = redcap_of(row("f", "text", "When?", validation="datetime_ymd"))
    assert refused(brought)["f"] == "datetime_ymd is not supported"


@pytest.mark.parametrize(
    ("more", "kind", "ends"),
    [
        ({"validation": "integer", "low": "1", "high": "5"}, "integer", (1, 5)),
        ({"validation": "integer", "low": "0", "high": "10"}, "rating", (0, 10)),
        ({"validation": "number", "low": "0.5"}, "decimal", (Decimal("0.5"), None)),
        ({"validation": "number_comma_decimal", "high": "1,5"}, "decimal", (None, 1.5)),
    ],
    ids=["whole", "0 to 10 is rated", "only a minimum", "a comma in the number"],
)
def test_a_range_is_kept(more, kind, ends):
    item = definition(redcap_of(row("f", "text", "How?", **more))).by_link_id["f"]
    assert (item.type, item.minimum, item.maximum) == (kind, *ends)


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        (
            "text",
            {"validation": "integer", "low": "few"},
            "its minimum 'few' is no number",
        ),
        (
            "text",
            {"validation": "integer", "low": "9", "high": "1"},
            "its minimum is above its maximum",
        ),
        ("slider", {"low": "9", "high": "1"}, "its range is not two whole numbers"),
        ("radio", {"choices": "1, Only"}, "it has only one choice"),
        ("radio", {}, "it has no choices"),
        ("radio", {"choices": "1, A | 1, B"}, "the choice 1 stands twice"),
        ("radio", {"choices": "1, A | Lone"}, "the choice 'Lone' is not “code, label”"),
        ("checkbox", {"choices": f"{'x' * 59}, A"}, f"the choice {'x' * 59} has too"),
        ("radio", {**CODES, "ranking": "y"}, "ranking within a matrix is not"),
        ("text", {"annotation": "@CALCTEXT(1)"}, "@CALCTEXT is not supported"),
        ("text", {"annotation": "@IF([a]='1',@HIDDEN,'')"}, "@IF is not supported"),
        ("radio", {**CODES, "annotation": "@DEFAULT='7'"}, "'7' is no answer to"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(kind, more, told):
    brought = redcap_of(AGE, row("f", kind, "How?", **more))
    assert set(refused(brought)) == {"f"}
    assert any(told in each.problem for each in brought.refusals)


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        ("text", {"low": "2024-01-01", "validation": "date_ymd"}, "its minimum is not"),
        ("slider", {"choices": "a | b | c"}, "the words in the middle of its slider"),
        ("text", {"identifier": "y"}, "it is marked as an identifier"),
        ("text", {"annotation": "@PLACEHOLDER='x'"}, "@PLACEHOLDER is not used"),
        ("text", {"choices": "BIOPORTAL:X"}, "its choices 'BIOPORTAL:X' is not used"),
        ("yesno", {"choices": "1, Si | 0, No"}, "its choices '1, Si | 0, No' is not"),
        ("notes", {"validation": "email"}, "its validation 'email' is not used"),
        ("notes", {"low": "3"}, "its minimum '3' is not used, as it is notes"),
        ("text", {"annotation": "ask twice"}, "its annotation is not kept"),
        ("radio", {"choices": "-9, Unknown | 1, Yes"}, "the choice -9 counts -9"),
    ],
)
def test_what_is_not_wholly_kept_is_noted_by_its_field(kind, more, told):
    brought = redcap_of(row("f", kind, "How?", **more))
    assert brought.refusals == []
    assert noted(brought)["f"].startswith(told)


def test_formatting_goes_and_is_noted_and_piping_is_refused():
    brought = redcap_of(row("f", "text", "<b>How</b><br>much?"), AGE)
    assert definition(brought).by_link_id["f"].text == {"en": "How\nmuch?"}
    assert noted(brought)["f"] == "its formatting is not kept"
    piped = redcap_of(row("f", "text", "At [age] years?"), AGE)
    assert refused(piped)["f"] == "its words take in another field"


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("@HIDDEN @DEFAULT='2'", {"is_hidden": True, "initial": "2", "constant": 2}),
        ("@READONLY @DEFAULT='2'", {"is_read_only": True, "constant": 2}),
        ("@DEFAULT='2'", {"is_hidden": False, "initial": "2", "constant": None}),
    ],
)
def test_action_tags_hide_fix_or_choose_beforehand(annotation, expected):
    brought = redcap_of(AGE, row("f", "radio", "How?", **CODES, annotation=annotation))
    item = definition(brought).by_link_id["f"]
    assert {name: getattr(item, name) for name in expected} == expected


def test_a_matrix_repeats_its_header_at_each_question():
    brought = redcap_of(
        row("a", "radio", "Walking", **CODES, matrix="m", section="How hard is it?"),
        row("b", "radio", "Standing", **CODES, matrix="m"),
        row("c", "text", "More?", section="At last"),
    )
    found = definition(brought)
    assert [each.link_id for each in found.items] == ["a/section", "c/section"]
    assert [each.link_id for each in found.items[0].items] == ["a", "b"]
    assert found.by_link_id["b"].help == {"en": "How hard is it?"}
    assert found.by_link_id["b"].options == found.by_link_id["a"].options


@pytest.mark.parametrize(
    ("cell", "is_optional"), [("y", False), ("Y", False), ("", True), ("n", True)]
)
def test_what_is_not_required_may_be_left_empty(cell, is_optional):
    item = definition(redcap_of(row("f", "text", "How?", required=cell))).items[0]
    assert item.is_optional is is_optional
