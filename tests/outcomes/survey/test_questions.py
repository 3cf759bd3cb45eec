from decimal import Decimal
from uuid import UUID, uuid4

from outcomes.instruments import library
from outcomes.instruments.definition import Occasion
from outcomes.survey import questions
from outcomes.survey.questions import Asked, Target

CORE = library.instruments()["core_follow_up"]


def asked(
    site: str,
    side: str = "left",
    *wanted: str,
    after: bool = True,
    **more: object,
) -> Asked:
    occasion = Occasion(site, after, frozenset(wanted) or None)
    items = tuple(library.items_for(CORE, occasion))
    return Asked(uuid4(), items, site, side, **more)


# What every follow-up after treatment ends with.
LAST = ["safety", "elsewhere", "note"]


def keys(*responses: Asked) -> list[str]:
    return [question.key for question in questions.compose(responses)]


def targets(found: list[questions.Question], key: str) -> set[tuple[UUID, str]]:
    (question,) = [each for each in found if each.key == key]
    return {(target.response_id, target.link_id) for target in question.targets}


def test_one_complaint_is_asked_in_the_order_of_the_questionnaire():
    assert keys(asked("foot")) == [
        "pain_site.foot.left",
        "pain_back",
        "activity_limits",
        "global_change.foot.left",
        *LAST,
    ]


def test_nobody_is_asked_about_change_before_treatment():
    assert "global_change.foot.left" not in keys(asked("foot", after=False))


def test_two_complaints_share_what_concerns_the_person():
    assert keys(asked("foot"), asked("knee", "right")) == [
        "pain_site.foot.left",
        "pain_site.knee.right",
        "pain_back",
        "activity_limits",
        "global_change.foot.left",
        "global_change.knee.right",
        *LAST,
    ]


def test_a_shared_answer_is_stored_for_each_complaint():
    foot, knee = asked("foot"), asked("knee")
    found = questions.compose([foot, knee])
    assert targets(found, "activity_limits") == {
        (foot.response_id, "activity_limits"),
        (knee.response_id, "activity_limits"),
    }


def test_a_low_back_is_not_asked_about_twice():
    assert keys(asked("low_back", "none"))[:2] == [
        "pain_site.low_back.none",
        "activity_limits",
    ]


def test_a_low_back_answers_the_back_pain_of_another_complaint():
    foot, back = asked("foot"), asked("low_back", "none")
    found = questions.compose([foot, back])
    assert "pain_back" not in [question.key for question in found]
    assert targets(found, "pain_site.low_back.none") == {
        (back.response_id, "pain_site"),
        (foot.response_id, "pain_back"),
    }


def test_two_courses_of_one_complaint_are_asked_once():
    first, second = asked("foot"), asked("foot", after=False)
    found = questions.compose([first, second])
    assert len(found) == 4 + len(LAST)
    assert targets(found, "pain_site.foot.left") == {
        (first.response_id, "pain_site"),
        (second.response_id, "pain_site"),
    }
    assert targets(found, "global_change.foot.left") == {
        (first.response_id, "global_change")
    }


def test_left_and_right_are_two_questions():
    assert keys(asked("foot", "left"), asked("foot", "right"))[:2] == [
        "pain_site.foot.left",
        "pain_site.foot.right",
    ]


def test_a_question_names_the_site_in_the_patients_language():
    first = questions.compose([asked("foot")])[0]
    assert "left foot" in first.wording("en")
    assert "pie izquierdo" in first.wording("es")


def test_a_question_counts_as_answered_when_every_response_has_it():
    first, later = asked("foot"), asked("knee")
    shared = questions.compose([first, later])[2]
    answers = {Target(first.response_id, shared.item.link_id): Decimal(3)}
    assert not shared.is_answered(answers)
    assert shared.earlier(answers) == ("3",)


def test_the_first_unanswered_question_is_found_behind_gaps():
    foot = asked("foot")
    found = questions.compose([foot])
    answers = {Target(foot.response_id, "pain_site"): None}
    assert questions.first_unanswered(found, answers) == 2
    assert questions.first_unanswered(found, {}) == 1
    every = {target: None for question in found for target in question.targets}
    assert questions.first_unanswered(found, every) is None
