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
