import itertools
import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from outcomes.dashboards import charts, statistics
from outcomes.dashboards.charts import event_labels, geometry, population
from outcomes.dashboards.charts import text as chart_text

PHONE = 375 - 2 * 32


def make_answers(*pairs, late=()):
    return [
        charts.CoursePoint(
            day, value, chart_text.day_words(day), in_window=day not in late
        )
        for day, value in pairs
    ]


def make_course(*answers, events=(), late=(), **facts):
    facts = {"low": 0, "high": 10, "title": "Pain in the left foot", **facts}
    series = charts.CourseSeries(
        key="pain", points=make_answers(*answers, late=late), **facts
    )
    return charts.course_chart([series], events, chart_id="c1", title="Course")


def make_cell(day, mean, n=40, **facts):
    ci = statistics.mean_interval(n, mean, 2.0) if n > 1 else None
    is_few = statistics.is_too_few(n)
    return charts.PopulationPoint(day, n, mean, ci, 2.0, is_few=is_few, **facts)


def make_population(*series, **facts):
    facts = {"low": 0, "high": 10, "better_is": "lower", **facts}
    return charts.population_chart(
        [
            charts.PopulationSeries(f"t{place}", f"Treatment {place}", cells)
            for place, cells in enumerate(series)
        ],
        chart_id="p1",
        measure="pain",
        **facts,
    )


FULL_COURSE = make_course(
    (-14, 7),
    (42, Decimal("5.50")),
    (90, 4.25),
    (365, 2),
    late=(90,),
    threshold=Decimal("4.9"),
    events=[charts.CourseEvent(0, "PRP", "left, ultrasound")],
)
FULL_POPULATION = make_population(
    [make_cell(0, 6.4), make_cell(90, 3.123456789), make_cell(365, 3.0, n=4)],
    [make_cell(0, 5.8), make_cell(14, 4.2, n=1), make_cell(365, 4.8)],
)
BOTH = pytest.mark.parametrize("chart", [FULL_COURSE, FULL_POPULATION])


def parsed(markup):
    return ElementTree.fromstring(markup)


def drawings(chart):
    return parsed(charts.render(chart)).findall("svg")


def marked(part):
    """The values a part of the page carries, in its order."""
    found = []
    for owner in part.iter():
        own = [owner] if owner.tag == "tr" else list(owner)
        found += [
            (owner.get("data-series"), one.get("data-day"), one.get("data-value"))
            for one in own
            if owner.get("data-series") and one.get("data-value")
        ]
    return found


def texts(part):
    return ["".join(one.itertext()) for one in part.iter("text")]


@BOTH
def test_every_plotted_point_equals_the_table(chart):
    table = marked(parsed(charts.render_table(chart)))
    assert len(table) == len(chart.rows) > 0
    for drawing in drawings(chart):
        assert marked(drawing) == table


@BOTH
def test_points_carry_the_raw_value_untouched(chart):
    raw = [row.raw for row in chart.rows]
    assert [value for _, _, value in marked(drawings(chart)[0])] == raw
    assert "5.50" in raw or "3.123456789" in raw


@BOTH
def test_points_lie_where_their_values_are(chart):
    for drawing in drawings(chart):
        heights = {}
        for point in drawing.iter("g"):
            if point.get("data-value"):
                hit = point.find("circle")
                heights[float(point.get("data-value"))] = float(hit.get("cy"))
        ordered = [heights[value] for value in sorted(heights)]
        assert ordered == sorted(ordered, reverse=True)


@BOTH
def test_markup_holds_under_a_strict_content_security_policy(chart):
    markup = charts.render(chart)
    assert "<style" not in markup
    assert not re.search(r"\s(style|on\w+)=", markup)


@BOTH
def test_ids_are_unique_and_each_drawing_is_named(chart):
    found = parsed(charts.render(chart))
    ids = [one.get("id") for one in found.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for drawing in found.findall("svg"):
        assert drawing.get("role") == "img"
        assert {drawing.get("aria-labelledby"), drawing.get("aria-describedby")} <= set(
            ids
        )


@BOTH
def test_every_point_can_be_focused_and_speaks(chart):
    for drawing in drawings(chart):
        points = [one for one in drawing.iter("g") if one.get("data-value")]
        spoken = [row.spoken for row in chart.rows]
        assert [one.find("title").text for one in points] == spoken
        assert {one.get("tabindex") for one in points} == {"0"}


@BOTH
def test_marks_have_colours_without_a_stylesheet(chart):
    for drawing in drawings(chart):
        for one in drawing.iter("path"):
            assert one.get("stroke") or one.get("fill")


@BOTH
def test_coordinates_do_not_follow_the_language(chart):
    english = charts.render(chart)
    with translation.override("es"):
        spanish = charts.render(chart)
    coordinates = r' (?:d|x|y|cx|cy|viewBox)="([^"]*)"'
    assert re.findall(coordinates, spanish) == re.findall(coordinates, english)


@pytest.mark.parametrize("layouts", [event_labels, population])
def test_compact_text_is_readable_on_a_phone(layouts):
    compact = layouts.COMPACT
    assert compact.text_size * PHONE / compact.width >= 11


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x>'])
def test_names_are_escaped(evil):
    course = make_course(
        (0, 5), (14, 4), title=evil, events=[charts.CourseEvent(0, evil, evil)]
    )
    found = parsed(charts.render(course))
    assert not list(found.iter("script"))
    assert not list(found.iter("img"))
    assert "<script" not in charts.render_table(course)


def test_answer_outside_its_window_is_an_open_square():
    found = drawings(FULL_COURSE)[0]
    late = next(one for one in found.iter("g") if one.get("data-day") == "90")
    assert "is-hollow" in late.get("class")
    assert late.find("path").get("fill") == "#ffffff"
    assert late.find("path").get("d").count("L") == 3
    assert late.find("title").text.endswith("outside its window")
    assert FULL_COURSE.has_late


def test_course_says_where_the_meaningful_change_begins():
    wide, compact = drawings(FULL_COURSE)
    assert "meaningful4.9 or less" in texts(wide)
    assert "dotted: meaningful, 4.9 or less" in texts(compact)


def test_threshold_off_the_scale_is_not_drawn():
    course = make_course((0, 1), (90, 1), threshold=-1)
    assert [view.panels[0].threshold for view in course.views] == [None, None]
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
            assert not one.clashes(other)
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


def test_population_title_and_notes_say_what_is_drawn():
    assert FULL_POPULATION.title == "pain: mean, 0–10"
    assert FULL_POPULATION.notes == (
        "lower is better",
        "lines are means, bands 95 % intervals",
        "hollow: fewer than 10 people",
    )


def test_point_says_its_mean_interval_and_n():
    assert FULL_POPULATION.rows[0].spoken == (
        "Treatment 0, start: mean 6.40, 95 % interval 5.76 to 7.04, 40 people"
    )


def test_point_of_one_person_has_no_band():
    row = FULL_POPULATION.rows[4]
    assert row.ci is None
    assert row.spoken == "Treatment 1, 2 weeks: mean 4.20, 1 person, too few for a rate"
    full = FULL_POPULATION.views[0].series[1]
    assert full.bands == ()
    assert len(full.whiskers) == 2


def test_band_covers_a_run_of_points():
    view = make_population([make_cell(day, 5) for day in (0, 14, 42)]).views[0]
    assert len(view.series[0].bands) == 1
    assert view.series[0].whiskers == ()


def test_few_people_are_drawn_hollow():
    found = drawings(FULL_POPULATION)[0]
    hollow = [one for one in found.iter("g") if "is-hollow" in one.get("class", "")]
    assert [one.get("data-n") for one in hollow] == ["4", "1"]


def test_hidden_cell_shows_neither_mean_nor_n():
    hidden = charts.PopulationPoint(90, None, None, is_few=True)
    chart = make_population([make_cell(0, 6), hidden, make_cell(365, 3)])
    assert (chart.rows[1].n_text, chart.rows[1].mean_text) == ("*", "–")
    assert len(marked(drawings(chart)[0])) == 2
    assert "*" in texts(drawings(chart)[0])


def test_n_stands_under_its_time_point():
    for view in FULL_POPULATION.views:
        series = view.series[0]
        cells = {cell.at: cell.label for cell in series.counts.cells}
        assert [cells[point.x] for point in series.points] == ["40", "40", "4"]


def test_eight_series_differ_without_colour():
    looks = {(style.shape, style.dash) for style in geometry.STYLES}
    assert len(looks) == 8


def test_ninth_series_is_refused_with_advice():
    with pytest.raises(ValueError, match="got 9: narrow the filter"):
        make_population(*[[make_cell(0, 5)]] * 9)


def test_end_labels_are_pushed_apart():
    chart = make_population(*[[make_cell(0, 5), make_cell(365, 4)]] * 8)
    view = chart.views[0]
    heights = sorted(line.at for end in view.ends for line in end.lines)
    gaps = [b - a for a, b in itertools.pairwise(heights)]
    assert min(gaps) >= view.layout.label_size


def test_canonical_bins_are_all_legible():
    days = (0, 14, 42, 90, 182, 365, 730, 1825)
    chart = make_population([make_cell(day, 5) for day in days])
    for view in chart.views:
        gaps = [b.x - a.x for a, b in itertools.pairwise(view.series[0].points)]
        assert min(gaps) >= view.layout.least_gap
        assert [tick.label for tick in view.times] == (
            ["start", "2 wk", "6 wk", "3 mo", "6 mo", "12 mo", "2 y", "5 y"]
        )


def test_axis_starts_at_the_measures_end_unless_that_is_flat():
    from_zero = make_population([make_cell(0, 6), make_cell(90, 2)])
    assert from_zero.views[0].values[0].label == "0"
    flat = make_population(
        [make_cell(0, 70), make_cell(90, 80)], high=100, better_is="higher"
    )
    assert flat.notes[-1] == f"axis starts at {flat.views[0].values[0].label}"


def test_interval_past_the_scale_is_cut_at_the_plot():
    chart = make_population([make_cell(0, 9.9, n=12), make_cell(90, 0.1, n=12)])
    view = chart.views[0]
    numbers = re.findall(r"[\d.]+", view.series[0].bands[0])
    heights = [float(number) for number in numbers[1::2]]
    assert min(heights) >= view.top
    assert max(heights) <= view.bottom


def test_population_of_nobody_says_so():
    markup = charts.render(make_population())
    assert "Nobody in this selection has answered yet." in markup
    assert "<svg" not in markup


def test_population_where_everything_is_hidden_still_draws():
    chart = make_population([charts.PopulationPoint(0, None, None, is_few=True)])
    assert marked(drawings(chart)[0]) == []
    assert "*" in texts(drawings(chart)[0])


def test_rate_bar_draws_rate_interval_and_bounds():
    bar = charts.rate_bar(statistics.responder_rate(28, 38, 50), label="PRP")
    start, end = bar.ends
    assert bar.rate.at == pytest.approx(start + (end - start) * 28 / 38, abs=0.1)
    assert bar.rate.bounds == pytest.approx(
        (start + (end - start) * 0.56, (end - start) * 0.24), abs=0.1
    )
    assert bar.description == (
        "PRP: 28 of 38 improved, 74 %, 95 % interval 58 % to 85 %; 56 % if everyone "
        "missing had failed, 80 % if they had succeeded"
    )
    found = parsed(charts.render(bar))
    assert found.get("data-rate") == str(28 / 38)
    assert found.find("title").text == found.get("aria-label") == bar.description


def test_too_few_are_dots_and_no_rate():
    bar = charts.rate_bar(statistics.responder_rate(4, 7, 9), label="BMC")
    assert [dot.is_improved for dot in bar.dots] == [True] * 4 + [False] * 3
    found = parsed(charts.render(bar))
    assert len(found.findall("circle")) == 7
    assert found.get("data-rate") is None
    assert "too few for a rate" in bar.description


def test_rate_of_nobody_is_an_empty_track():
    bar = charts.rate_bar(statistics.responder_rate(0, 0, 3), label="PT")
    assert (bar.rate, bar.dots) == (None, ())
    assert bar.description == "PT: nobody of 3 answered"
    assert len(parsed(charts.render(bar)).findall("path")) == 1


def test_rate_of_nought_is_drawn_at_the_left_end():
    bar = charts.rate_bar(statistics.responder_rate(0, 30, 30), label="PT")
    assert bar.rate.at == bar.ends[0]


def test_sparkline_carries_its_values():
    line = charts.sparkline(
        [(90, Decimal("3.5")), (0, 7)], low=0, high=10, label="Pain"
    )
    assert parsed(charts.render(line)).get("data-values") == "7 3.5"
    assert line.description == "Pain: 7 to 3.5"


@pytest.mark.parametrize(
    ("points", "words"), [([], "Pain: no answers yet"), ([(0, 5)], "Pain: 5")]
)
def test_sparkline_of_one_or_none_has_no_line(points, words):
    line = charts.sparkline(points, low=0, high=10, label="Pain")
    assert (line.line, line.description) == ("", words)
    parsed(charts.render(line))


@given(
    st.lists(st.floats(0, 300), min_size=1, max_size=8),
    st.floats(1, 30),
)
def test_spread_labels_keep_their_order_and_do_not_overlap(wanted, height):
    found = geometry.spread(wanted, [height] * len(wanted), 0, 300)
    ordered = [y for _, y in sorted(zip(wanted, found, strict=True))]
    gaps = [b - a for a, b in itertools.pairwise(ordered)]
    assert min(gaps, default=height) >= height - 0.2
    assert min(found) >= height / 2 - 0.1
    assert max(found) <= 300 - height / 2 + 0.1


def test_label_with_room_stays_where_it_is_wanted():
    assert geometry.spread([200, 20], [20, 20], 0, 300) == (200, 20)


@pytest.mark.parametrize(
    ("value", "text"),
    [(2, "2"), (2.0, "2"), (Decimal("4.50"), "4.5"), (-0.001, "0"), (-2.447, "−2.45")],
)
def test_numbers_say_no_more_than_they_know(value, text):
    assert chart_text.number(value) == text


@pytest.mark.parametrize(
    ("day", "short", "words"),
    [
        (0, "start", "start"),
        (1, "1 d", "1 day"),
        (7, "1 wk", "1 week"),
        (42, "6 wk", "6 weeks"),
        (90, "3 mo", "3 months"),
        (365, "12 mo", "12 months"),
        (730, "2 y", "2 years"),
        (1825, "5 y", "5 years"),
        (-182, "−6 mo", "6 months before start"),
    ],
)
def test_days_read_as_clinicians_say_them(day, short, words):
    assert (chart_text.day_tick(day), chart_text.day_words(day)) == (short, words)
