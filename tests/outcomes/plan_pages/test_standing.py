import itertools
from datetime import date
from types import SimpleNamespace

from clinic import clock
from outcomes.plan_pages import standing
from plans.models import Plan

START, TODAY = date(2025, 3, 3), date(2025, 6, 1)


def moved(before, after, on, reason=""):
    facts = {"before": {"status": before}, "after": {"status": after}}
    return SimpleNamespace(facts={**facts, "on": on.isoformat(), "reason": reason})


def spans(plan, *events):
    found = standing.spans(plan, events, TODAY)
    return [(span.words, span.on, span.until) for span in found]


def plan(**fields):
    return Plan(**{"started_on": START, "status": "active", **fields})


def test_a_running_plan_has_stood_so_since_its_start():
    assert spans(plan()) == [("active", START, TODAY)]


def test_a_hold_is_a_span_of_its_own():
    held, resumed = date(2025, 4, 1), date(2025, 4, 20)
    events = [moved("active", "on_hold", held), moved("on_hold", "active", resumed)]
    assert spans(plan(), *events) == [
        ("active", START, held),
        ("on hold", held, resumed),
        ("active", resumed, TODAY),
    ]


def test_its_end_is_the_last_and_has_no_length():
    end = date(2025, 5, 1)
    ended = plan(status="stopped", ended_on=end)
    assert spans(ended, moved("active", "stopped", end)) == [
        ("active", START, end),
        ("stopped", end, end),
    ]


def test_all_moves_of_one_day_are_told_in_their_order():
    day = date(2025, 4, 1)
    ways = ("active", "on_hold", "active", "stopped", "active")
    events = [moved(*pair, day) for pair in itertools.pairwise(ways)]
    assert spans(plan(), *events) == [
        ("active", START, day),
        ("on hold", day, day),
        ("active", day, day),
        ("stopped", day, day),
        ("active", day, TODAY),
    ]


def test_a_plan_that_was_reopened_stood_still_in_between():
    stopped, reopened = date(2025, 4, 1), date(2025, 4, 20)
    events = [
        moved("active", "stopped", stopped),
        moved("stopped", "active", reopened),
    ]
    assert spans(plan(), *events)[1] == ("stopped", stopped, reopened)


def test_a_draft_has_stood_since_it_was_written_down():
    written = clock.now()
    draft = plan(status="draft", created_at=written, started_on=date(2999, 1, 1))
    assert spans(draft)[0][:2] == ("draft", TODAY)


def test_reads_of_the_plan_are_no_moves():
    read = SimpleNamespace(facts={})
    assert spans(plan(), read) == [("active", START, TODAY)]


def test_a_plan_that_came_ended_ran_until_then():
    end = date(2025, 5, 1)
    ended = plan(status="completed", ended_on=end)
    assert spans(ended) == [("active", START, end), ("completed", end, end)]
