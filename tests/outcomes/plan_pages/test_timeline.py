from datetime import date, timedelta
from decimal import Decimal

import pytest

from outcomes.dashboards.charts import text as chart_text
from outcomes.plan_pages import timeline, timeline_chart
from outcomes.plan_pages.timeline import Entry, Kind, Lane, Look

START = date(2025, 3, 3)


def day(offset):
    return START + timedelta(days=offset)


def visit(offset, look=Look.FILLED, state="done", **fields):
    return Entry(what="Visit", state=state, on=day(offset), look=look, **fields)


def window(offset, state="due", **fields):
    return Entry(
        what=f"Day {offset}",
        state=state,
        on=day(offset - 5),
        until=day(offset + 5),
        due=day(offset),
        look=Look.OPEN,
        short=f"Day {offset}",
        **fields,
    )


def pain(offset, value):
    entry = visit(offset, state="by the patient")
    return Entry(entry.what, entry.state, entry.on, entry.look, value=Decimal(value))


def chart(*lanes, today=60):
    return timeline_chart.timeline_chart(
        lanes,
        origin=START,
        today=day(today),
        anchor_on=START,
        chart_id="t",
        title="Course",
    )


VISITS = Lane("pt", "Therapy", Kind.MARKS, (visit(0), visit(7), visit(7)))
WINDOWS = Lane("f", "Follow-ups", Kind.WINDOWS, (window(14), window(90)))
PAIN = Lane("a", "Pain", Kind.VALUES, (pain(0, 7), pain(90, 3)))


def test_the_table_holds_all_that_is_drawn_in_the_order_of_its_days():
    drawn = chart(VISITS, WINDOWS, PAIN)
    assert [row.entry.counts_on for row in drawn.rows] == sorted(
        row.entry.counts_on for row in drawn.rows
    )
    for view in drawn.views:
        placed = [one.entry for lane in view.lanes for one in lane.placed]
        assert sorted(placed, key=id) == sorted((r.entry for r in drawn.rows), key=id)


def test_nothing_lies_outside_the_drawing_or_on_top_of_another():
    for view in chart(VISITS, WINDOWS, PAIN).views:
        for lane in view.lanes:
            assert lane.bottom <= view.height
            spots = [(one.x, one.y) for one in lane.placed]
            assert len(set(spots)) == len(spots)
            assert all(0 <= x <= view.layout.width for x, _ in spots)


def test_a_struck_entry_is_crossed_out_and_a_window_marks_its_due_day():
    struck = visit(3, Look.STRUCK, "cancelled")
    lane = Lane("pt", "Therapy", Kind.MARKS, (visit(0), struck))
    marks = chart(lane, WINDOWS).views[0].lanes
    assert [bool(one.strike) for one in marks[0].placed] == [False, True]
    assert all(one.due for one in marks[1].placed)


def test_today_is_drawn_only_where_the_axis_reaches():
    assert chart(WINDOWS, today=60).views[0].today is not None
    assert chart(WINDOWS, today=600).views[0].today is None


@pytest.mark.parametrize("today", [0, 3, 60, 90, 95])
def test_the_words_today_and_day_0_stand_at_their_lines_and_clear_of_each_other(today):
    for view in chart(WINDOWS, today=today).views:
        assert (view.day_0.word, view.day_0.x) == ("day 0", view.ticks[0].at)
        spans = [span_of(line, view) for line in (view.today, view.day_0)]
        (left, right), (start, end) = spans
        is_below = view.today.y != view.day_0.y
        assert is_below or right <= start or end <= left
        assert max(view.today.y, view.day_0.y) < view.height
        assert all(a >= 0 and b <= view.layout.width for a, b in spans)


def span_of(line, view):
    width = chart_text.width(line.word, view.layout.text_size, bold=True)
    if line.anchor == "end":
        return line.word_x - width, line.word_x
    return line.word_x, line.word_x + width


def test_the_first_and_the_last_follow_up_are_always_labelled():
    lane = Lane(
        "f",
        "Follow-ups",
        Kind.WINDOWS,
        tuple(window(offset) for offset in (0, 2, 4, 7, 9, 14, 20, 30, 60, 90, 365)),
    )
    for view in chart(lane, today=400).views:
        placed = view.lanes[0].placed
        assert placed[0].label == "Day 0"
        assert (placed[-1].label, placed[-1].label_anchor) == ("Day 365", "end")
        assert placed[-1].label_x < placed[-1].x


def test_lanes_without_entries_are_left_out():
    empty = Lane("x", "Elsewhere", Kind.MARKS, ())
    assert [one.lane.key for one in chart(empty, VISITS).views[0].lanes] == ["pt"]


def test_a_goal_is_a_level_across_the_values():
    lane = Lane("a", "Pain", Kind.VALUES, PAIN.entries, level=Decimal(3))
    view = chart(lane).views[0].lanes[0]
    assert view.level_y == view.placed[1].y


def test_the_description_counts_each_lane_in_words():
    words = timeline.description([VISITS, PAIN])
    assert "Therapy: 3 done." in words
    assert "Pain: 7 on 3 Mar 2025, 3 on 1 Jun 2025." in words


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (visit(0), "3 Mar 2025: Visit, done"),
        (visit(0, detail="left"), "3 Mar 2025: Visit, left, done"),
        (
            window(14),
            "17 Mar 2025: Day 14, window 12 Mar 2025 to 22 Mar 2025, due",
        ),
        (pain(0, 7), "3 Mar 2025: Visit, 7, by the patient"),
        (visit(0, when="2024"), "2024: Visit, done"),
    ],
)
def test_an_entry_is_said_in_one_line(entry, words):
    assert entry.spoken == words
