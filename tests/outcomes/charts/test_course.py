import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.dashboards import charts
from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.course import event_labels
from tests.outcomes.charts import samples
from tests.outcomes.charts.drawing import (
    FULL_COURSE,
    drawings,
    make_answers,
    make_course,
    marked,
    texts,
)


def test_answer_outside_its_window_is_an_open_square():
    found = drawings(FULL_COURSE)[0]
    late = next(one for one in found.iter("g") if one.get("data-day") == "90")
    assert "is-hollow" in late.get("class")
    assert late.find("path").get("fill") == "#ffffff"
    assert late.find("path").get("d").count("l") == 3
    assert late.find("title").text.endswith("outside its window")
    assert FULL_COURSE.has_late


def test_course_says_where_the_meaningful_change_begins():
    wide, compact = drawings(FULL_COURSE)
    assert "meaningful4.9 or less" in texts(wide)
    assert "dotted: meaningful, 4.9 or less" in texts(compact)


def test_threshold_off_the_scale_is_not_drawn():
    course = make_course((0, 1), (90, 1), threshold=-1)
    assert [view.panels[0].levels for view in course.views] == [(), ()]
    assert not any("meaningful" in text for text in texts(drawings(course)[1]))


def test_last_value_stands_at_the_end():
    for view in FULL_COURSE.views:
        x, _, text = view.panels[0].last
        assert text == "2"
        assert x > view.panels[0].points[-1].x


def test_one_point_is_a_mark_without_a_line():
    course = make_course((-3, 6))
    assert [view.panels[0].line for view in course.views] == ["", ""]
    assert len(marked(drawings(course)[0])) == 1


def test_missing_baseline_is_said():
    course = make_course((42, 5), (90, 4))
    assert any("no baseline" in text for text in texts(drawings(course)[0]))


def test_no_answers_is_said():
    course = make_course()
    assert any("no answers yet" in text for text in texts(drawings(course)[0]))
    assert "no answers yet" in course.description


def test_course_without_measures_draws_nothing():
    empty = charts.course_chart([], chart_id="c", title="Course")
    assert [view.panels for view in empty.views] == [(), ()]
    assert len(drawings(empty)) == 2


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 10, ["0", "5", "10"]),
        (0, 100, ["0", "50", "100"]),
        (1, 7, ["1", "4", "7"]),
        (-1, 38, ["−1", "18", "38"]),
        (Decimal("-0.6"), 1, ["−0.6", "0.2", "1"]),
    ],
)
def test_value_axis_shows_both_ends_and_the_middle(low, high, labels):
    course = make_course((0, 1), low=low, high=high)
    assert [tick.label for tick in course.views[0].panels[0].values] == labels


@pytest.mark.parametrize(
    ("last_day", "labels"),
    [
        (365, ["start", "6 wk", "3 mo", "6 mo", "12 mo"]),
        (1825, ["start", "6 mo", "12 mo", "2 y", "3 y", "4 y", "5 y"]),
        (42, ["start", "1 wk", "2 wk", "4 wk", "6 wk"]),
    ],
)
def test_time_axis_is_chosen_by_the_span(last_day, labels):
    course = make_course((-14, 7), (last_day, 3))
    assert [tick.label for tick in course.views[0].times] == labels


@given(st.integers(-400, 0), st.integers(1, 4000))
def test_time_ticks_never_touch(first, last):
    for view in make_course((first, 7), (last, 3)).views:
        gaps = [b.at - a.at for a, b in itertools.pairwise(view.times)]
        assert min(gaps, default=99) >= view.layout.tick_gap


def test_panels_share_one_time_axis():
    series = [
        charts.CourseSeries(key, key, make_answers(*pairs), 0, 10)
        for key, pairs in {"a": [(-14, 7), (90, 4)], "b": [(90, 60), (365, 3)]}.items()
    ]
    course = charts.course_chart(series, chart_id="c", title="Course")
    for view in course.views:
        first, second = view.panels
        assert first.points[1].x == second.points[0].x
        assert first.bottom < second.top


def test_value_off_its_range_stays_inside_the_panel():
    panel = make_course((0, 12), (14, -1)).views[0].panels[0]
    assert all(panel.top <= point.y <= panel.bottom for point in panel.points)


events_strategy = st.lists(
    st.tuples(st.integers(-900, 1900), st.text("abc d", min_size=1, max_size=40)),
    max_size=12,
)


@given(events_strategy)
def test_event_labels_never_clash_and_stay_on_the_chart(pairs):
    course = make_course(
        (-14, 7), (365, 3), events=[charts.CourseEvent(*pair) for pair in pairs]
    )
    for view in course.views:
        places = [place_of(view, one.label) for one in view.events if one.label.text]
        for one, other in itertools.combinations(places, 2):
            assert not one.clashes(other, event_labels.TOUCHING)
        for place in places:
            assert place.start >= 0
            assert place.end <= view.layout.width


def place_of(view, label):
    room = chart_text.width(label.text, view.layout.text_size)
    start = label.text_x - room if label.anchor == "end" else label.text_x
    return event_labels.Place(label.x, label.row, start, start + room)


def test_two_events_on_one_day_are_both_named():
    course = make_course(
        (0, 5),
        events=[charts.CourseEvent(0, "PRP"), charts.CourseEvent(0, "PT starts")],
    )
    for view in course.views:
        assert [one.label.text for one in view.events] == ["PRP", "PT starts"]
        assert len({one.y for one in view.events}) == 2
        assert len(view.event_lines) == 1


def test_event_long_before_stands_at_the_edge_and_squeezes_nothing():
    course = make_course(
        (-14, 7), (365, 3), events=[charts.CourseEvent(-2000, "Fusion")]
    )
    label = course.views[0].events[0].label
    assert (label.x, label.text) == (course.views[0].layout.left, "‹ Fusion")
    assert label.spoken == "Fusion, 5.5 years before start"


def test_event_without_room_keeps_its_line_and_its_words():
    many = [charts.CourseEvent(day, f"Session {day}") for day in range(20)]
    course = make_course((0, 5), (1825, 3), events=many)
    compact = course.views[1]
    assert any(not one.label.text for one in compact.events)
    spoken = [one.text for one in drawings(course)[1].iter("title")]
    assert "Session 19, 19 days" in spoken


def test_long_title_is_wrapped_and_shortened():
    course = make_course((0, 5), title="how much does it limit you " * 20)
    heading = course.views[1].panels[0].heading
    titles = [line.title for line in heading if line.title]
    assert len(titles) == 3
    assert titles[-1].endswith("…")


def test_a_partial_answer_is_half_filled_and_says_so():
    chart = samples.course([samples.FULL_SERIES])
    partial = [point for point in chart.views[0].panels[0].points if point.half]
    assert [point.row.day for point in partial] == [42, 90]
    assert partial[0].row.how == "partial answer"
    assert partial[1].row.how == "partial answer, outside its window"
    assert "Half-filled marks are answers with some questions" in charts.render(chart)


def test_half_of_a_mark_lies_inside_its_mark():
    whole = geometry.mark("square", 50, 20, 5)
    half = geometry.half_mark("square", 50, 20, 5)
    assert (whole, half) == (
        "M45.5 15.5l9 0l0 9l-9 0z",
        "M50 15.5 L45.5 15.5 L45.5 24.5 L50 24.5z",
    )


def test_each_level_is_named_with_its_bound():
    chart = samples.course([samples.FULL_SERIES])
    wide, compact = drawings(chart)
    said = texts(wide)
    assert {"meaningful4.9 or less", "acceptable3 or less", "goal2 or less"} <= set(
        said
    )
    assert "dash-dotted: acceptable, 3 or less" in texts(compact)
    dashes = {one.dash for one in chart.views[0].panels[0].levels}
    assert len(dashes) == 3


def test_an_acceptable_state_off_the_scale_is_not_drawn():
    course = make_course((0, 5), acceptable=12)
    assert course.views[0].panels[0].level("acceptable") is None


def test_the_expected_course_says_of_how_many():
    chart = samples.course([samples.FULL_SERIES])
    words = "middle half of 41 similar patients here"
    for view, drawing in zip(chart.views, drawings(chart), strict=True):
        assert view.panels[0].band
        assert words in " ".join(texts(drawing))
    told = [row for row in chart.table.rows if row.cells[3].text == words]
    assert [row.cells[2].text for row in told] == ["5.5 to 8", "3 to 6", "1.5 to 5"]


def test_a_series_is_a_bracket_over_its_days():
    series = charts.CourseEvent(0, "Shockwave", until=42, days=(0, 14, 28, 42))
    course = make_course((-14, 7), (365, 3), events=[series])
    view = course.views[0]
    assert view.events[0].bracket
    assert view.event_lines == ()
    assert view.spans[0].width > 20
    assert view.events[0].label.spoken == "Shockwave, start to 6 weeks, 4 sessions"


def test_brackets_of_one_time_lie_in_lanes_of_their_own():
    both = [
        charts.CourseEvent(0, "Therapy", until=90),
        charts.CourseEvent(42, "Shockwave", until=60),
        charts.CourseEvent(182, "More", until=200),
    ]
    for view in make_course((0, 7), (365, 3), events=both).views:
        heights = [one.line_bottom for one in view.events]
        assert heights[0] == heights[2] < heights[1] < view.panels[0].top


def test_treatments_and_levels_are_in_the_table():
    chart = samples.course([samples.FULL_SERIES])
    told = [(row.heading, row.cells[0].text) for row in chart.table.rows]
    assert ("Shockwave", "60 days to 3 months") in told
    levels = [
        row.cells[2].text for row in chart.table.rows if row.cells[3].text == "goal"
    ]
    assert levels == ["2 or less"]
