"""Answers become scores: every item, its bounds, and every way to be missing."""

import dataclasses
import itertools
from decimal import Decimal

import pytest

from outcomes.instruments import answers as form
from outcomes.instruments import library, reading, scoring
from outcomes.instruments.definition import Item, Option

CORE = library.instruments()["core_follow_up"]
ITEMS = CORE.by_link_id
FULL = {
    "pain_site": Decimal(7),
    "pain_back": Decimal(3),
    "activity_limits": Decimal(0),
    "global_change": Decimal(2),
}


def values(answers, site="foot"):
    scored = scoring.score(CORE, answers, site, list(FULL))
    return {s.measure_key: s.value for s in scored}


def hashes(answers, site="foot", instrument=CORE):
    scored = scoring.score(instrument, answers, site, list(FULL))
    return {s.measure_key: s.input_hash for s in scored}


@pytest.mark.parametrize(
    ("link_id", "answer"),
    [
        *(("pain_site", n) for n in range(11)),
        *(("pain_back", n) for n in range(11)),
        *(("activity_limits", n) for n in range(11)),
        *(("global_change", n) for n in range(1, 8)),
    ],
)
def test_each_answer_is_its_measures_score(link_id, answer):
    assert values({link_id: Decimal(answer)})[link_id] == answer


@pytest.mark.parametrize(
    ("link_id", "answer"),
    [
        ("pain_site", "11"),
        ("pain_site", "-1"),
        ("pain_site", "3.5"),
        ("pain_site", "NaN"),
        ("activity_limits", "10.000001"),
        ("global_change", "0"),
        ("global_change", "8"),
    ],
)
def test_a_value_the_question_does_not_offer_is_refused(link_id, answer):
    with pytest.raises(
        ValueError, match=f"is not an answer to the question '{link_id}"
    ):
        scoring.score(CORE, {link_id: Decimal(answer)}, "foot")


def test_an_answer_to_no_question_is_refused():
    with pytest.raises(ValueError, match="There is no question 'sleep'"):
        scoring.score(CORE, {"sleep": Decimal(3)}, "foot")


def test_scores_stand_in_the_order_of_the_questions():
    assert list(values(FULL)) == list(FULL)


ANSWERED = [set(c) for n in range(5) for c in itertools.combinations(FULL, n)]


@pytest.mark.parametrize("answered", ANSWERED)
def test_what_is_not_answered_is_none_and_never_zero(answered):
    scored = values({key: FULL[key] for key in answered})
    assert scored == {key: FULL[key] if key in answered else None for key in FULL}


@pytest.mark.parametrize("answered", ANSWERED)
def test_cannot_tell_is_none_and_never_zero(answered):
    scored = values({key: FULL[key] if key in answered else None for key in FULL})
    assert scored == {key: FULL[key] if key in answered else None for key in FULL}


@pytest.mark.parametrize(
    ("answers", "back"),
    [
        ({"pain_site": Decimal(6)}, 6),
        ({"pain_site": Decimal(0)}, 0),
        ({"pain_site": None}, None),
        ({}, None),
        ({"pain_site": Decimal(6), "pain_back": Decimal(2)}, 6),
        ({"pain_back": Decimal(2)}, None),
    ],
)
def test_at_the_low_back_the_site_answer_is_the_back_score(answers, back):
    scored = values(answers, site="low_back")
    assert scored["pain_back"] == back
    assert scored["pain_site"] == answers.get("pain_site")


def test_elsewhere_the_back_is_scored_from_its_own_answer():
    assert values({"pain_site": Decimal(6)}, site="mid_back")["pain_back"] is None


def test_the_order_of_the_answers_does_not_matter():
    expected = scoring.score(CORE, FULL, "foot")
    for order in itertools.permutations(FULL.items()):
        assert scoring.score(CORE, dict(order), "foot") == expected


def test_trailing_zeros_from_a_database_do_not_matter():
    stored = {key: value.quantize(Decimal("0.000001")) for key, value in FULL.items()}
    assert scoring.score(CORE, stored, "foot") == scoring.score(CORE, FULL, "foot")
    assert str(scoring.score(CORE, stored, "foot")[0].value) == "7"


def test_the_hash_changes_with_the_answer_that_was_used_alone():
    before, after = hashes(FULL), hashes(FULL | {"pain_site": Decimal(8)})
    changed = {key for key in FULL if before[key] != after[key]}
    assert changed == {"pain_site"}


def test_the_hash_tells_where_the_back_score_came_from():
    same = {"pain_site": Decimal(4), "pain_back": Decimal(4)}
    assert hashes(same)["pain_back"] != hashes(same, "low_back")["pain_back"]
    assert hashes(same)["pain_site"] == hashes(same, "low_back")["pain_site"]


def test_the_hash_tells_none_from_zero():
    zero, none = {"pain_site": Decimal(0)}, {"pain_site": None}
    assert hashes(zero)["pain_site"] != hashes(none)["pain_site"]


def test_the_hash_follows_the_definition_and_the_algorithm(monkeypatch):
    reworded = dataclasses.replace(CORE, version=CORE.version + 1)
    assert hashes(FULL, instrument=reworded) != hashes(FULL)
    before = hashes(FULL)
    monkeypatch.setattr(scoring, "ALGORITHM_VERSION", "single_item_2")
    assert hashes(FULL)["pain_site"] != before["pain_site"]


def test_a_pinned_copy_scores_as_the_original():
    pinned = reading.stored(CORE.to_json())
    assert scoring.score(pinned, FULL, "foot") == scoring.score(CORE, FULL, "foot")


def test_a_score_carries_its_algorithm():
    scored = scoring.score(CORE, FULL, "foot", list(FULL))
    assert {s.algorithm_version for s in scored} == {"single_item_1"}
    assert all(len(s.input_hash) == 64 for s in scored)


@pytest.mark.parametrize(
    ("link_id", "raw", "expected"),
    [
        ("pain_site", "0", Decimal(0)),
        ("pain_site", "10", Decimal(10)),
        ("pain_site", " 4 ", Decimal(4)),
        ("pain_site", "cant_tell", None),
        ("activity_limits", "5", Decimal(5)),
        ("global_change", "1", Decimal(1)),
        ("global_change", "7", Decimal(7)),
        ("global_change", "cant_tell", None),
    ],
)
def test_an_offered_answer_is_accepted(link_id, raw, expected):
    assert form.read(ITEMS[link_id], [raw]) == {link_id: expected}


@pytest.mark.parametrize(
    ("link_id", "raw", "message"),
    [
        ("pain_site", "", "Please choose an answer."),
        ("pain_site", "  ", "Please choose an answer."),
        ("pain_site", "11", "Please choose a number from 0 to 10."),
        ("pain_site", "-1", "Please choose a number from 0 to 10."),
        ("pain_site", "3.5", "Please choose a number from 0 to 10."),
        ("pain_site", "1e1", "Please choose a number from 0 to 10."),
        ("pain_site", "٣", "Please choose a number from 0 to 10."),
        ("pain_site", "seven", "Please choose a number from 0 to 10."),
        ("pain_site", "9" * 5000, "Please choose a number from 0 to 10."),
        ("global_change", "0", "Please choose one of the answers shown."),
        ("global_change", "8", "Please choose one of the answers shown."),
        ("global_change", "Much better", "Please choose one of the answers shown."),
    ],
)
def test_any_other_answer_is_refused_in_words(link_id, raw, message):
    with pytest.raises(ValueError, match=message):
        form.read(ITEMS[link_id], [raw])


def test_a_refusal_speaks_the_patients_language():
    with pytest.raises(ValueError, match="Por favor, elija un número del 0 al 10."):
        form.read(ITEMS["pain_site"], ["11"], "es")
    with pytest.raises(ValueError, match="Por favor, elija una respuesta."):
        form.read(ITEMS["pain_site"], [""], "es")


def test_cannot_tell_is_refused_where_it_is_not_offered():
    strict = dataclasses.replace(ITEMS["pain_site"], cant_tell={})
    with pytest.raises(ValueError, match="a number from 0 to 10"):
        form.read(strict, ["cant_tell"])


OPEN = Item(
    "o",
    "open_choice",
    {"en": "Which?"},
    options=(Option(0, {"en": "Walking", "es": "Caminar"}), Option(1, {"en": "Cold"})),
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Walking", Decimal(0)),
        ("Caminar", Decimal(0)),
        ("1", Decimal(1)),
        ("Dancing", "Dancing"),
    ],
)
def test_an_open_choice_keeps_an_option_or_the_words(raw, expected):
    assert form.read(OPEN, [raw]) == {"o": expected}


BOXES = Item(
    "b",
    "boxes",
    {"en": "Any?"},
    items=(Item("b1", "yes_no", {"en": "One"}), Item("b2", "yes_no", {"en": "Two"})),
    none={"en": "None of these"},
)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (["none"], {"b1": 0, "b2": 0}),
        (["b2"], {"b1": 0, "b2": 1}),
        (["b1", "b2"], {"b1": 1, "b2": 1}),
    ],
)
def test_each_box_is_an_answer(sent, expected):
    assert form.read(BOXES, sent) == expected


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([], "choose all that fit"),
        ([""], "choose all that fit"),
        (["b1", "none"], "“None of these” and more"),
        (["b3"], "one of the answers shown"),
    ],
)
def test_boxes_that_say_two_things_or_nothing_are_refused(sent, told):
    with pytest.raises(form.AnswerError, match=told):
        form.read(BOXES, sent)


NOTE = Item("n", "text", {"en": "More?"}, max_length=2000, is_optional=True)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  The stairs.  ", "The stairs."),
        ("👩🏽‍⚕️ gracias", "👩🏽‍⚕️ gracias"),
        ("مرحبا", "مرحبا"),
        ("safe\u202egnp.exe\u202c", "safegnp.exe"),
        ("a\u200bb\x00c\r\nd", "abc\nd"),
        ("\u200d\u200b", None),
        ("   ", None),
    ],
)
def test_words_are_kept_without_what_nobody_sees(raw, kept):
    assert form.read(NOTE, [raw]) == {"n": kept}


def test_a_megabyte_of_words_is_refused():
    with pytest.raises(form.AnswerError, match="too long"):
        form.read(NOTE, ["x" * 1_000_000])
