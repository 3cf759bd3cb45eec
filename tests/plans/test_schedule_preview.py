from datetime import date

from plans.course import schedule_preview
from plans.models import Timepoint

TODAY = date(2026, 3, 1)


def point(key, ask_day, close_day, open_day=-30):
    return Timepoint(
        key=key, label=key, open_day=open_day, ask_day=ask_day, close_day=close_day
    )


def dates(*points, anchor_on=TODAY):
    found = schedule_preview.askings(points, anchor_on=anchor_on, today=TODAY)
    return [(one.label, one.asks_on, one.is_over) for one in found]


def test_days_are_counted_from_the_anchor_and_sorted():
    assert dates(point("m1", 30, 45), point("d7", 7, 12)) == [
        ("d7", date(2026, 3, 8), False),
        ("m1", date(2026, 3, 31), False),
    ]


def test_what_should_have_been_asked_before_today_is_asked_today():
    assert dates(point("baseline", -7, 0)) == [("baseline", TODAY, False)]


def test_a_closed_window_is_over():
    [(_, _, is_over)] = dates(point("d7", 7, 12), anchor_on=date(2026, 1, 1))
    assert is_over


def words(*points, anchor_on=TODAY):
    found = schedule_preview.askings(points, anchor_on=anchor_on, today=TODAY)
    return schedule_preview.invitations(found).in_words


def test_all_is_ahead_of_a_plan_that_starts_today():
    assert words(point("d7", 7, 12), point("m1", 30, 45)) == (
        "0 past invitations, 2 future."
    )


def test_what_is_over_is_never_asked():
    points = [point("d7", 7, 12), point("m1", 30, 45), point("m12", 365, 425)]
    assert words(*points, anchor_on=date(2026, 1, 1)) == (
        "0 past invitations, 1 future; 2 time points are over and never asked."
    )
    assert words(points[0], points[2], anchor_on=date(2026, 1, 1)) == (
        "0 past invitations, 1 future; 1 time point is over and never asked."
    )


def test_a_window_that_is_still_open_is_asked_today():
    assert words(point("m1", 30, 45), anchor_on=date(2026, 1, 20)) == (
        "0 past invitations, 1 future (1 of them today)."
    )


def test_what_a_clinician_fills_in_is_no_invitation():
    own = point("post30min", 0, 0)
    own.who = Timepoint.Who.CLINICIAN
    assert words(own, point("d7", 7, 12)) == "0 past invitations, 1 future."
