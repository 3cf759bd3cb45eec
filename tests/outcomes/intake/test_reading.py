"""What a form means: blank is never "no", and "not sure" is no finding."""

from datetime import date
from uuid import UUID

import pytest

from outcomes.intake import ago, reading, steps
from outcomes.intake.reading import AnswerError
from outcomes.intake.screens import Person
from outcomes.intake.steps import Asked
from patients.triage.cells import Entry

TODAY = date(2026, 3, 31)
ONE = UUID(int=1)
NONE = "none"


def step(key, site="foot", side="left", given=None, baselines=None):
    found = steps.compose(
        [Asked(ONE, site, side)], Person("female", 40), baselines or {}, given or {}
    )
    return next(one for one in found if one.key.startswith(key))


def read(key, given=None, baselines=None, **form):
    return reading.read(step(key, given=given, baselines=baselines), form, TODAY)


def refused(key, **form):
    with pytest.raises(AnswerError) as caught:
        read(key, **form)
    return caught.value.key


@pytest.mark.parametrize(
    ("number", "unit", "day"),
    [
        (0, "days", date(2026, 3, 31)),
        (2, "weeks", date(2026, 3, 17)),
        (1, "months", date(2026, 2, 28)),
        (13, "months", date(2025, 2, 28)),
        (3, "years", date(2023, 3, 31)),
    ],
)
def test_how_long_ago_is_a_day(number, unit, day):
    assert ago.day(number, unit, TODAY) == day


def test_the_onset_is_counted_from_today():
    found = read("onset", number=[" 2 "], unit=["weeks"])
    assert found.entries == {("pain_onset", NONE): Entry("2026-03-17")}
    assert found.raw == {"number": ["2"], "unit": ["weeks"]}


def test_an_unknown_onset_is_no_finding_and_yet_an_answer():
    found = read("onset", number=["5"], unit=["cant_tell"])
    assert found.entries == {("pain_onset", NONE): None}
    assert step("onset").is_complete(found.raw)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "number_missing"),
        ({"unit": ["weeks"]}, "number_missing"),
        ({"number": ["many"], "unit": ["weeks"]}, "number_missing"),
        ({"number": ["-2"], "unit": ["weeks"]}, "number_missing"),
        ({"number": ["9999"], "unit": ["weeks"]}, "number_missing"),
        ({"number": ["2"]}, "unit_missing"),
        ({"number": ["2"], "unit": ["moons"]}, "unit_missing"),
        ({"number": ["999"], "unit": ["years"]}, ""),
    ],
)
def test_a_time_that_is_none_is_asked_again(form, said):
    if said:
        assert refused("onset", **form) == said
    else:
        assert read("onset", **form).entries["pain_onset", NONE]


def test_a_scale_takes_its_numbers_only():
    assert read("pain_now", answer=["7"]).entries == {
        ("pain_site_now", NONE): Entry("7")
    }
    for text in ("", "11", "-1", "4.5", "four"):
        assert refused("pain_now", answer=[text]) == "choose_one"


def test_cannot_tell_is_never_zero():
    found = read("pain_now", answer=["cant_tell"])
    assert found.entries == {("pain_site_now", NONE): None}


def test_boxes_need_one_answer_that_agrees_with_itself():
    assert refused("worse") == "boxes_missing"
    assert refused("worse", answer=["flying"]) == "boxes_missing"
    assert refused("worse", answer=["walking", "nothing"]) == "nothing_and_more"
    found = read("worse", answer=["sitting", "walking"])
    assert found.entries == {("worse_with", NONE): Entry("walking,sitting")}
    found = read("worse", answer=["nothing"])
    assert found.entries == {("worse_with", NONE): Entry("nothing")}


def test_an_option_that_does_not_fit_is_not_taken():
    assert refused("worse", answer=["overhead"]) == "boxes_missing"


@pytest.mark.parametrize(
    ("answer", "left", "right"),
    [
        ("no", "absent", "absent"),
        ("left", "present", "absent"),
        ("right", "absent", "present"),
        ("both", "present", "present"),
        ("cant_tell", None, None),
    ],
)
def test_a_symptom_has_a_side(answer, left, right):
    entries = read("numbness", answer=[answer]).entries
    assert [entry and entry.value for entry in entries.values()] == [left, right]
    assert list(entries) == [("numbness", "left"), ("numbness", "right")]


def test_since_when_belongs_to_the_side_that_has_it():
    found = read("weakness", answer=["left"], number=["3"], unit=["days"])
    since = date(2026, 3, 28)
    assert found.entries["weakness", "left"] == Entry("present", since)
    assert found.entries["weakness", "right"] == Entry("absent")


def test_since_when_may_be_left_out_but_not_half_said():
    assert (
        read("weakness", answer=["left"]).entries["weakness", "left"].since_on is None
    )
    assert refused("weakness", answer=["left"], number=["3"]) == "unit_missing"
    found = read("weakness", answer=["no"], number=["3"], unit=["days"])
    assert found.raw == {"answer": ["no"]}


def test_a_symptom_left_blank_is_asked_again():
    assert refused("weakness") == "choose_one"


def test_none_of_these_says_no_to_each():
    found = read("legs", answer=["none"])
    flags = {cell[0]: e for cell, e in found.entries.items() if len(cell[0]) == 4}
    assert flags == dict.fromkeys(("RF14", "RF15", "RF16"), Entry("absent"))
    assert found.still_open == ""


def test_boxes_left_blank_say_nothing():
    assert refused("legs") == "flags_missing"
    assert refused("legs", answer=["RF01"]) == "flags_missing"


def test_a_checked_box_is_kept_though_the_rest_is_still_open():
    found = read("legs", answer=["RF14"])
    assert found.entries == {("RF14", NONE): Entry("present")}
    assert found.still_open == "flags_rest"


def test_none_beside_a_checked_box_means_the_others():
    found = read("legs", answer=["RF14", "none"])
    assert found.entries["RF14", NONE] == Entry("present")
    assert found.entries["RF16", NONE] == Entry("absent")
    assert found.still_open == ""


def test_with_the_flag_goes_what_made_it_worse():
    found = read("health", answer=["none"])
    assert found.entries["RF17_chest_symptoms", NONE] is None


def test_a_dated_flag_is_new_or_as_before_or_gone():
    baselines = {"RF02": date(2024, 3, 3)}
    for answer in ("present", "unchanged", "absent"):
        found = read("known.RF02", baselines=baselines, answer=[answer])
        assert found.entries["RF02", NONE] == Entry(answer)
    with pytest.raises(AnswerError):
        read("known.RF02", baselines=baselines, answer=[""])


def test_a_detail_may_be_unknown():
    given = {ONE: {"health": {"answer": ["RF17"]}}}
    cell = ("RF17_chest_symptoms", NONE)
    for answer, entry in (
        ("yes", Entry("present")),
        ("no", Entry("absent")),
        ("cant_tell", None),
    ):
        assert read("detail", given=given, answer=[answer]).entries == {cell: entry}


def test_words_may_be_left_out():
    assert read("story").entries == {("story", NONE): None}
    found = read("story", answer=["  It began\r\nin May "])
    assert found.entries == {("story", NONE): Entry("It began\nin May")}
    assert refused("story", answer=["x" * 2001]) == "text_long"


def test_the_map_wants_the_worst_of_several_places():
    heel, toes = "heel_below:left", "big_toe:left"
    found = read("where", regions=[heel])
    assert found.entries["pain_worst", NONE] == Entry(heel)
    assert refused("where", regions=[heel, toes]) == "worst_missing"
    found = read("where", regions=[heel, toes], worst_region=[toes])
    assert found.entries["pain_regions", NONE] == Entry(f"{heel},{toes}")
    assert found.entries["pain_worst", NONE] == Entry(toes)


def test_the_map_takes_places_of_the_map_only():
    assert refused("where") == "map_missing"
    assert refused("where", regions=["moon"]) == "map_missing"
    assert refused("where", regions=["heel_below:left"], worst_region=["neck"]) == (
        "worst_missing"
    )
    assert read("where", answer=["cant_tell"]).entries["pain_regions", NONE] is None


def test_only_what_is_new_is_news():
    asked = step("legs")
    before = {"answer": ["RF14", "none"]}
    now = reading.read(asked, {"answer": ["RF14", "RF15", "none"]}, TODAY)
    assert reading.changed(now, reading.read_again(asked, before, TODAY)) == {
        ("RF15", NONE): Entry("present"),
    }
    assert reading.changed(now, reading.read_again(asked, {}, TODAY)) == now.entries


def test_a_yes_to_a_red_flag_is_heard_each_time():
    found = read("legs", answer=["RF14", "none"])
    assert reading.repeated_flags(found) == {("RF14", NONE): Entry("present")}
    assert reading.repeated_flags(read("numbness", answer=["left"])) == {}


def test_a_repeated_how_long_ago_moves_no_date():
    asked = step("onset")
    raw = {"number": ["2"], "unit": ["weeks"]}
    later = date(2026, 4, 2)
    now, before = reading.read(asked, raw, later), reading.read_again(asked, raw, later)
    assert reading.changed(now, before) == {}
