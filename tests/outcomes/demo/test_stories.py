from datetime import date
from random import Random
from types import SimpleNamespace

import pytest

from outcomes.demo import (
    asking,
    building,
    cast,
    conditions,
    own_protocols,
    stories,
)
from outcomes.demo.conditions import Condition
from outcomes.demo.stories import PatientStory
from patients.catalogue import icd10, places
from plans.protocols import library as protocol_library

TODAY = date(2026, 3, 12)


TEMPLATES = {
    d.key: building.template(d.steps, d.timepoints)
    for d in (*protocol_library.load_all(), own_protocols.series())
    if d.key in stories.PROTOCOLS
}


def tell(size: int = 300) -> list[PatientStory]:
    people = cast.people(Random("test"), size, TODAY)
    return list(stories.stories("test", people, stories.MAIN_PINS, TEMPLATES, TODAY))


TOLD = tell()


def test_the_same_seed_tells_the_same_stories() -> None:
    assert tell() == TOLD


def test_more_patients_leave_the_first_ones_as_they_were() -> None:
    courses = [story.complaints[0].course for story in tell(40)]
    assert courses == [story.complaints[0].course for story in TOLD[:40]]


def test_only_the_chosen_stories_ask_today() -> None:
    asking_today = [
        number
        for number, story in enumerate(TOLD)
        for plan in story.complaints[0].plans
        if TODAY in TEMPLATES[plan.treatment].asked_on(plan.anchor_on)
        and plan.is_performed is not False
        and story.left_on is None
    ]
    assert asking_today == list(range(len(stories.DUE_TODAY)))


def test_nothing_happens_before_it_can() -> None:
    for story in TOLD:
        for complaint in story.complaints:
            assert complaint.onset_on < complaint.opened_on <= TODAY
            for plan in complaint.plans:
                assert complaint.opened_on <= plan.started_on <= TODAY
                assert plan.started_on <= plan.anchor_on
                assert plan.ended_on is None or plan.started_on <= plan.ended_on


def test_every_treatment_is_there_and_so_are_second_plans() -> None:
    plans = [complaint.plans for story in TOLD for complaint in story.complaints]
    assert {plan.treatment for some in plans for plan in some} == set(TEMPLATES)
    assert any(len(some) == 2 for some in plans)


def test_procedures_are_ahead_and_some_behind_are_not_confirmed() -> None:
    waiting = [
        plan.anchor_on
        for story in TOLD
        for plan in story.complaints[0].plans
        if plan.is_performed is False
    ]
    assert sum(day > TODAY for day in waiting) == 6
    assert sum(day <= TODAY for day in waiting) == 3 + len(stories.TREATED_TODAY)


@pytest.mark.parametrize("condition", conditions.CONDITIONS, ids=lambda c: c.key)
def test_conditions_use_the_lists_that_are_shipped(condition: Condition) -> None:
    assert {entry.source for entry in condition.ledger} <= set(places.pain_sources())
    assert set(condition.sites) <= set(places.body_sites())
    assert set(condition.treatments) <= set(TEMPLATES)
    for side, code in condition.source_codes.items():
        assert is_billable(code)
        known = icd10.lookup(code)
        assert known is not None and known.laterality in {"", side}


def test_codes_of_the_pain_itself_are_of_the_right_side() -> None:
    for by_side in conditions.SITE_CODES.values():
        for side, code in by_side.items():
            assert is_billable(code)
            assert side in getattr(icd10.lookup(code), "title", "").lower()


def is_billable(code: str) -> bool:
    known = icd10.lookup(code) or SimpleNamespace(is_billable=False)
    return known.is_billable


def test_fewer_answer_the_longer_ago_it_is() -> None:
    shares = [asking.capture(day) for day in (0, 14, 90, 182, 365, 730, 1095)]
    assert shares == sorted(shares, reverse=True)
