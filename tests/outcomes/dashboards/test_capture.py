"""Who answers: the numbers, against a count of the same rows one by one."""

from collections import Counter
from dataclasses import asdict
from datetime import timedelta

import pytest

from clinic import clock
from outcomes.dashboards import statistics
from outcomes.dashboards.capture import counts as capture
from outcomes.dashboards.capture import rows as capture_rows
from outcomes.dashboards.capture.choices import CUSTOM, Choices
from outcomes.dashboards.capture.counts import APART, Cell, Counts, Reached, Row
from tests.outcomes.dashboards import capture_world


@pytest.fixture
def today(clinic):
    return clock.today(clinic.zone)


@pytest.fixture
def seen(clinic, physician, today):
    """What each of 300 follow-ups counts as; some lie outside the period."""
    capture_world.make(clinic, physician, follow_ups=300, seed=5)
    return capture_world.look(clinic, today - timedelta(days=90), today)


def report(user, today, **asked):
    choices = Choices(**asked)
    cells = capture_rows.cells(user, choices, today)
    return capture.report(cells, capture_rows.reached(user, choices, today))


@pytest.mark.django_db
def test_every_fate_occurs_in_the_world(seen):
    assert {each.fate for each in seen} == set(APART) | set(capture.ELIGIBLE)


@pytest.mark.django_db
def test_the_total_is_what_counting_one_by_one_gives(seen, physician, today):
    assert asdict(report(physician, today).total) == capture_world.count(seen)


@pytest.mark.django_db
@pytest.mark.parametrize("name", capture.DIMENSIONS)
def test_each_group_is_what_counting_one_by_one_gives(name, seen, physician, today):
    found = report(physician, today).tables[name]
    keys = {each.groups[name] for each in seen if each.fate in capture.ELIGIBLE}
    assert {row.key: asdict(row.counts) for row in found} == {
        key: capture_world.count(each for each in seen if each.groups[name] == key)
        for key in keys
    }


@pytest.mark.django_db
def test_nobody_is_dropped_without_a_number(seen, physician, today):
    found = report(physician, today)
    assert found.apart == {
        fate: sum(each.fate == fate for each in seen) for fate in APART
    }
    assert found.total.eligible + sum(found.apart.values()) == len(seen)


@pytest.mark.django_db
def test_the_ladder_is_what_counting_one_by_one_gives(seen, physician, today):
    eligible = [each for each in seen if each.fate in capture.ELIGIBLE]
    silent = Counter(step for each in eligible for step in each.steps)
    credited = Counter(each.last for each in eligible if each.fate == "answered")
    found = report(physician, today).lift
    assert {step.key: step.silent for step in found.steps} == silent
    assert {step.key: step.answered for step in found.steps} == {
        step: credited[step] for step in silent
    }
    assert found.unprompted == credited[""]
    assert found.steps[-1].cumulative == credited.total()


@pytest.mark.django_db
@pytest.mark.parametrize("name", capture.DIMENSIONS)
def test_a_group_has_the_same_numbers_by_itself(name, seen, physician, today):
    for row in report(physician, today).tables[name]:
        alone = report(physician, today, narrowed={name: row.key})
        assert alone.total == row.counts
        assert [each.key for each in alone.tables[name]] == [row.key]


@pytest.mark.django_db
def test_the_list_behind_a_number_has_as_many(seen, physician, today):
    def listed(**cell):
        return capture_rows.listed(physician, Choices(), cell, today).count()

    found = report(physician, today)
    for name, n in asdict(found.total).items():
        by = "delivery" if name in ("sent", "delivered", "no_receipt") else "fate"
        assert listed(**{by: name}) == n, name
    for fate, n in found.apart.items():
        assert listed(fate=fate.value) == n
    for step in found.lift.steps:
        assert listed(silent=step.key) == step.silent
        assert listed(step=step.key, fate="answered") == step.answered
    assert listed(step="none", fate="answered") == found.lift.unprompted


@pytest.mark.django_db
def test_a_period_counts_the_windows_that_closed_in_it(seen, physician, today):
    whole = report(physician, today)
    middle = today - timedelta(days=40)
    first = report(
        physician,
        today,
        period=CUSTOM,
        begins_on=today - timedelta(days=90),
        ends_on=middle,
    )
    second = report(
        physician, today, period=CUSTOM, begins_on=middle + timedelta(days=1)
    )
    assert whole.total - first.total == second.total
    assert first.total.eligible > 0


@pytest.mark.django_db
def test_another_clinic_has_no_number_of_ours(seen, outsider, today):
    found = report(outsider, today, period="all")
    assert found.total == Counts()
    assert set(found.apart.values()) == {0}


@pytest.mark.django_db
def test_three_queries_whatever_there_is(
    seen, physician, today, django_assert_num_queries
):
    with django_assert_num_queries(3):
        report(physician, today)


def cell(n, fate="answered", delivery="delivered", step="", **groups):
    where = {"timepoint": "2 weeks", "day": 14, "protocol": "prp", "provider": "none"}
    where |= {"language": "en", "channel": "email"}
    return Cell(**{**where, **groups}, fate=fate, delivery=delivery, step=step, n=n)


def test_the_target_says_how_many_answers_are_wanted():
    counts = Counts(eligible=214, answered=155)
    assert counts.wanted(80) == 17
    assert Counts(eligible=10, answered=9).wanted(80) == 0


def test_the_bounds_reach_from_in_time_to_in_any_way():
    counts = Counts(eligible=20, answered=10, partial=2, late=3, missed=5)
    assert counts.bounds == (0.5, 0.75)
    assert counts.ci == statistics.wilson(10, 20)


def test_time_points_stand_in_their_order_and_groups_by_size():
    cells = [cell(30, timepoint="1 year", day=365, language="es"), cell(90)]
    found = capture.report(cells, ())
    assert [row.key for row in found.tables["timepoint"]] == ["2 weeks", "1 year"]
    assert [row.key for row in found.tables["language"]] == ["en", "es"]


def test_steps_stand_in_the_order_in_which_they_went():
    cells = [cell(10, step="a"), cell(5, step="b"), cell(2), cell(13, fate="missed")]
    found = capture.lift(cells, [Reached("b", 18, 3.0), Reached("a", 28, 0.1)])
    assert [(step.key, step.answered, step.cumulative) for step in found.steps] == [
        ("a", 10, 12),
        ("b", 5, 17),
    ]
    assert (found.unprompted, found.eligible) == (2, 30)


def hidden(*sizes):
    """The keys that stay hidden in a table of groups of so many who all answered."""
    cells = [cell(n, language=f"{place}") for place, n in enumerate(sizes)]
    found = capture.hide_small(capture.report(cells, ()))
    return {row.key for row in found.tables["language"] if row.is_hidden}


def test_a_group_of_fewer_than_ten_is_hidden_with_the_one_that_would_tell():
    assert hidden(40, 30, 9) == {"1", "2"}
    assert hidden(40, 30, 20) == set()


def test_two_small_groups_whose_sum_is_small_hide_a_third():
    assert hidden(40, 30, 4, 4) == {"1", "2", "3"}
    assert hidden(40, 30, 9, 9) == {"2", "3"}


def test_a_small_part_hides_a_large_group():
    cells = [cell(100), cell(3, fate="late"), cell(200, language="es")]
    found = capture.hide_small(capture.report(cells, ()))
    assert found.total is None
    assert found.tables["language"] == (
        Row("es", Counts(eligible=200, sent=200, delivered=200, answered=200)),
        Row("en", None),
    )


def test_no_hidden_count_can_be_worked_out_from_what_is_shown():
    """By any sum of shown rows against the total, over many random tables."""
    rng = capture_world.Random(3)
    for _ in range(300):
        cells = [
            cell(rng.choice([2, 9, 12, 25, 60]), fate=fate, language=language)
            for language in "abcde"
            for fate in rng.sample(list(capture.ELIGIBLE), 2)
        ]
        found = capture.hide_small(capture.report(cells, ()))
        rows = found.tables["language"]
        rest = found.total or Counts()
        for row in rows:
            assert row.is_hidden or not row.counts.has_small_part
            rest -= row.counts or Counts()
        if found.total is not None and any(row.is_hidden for row in rows):
            assert not rest.has_small_part
            assert sum(row.is_hidden for row in rows) > 1


def test_a_ladder_with_a_small_step_is_hidden_whole():
    cells = [cell(30, step="a"), cell(12, step="b"), cell(20, fate="missed")]
    shown = [Reached("a", 62, 0.0), Reached("b", 32, 3.0)]
    assert capture.hide_small(capture.report(cells, shown)).lift is not None
    few = [*shown, Reached("c", 8, 7.0)]
    assert capture.hide_small(capture.report(cells, few)).lift is None


def test_few_who_are_told_apart_are_not_numbered():
    cells = [cell(50), cell(3, fate="died"), cell(12, fate="on_hold")]
    found = capture.hide_small(capture.report(cells, ())).apart
    assert (found["died"], found["on_hold"], found["withdrew"]) == (None, 12, 0)
