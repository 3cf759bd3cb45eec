"""Which screens a patient goes through, for which pain, in which order."""

from datetime import date
from uuid import UUID

from outcomes.intake import steps
from outcomes.intake.screens import Kind, Person
from outcomes.intake.steps import Asked

ONE, TWO = UUID(int=1), UUID(int=2)
PERSON = Person("male", 60)


def keys(*sites, given=None, baselines=None, person=PERSON):
    asked = [
        Asked(UUID(int=n), *site.split(".")) for n, site in enumerate(sites, start=1)
    ]
    return [
        step.key for step in steps.compose(asked, person, baselines or {}, given or {})
    ]


def step(key, *sites, given=None, baselines=None):
    asked = [
        Asked(UUID(int=n), *site.split(".")) for n, site in enumerate(sites, start=1)
    ]
    found = steps.compose(asked, PERSON, baselines or {}, given or {})
    return next(one for one in found if one.key == key)


def test_a_foot_is_asked_about_the_leg_and_the_back():
    assert keys("foot.left") == [
        "where",
        "onset.foot.left",
        "pain_now.foot.left",
        "back_now",
        "worse.foot.left",
        "better.foot.left",
        "tried.foot.left",
        "radiating",
        "numbness",
        "weakness",
        "bending.foot.left",
        "changes",
        "legs",
        "health",
        "injections",
        "story",
    ]


def test_a_hand_is_asked_nothing_of_the_spine():
    asked = keys("hand.right")
    assert "arm_numbness" in asked and "use.hand.right" in asked
    assert not {"back_now", "radiating", "changes", "legs"} & set(asked)
    codes = {found.key for found in step("injections", "hand.right").asks}
    assert codes == {"RF18", "RF20"}


def test_a_neck_is_asked_for_signs_of_the_cord():
    codes = [found.key for found in step("changes", "neck.none").asks]
    assert codes == ["RF02", "RF03"]


def test_pain_in_the_back_is_not_asked_twice():
    assert "back_now" not in keys("low_back.none")


def test_two_feet_share_what_concerns_the_person():
    asked = keys("foot.left", "foot.right")
    assert asked.count("where") == asked.count("changes") == 1
    assert "onset.foot.left" in asked and "onset.foot.right" in asked
    shared = step("numbness", "foot.left", "foot.right")
    assert [target.intake_id for target in shared.targets] == [ONE, TWO]


def test_a_screen_is_kept_only_where_its_pain_asks_it():
    shared = step("changes", "foot.left", "hand.right")
    assert [target.intake_id for target in shared.targets] == [ONE]
    shared = step("injections", "foot.left", "hand.right")
    assert [target.codes for target in shared.targets] == [
        ("RF18", "RF19", "RF20"),
        ("RF18", "RF20"),
    ]


def test_what_a_clinician_dated_is_asked_by_itself():
    baselines = {"RF02": date(2024, 3, 3)}
    asked = keys("foot.left", baselines=baselines)
    assert asked.index("known.RF02") == asked.index("changes") - 1
    known = step("known.RF02", "foot.left", baselines=baselines)
    assert (known.kind, known.since) == (Kind.KNOWN, date(2024, 3, 3))
    boxes = step("changes", "foot.left", baselines=baselines)
    assert "RF02" not in {found.key for found in boxes.asks}


def test_a_flag_brings_up_what_makes_it_more_urgent():
    given = {ONE: {"health": {"answer": ["RF17"]}}}
    asked = keys("foot.left", given=given)
    assert asked[asked.index("health") + 1] == "detail.RF17_chest_symptoms"
    assert "detail.RF15_infected" not in asked


def test_a_known_flag_that_got_worse_counts_as_present():
    given = {ONE: {"known.RF12": {"answer": ["present"]}}}
    baselines = {"RF12": date(2024, 3, 3)}
    assert "detail.RF12_major_trauma" in keys(
        "foot.left", given=given, baselines=baselines
    )


def test_boxes_without_none_of_these_are_not_done():
    boxes = step("legs", "foot.left")
    assert not boxes.is_answered({})
    assert not boxes.is_answered({ONE: {"legs": {"answer": ["RF14"]}}})
    assert boxes.is_answered({ONE: {"legs": {"answer": ["RF14", "none"]}}})
    every = ["RF14", "RF15", "RF16"]
    assert boxes.is_answered({ONE: {"legs": {"answer": every}}})


def test_an_intake_that_came_later_asks_again_what_is_shared():
    shared = step("numbness", "foot.left", "knee.right")
    given = {ONE: {"numbness": {"answer": ["no"]}}}
    assert not shared.is_answered(given)
    assert shared.earlier(given) == {"answer": ["no"]}


def test_the_first_hole_is_found():
    composed = steps.compose([Asked(ONE, "foot", "left")], PERSON, {}, {})
    assert steps.first_unanswered(composed, {}) == 1
    given = {ONE: {"where": {"answer": ["cant_tell"]}}}
    assert steps.first_unanswered(composed, given) == 2


def test_nothing_asked_has_no_hole():
    assert steps.first_unanswered([], {}) is None
