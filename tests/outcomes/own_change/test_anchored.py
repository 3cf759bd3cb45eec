import pytest

from outcomes.dashboards.own_change import anchored
from outcomes.dashboards.statistics.mic import Anchored
from outcomes.models import FollowUp, OutcomeFact
from tests.outcomes import rows
from tests.outcomes.own_change import world


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def people(measure):
    world.rebuild()
    return anchored.read(measure).people


def test_the_first_time_point_that_asked_both_counts(clinic, measure):
    world.make_course(clinic, measure, 8, w2=(None, 7), m3=(3, 6), m12=(1, 2))
    assert people(measure) == [Anchored(3, 2.0)]


def test_first_is_by_the_day_and_not_by_the_name(clinic, measure):
    """m12 sorts before m3, and w2 after both."""
    world.make_course(clinic, measure, 8, m12=(1, 2), w2=(4, 8))
    assert people(measure) == [Anchored(4, 0.0)]


def test_the_answer_and_the_score_are_of_the_same_time_point(clinic, measure):
    episode = world.make_course(clinic, measure, 8, m3=(None, 5))
    rows.answer(episode, world.anchor_of(clinic), w2=3)
    assert people(measure) == []


def test_without_a_baseline_nothing_counts(clinic, measure):
    episode = rows.make_episode(clinic)
    rows.answer(episode, measure, w2=3)
    rows.answer(episode, world.anchor_of(clinic), w2=3)
    assert people(measure) == []


def test_a_baseline_from_memory_does_not_count(clinic, measure):
    world.make_course(clinic, measure, 8, w2=(3, 6))
    world.rebuild()
    OutcomeFact.objects.update(baseline_is_recalled=True)
    assert anchored.read(measure).people == []


def test_a_rise_is_better_where_higher_is(clinic):
    rising = rows.make_measure(clinic, "rising", better_is="higher")
    world.make_course(clinic, rising, 3, w2=(3, 5))
    assert people(rising) == [Anchored(3, 2.0)]


def test_a_time_point_that_stands_no_more_does_not_count(clinic, measure):
    episode = world.make_course(clinic, measure, 8, w2=(3, 6))
    world.rebuild()
    FollowUp.objects.filter(episode=episode, timepoint_key="w2").update(
        state=FollowUp.State.CANCELLED
    )
    assert anchored.read(measure).people == []


def test_of_decimals_no_digits_are_invented(clinic, measure):
    world.make_course(clinic, measure, 4.5, w2=(3, 3.15))
    assert people(measure) == [Anchored(3, 1.35)]


def test_another_clinics_courses_are_not_read(clinic, other_clinic, measure):
    theirs = rows.make_measure(other_clinic)
    world.make_course(other_clinic, theirs, 8, w2=(3, 6))
    assert people(measure) == []
    assert len(people(theirs)) == 1


def test_it_is_two_queries_however_many_courses(
    clinic, measure, django_assert_num_queries
):
    for _ in range(3):
        world.make_course(clinic, measure, 8, w2=(3, 6), m3=(3, 5))
    world.rebuild()
    with django_assert_num_queries(2):
        found = anchored.read(measure)
    assert len(found.people) == 3
    assert found.baseline_mean == 8


def test_what_is_only_asked_afterwards_is_not_looked_at(clinic):
    keys = set(anchored.measures_of(clinic.pk).values_list("key", flat=True))
    assert "pain_site" in keys
    assert keys.isdisjoint({"global_change", "satisfaction", "acceptable_state"})
