"""The truth table of the red flags: each alone, all pairs, every conditional tier.

The tiers stand here once more, written down from the clinical table by hand, so that a
slip in the data file fails.
"""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.catalogue import red_flags as catalogue
from patients.triage import red_flags
from patients.triage.red_flags import Answer

E0 = ("RF01", "RF02", "RF03", "RF04", "RF05", "RF07", "RF13", "RF14", "RF19")
E1 = ("RF06", "RF08", "RF16", "RF17", "RF18", "RF23")
E2 = ("RF09", "RF10", "RF11", "RF12", "RF15", "RF20")
E3 = ("RF21", "RF22", "RF24")
TIERS = {
    **dict.fromkeys(E0, "E0"),
    **dict.fromkeys(E1, "E1"),
    **dict.fromkeys(E2, "E2"),
    **dict.fromkeys(E3, "E3"),
}
BY_ANOTHER_FLAG = {
    ("RF09", "RF06"): "E1",  # same day with a new deficit
    ("RF09", "RF08"): "E1",  # same day with fever
    ("RF09", "RF18"): "E1",  # fever after a procedure
    ("RF10", "RF07"): "E0",  # past cancer with cord signs
    ("RF20", "RF08"): "E1",  # the headache with fever
    ("RF20", "RF18"): "E1",
}
BY_A_DETAIL = {
    "RF12_major_trauma": "E1",
    "RF15_infected": "E1",
    "RF16_septic": "E0",
    "RF17_chest_symptoms": "E0",
    "RF20_severe": "E1",
    "RF20_fever": "E1",
}
STATES = (Answer.PRESENT, Answer.ABSENT, Answer.UNCHANGED, None)
ANSWERS = st.dictionaries(st.sampled_from(sorted(TIERS)), st.sampled_from(Answer))
SOME_DETAILS = st.sets(st.sampled_from(sorted(BY_A_DETAIL)))


def raised(states, details=()):
    """A state of None is a flag that nobody asked about."""
    said = {flag: state for flag, state in states.items() if state is not None}
    return red_flags.raised(said, details)


def expected(present):
    return {
        flag: min(
            [TIERS[flag]]
            + [BY_ANOTHER_FLAG.get((flag, other), "E9") for other in present]
        )
        for flag in present
    }


def test_the_table_is_about_every_flag_and_every_detail():
    assert sorted(TIERS) == sorted(catalogue.red_flags())
    assert sorted(BY_A_DETAIL) == sorted(catalogue.details())


@pytest.mark.parametrize("flag", TIERS)
def test_each_flag_alone_is_raised_when_present_and_only_then(flag):
    assert raised({flag: Answer.PRESENT}) == {flag: TIERS[flag]}
    assert raised({flag: Answer.ABSENT}) == {}
    assert raised({flag: Answer.UNCHANGED}) == {}
    assert raised({flag: None}) == {}


def test_all_pairs_in_all_states_give_their_tiers():
    for one, other in combinations(TIERS, 2):
        for states in product(STATES, STATES):
            pair = dict(zip((one, other), states, strict=True))
            present = [flag for flag in pair if pair[flag] == Answer.PRESENT]
            assert raised(pair) == expected(present), pair


@pytest.mark.parametrize(("flag", "other"), BY_ANOTHER_FLAG)
def test_each_tier_that_another_flag_raises(flag, other):
    together = raised({flag: Answer.PRESENT, other: Answer.PRESENT})
    assert together[flag] == BY_ANOTHER_FLAG[flag, other] < TIERS[flag]


@pytest.mark.parametrize("detail", BY_A_DETAIL)
def test_each_tier_that_a_detail_raises(detail):
    flag = catalogue.details()[detail].flag
    assert raised({flag: Answer.PRESENT}, {detail})[flag] == BY_A_DETAIL[detail]
    assert BY_A_DETAIL[detail] < TIERS[flag]


@pytest.mark.parametrize("said", [Answer.ABSENT, None])
@pytest.mark.parametrize("detail", BY_A_DETAIL)
def test_a_detail_is_not_lost_where_its_flag_was_denied_or_left_blank(detail, said):
    flag = catalogue.details()[detail].flag
    assert raised({flag: said}, {detail}) == {flag: BY_A_DETAIL[detail]}


def test_all_flags_at_once_are_at_their_most_urgent():
    everything = raised(dict.fromkeys(TIERS, Answer.PRESENT), BY_A_DETAIL)
    most = {**TIERS, "RF09": "E1", "RF10": "E0", "RF12": "E1", "RF15": "E1"}
    assert everything == {**most, "RF16": "E0", "RF17": "E0", "RF20": "E1"}


@given(ANSWERS, SOME_DETAILS)
def test_no_present_flag_is_missed_or_played_down(said, details):
    tiers = raised(said, details)
    for flag in (f for f, state in said.items() if state == Answer.PRESENT):
        assert tiers[flag] <= TIERS[flag]


@given(ANSWERS, SOME_DETAILS, st.sampled_from(sorted(TIERS)))
def test_one_more_yes_never_makes_another_flag_less_urgent(said, details, flag):
    before = raised(said, details)
    after = raised({**said, flag: Answer.PRESENT}, details)
    assert all(after[other] <= tier for other, tier in before.items())


@pytest.mark.parametrize(
    ("tier", "than", "more"),
    [("E0", "E1", True), ("E1", "E1", False), ("E2", "E1", False)],
)
def test_tiers_are_compared_by_urgency(tier, than, more):
    assert red_flags.is_more_urgent(tier, than) is more


TOE = ("big_toe_extension", "right")


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        ({}, 5, ""),
        ({}, 4, ""),
        ({}, 3, "big-toe extension right 3 of 5"),
        ({TOE: 5}, 4, "big-toe extension right 5 to 4 since the last visit"),
        ({TOE: 4}, 4, ""),
        ({TOE: 3}, 4, ""),
        ({TOE: 2}, 2, "big-toe extension right 2 of 5"),
        ({("big_toe_extension", "left"): 5}, 4, ""),
    ],
)
def test_a_weak_muscle_or_a_lost_grade_is_a_reason(before, now, reason):
    assert red_flags.strength_reasons(before, {TOE: now}) == (
        [reason] if reason else []
    )


@pytest.mark.parametrize(
    ("before", "now", "counts"),
    [({TOE: 2}, 2, False), ({TOE: 2}, 3, False), ({TOE: 2}, 1, True), ({}, 2, True)],
)
def test_of_a_weakness_that_is_known_only_a_change_counts(before, now, counts):
    reasons = red_flags.strength_reasons(before, {TOE: now}, is_known=True)
    assert bool(reasons) is counts


@pytest.mark.parametrize(
    ("before", "now", "is_known", "counts"),
    [
        (None, None, False, False),
        (None, 199, False, False),
        (None, 200, False, True),
        (300, 300, False, True),
        (300, 300, True, False),
        (150, 300, True, True),
        (None, 300, True, True),
        (300, None, True, False),
    ],
)
def test_retention_counts_unless_it_was_dated_and_measured(
    before, now, is_known, counts
):
    reason = red_flags.retention_reason(before, now, is_known=is_known)
    assert reason == (f"{now} ml left after voiding" if counts else "")


@pytest.mark.parametrize(("age", "reason"), [(17, "17 years old"), (18, ""), (80, "")])
def test_a_child_is_told_by_age(age, reason):
    assert red_flags.age_reason(age) == reason
