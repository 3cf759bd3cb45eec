"""Marks lie where their numbers are, in every chart and for any numbers."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes.dashboards import charts
from tests.outcomes.charts import boxes, samples
from tests.outcomes.charts.drawing import drawings, shapes

CLOSE = 0.11
UPRIGHT = ("change", "population", "funnel", "course")
LEVEL = ("dumbbell", "estimates")


def named(*kinds):
    return [name for name in samples.ALL if name.split()[0] in kinds]


def is_affine(pairs):
    """Whether the places are a linear function of the values, but for rounding."""
    pairs = sorted(pairs)
    (low, start), (high, end) = pairs[0], pairs[-1]
    if high == low:
        return all(abs(place - start) <= CLOSE for _, place in pairs)
    slope = (end - start) / (high - low)
    return all(
        abs(start + slope * (value - low) - place) <= 2 * CLOSE
        for value, place in pairs
    )


def places(drawing, axis):
    """Value and place of each mark, by the panel that it stands in."""
    found = {}
    for panel in drawing.iter("g"):
        if panel.get("data-series") is None:
            continue
        for point, extent in boxes.hits(panel):
            if point.get("data-value"):
                pair = float(point.get("data-value")), extent[axis]
                found.setdefault(panel.get("data-series"), []).append(pair)
    return found


@pytest.mark.parametrize("name", named(*UPRIGHT))
def test_values_stand_at_their_height(name):
    for drawing in drawings(samples.ALL[name]):
        panels = places(drawing, 1)
        if not name.startswith("course"):
            panels = {"all": [pair for panel in panels.values() for pair in panel]}
        for pairs in panels.values():
            assert not pairs or is_affine(pairs)
            assert min(pairs)[1] >= max(pairs)[1] if pairs else True


@pytest.mark.parametrize("name", named(*LEVEL))
def test_values_stand_along_their_scale(name):
    for drawing in drawings(samples.ALL[name]):
        pairs = [pair for panel in places(drawing, 0).values() for pair in panel]
        assert not pairs or is_affine(pairs)
        assert min(pairs)[1] <= max(pairs)[1] if pairs else True


@pytest.mark.parametrize("name", named("shares"))
def test_parts_of_a_bar_are_as_wide_as_their_share(name):
    chart = samples.ALL[name]
    for view, drawing in zip(chart.views, drawings(chart), strict=True):
        room = view.layout.right - view.layout.left
        for point, _ in boxes.hits(drawing):
            share = int(point.get("data-n")) / int(point.get("data-of"))
            for bar in shapes(point, "rect"):
                assert float(bar.get("width")) == pytest.approx(share * room, abs=0.2)


@pytest.mark.parametrize("name", named("distribution"))
def test_bars_are_as_high_as_their_share(name):
    for drawing in drawings(samples.ALL[name]):
        pairs = [(0, 0)]
        for panel in drawing.iter("g"):
            if panel.get("data-series") is None:
                continue
            bars = [point for point, _ in boxes.hits(panel)]
            total = sum(int(one.get("data-n")) for one in bars)
            for point in bars:
                for bar in shapes(point, "rect"):
                    share = int(point.get("data-n")) / total
                    pairs.append((share, float(bar.get("height"))))
        # A bar of hardly anybody keeps a height that can be seen.
        assert is_affine([pair for pair in pairs if pair[1] != 1.5])


@pytest.mark.parametrize("name", named("shares", "distribution"))
def test_single_people_are_counted_by_their_marks(name):
    for drawing in drawings(samples.ALL[name]):
        for point, _ in boxes.hits(drawing):
            people = shapes(point, "path")
            n = int(point.get("data-n"))
            assert not people or len(people) == (n if n <= 9 else 1)


finite = st.floats(-100, 100)
counts = st.integers(0, 400)
words = st.text("abc defghi", min_size=1, max_size=80)
some = settings(max_examples=15, deadline=None)


def check(chart):
    """Everything lies inside, apart from each other, at finite places."""
    for drawing in drawings(chart):
        width, height = boxes.size(drawing)
        assert math.isfinite(width + height)
        for path in drawing.iter("path"):
            assert re.fullmatch(r"[MLHVlaAvz\d\s.,e-]*", path.get("d")), path.get("d")
        for _, (x, y, _, _) in boxes.hits(drawing):
            assert 0 <= x <= width
            assert 0 <= y <= height
        lines = boxes.words(drawing)
        for place, one in enumerate(lines):
            assert not any(one.overlaps(other) for other in lines[place + 1 :]), one


@st.composite
def series(draw):
    made = []
    for key in range(draw(st.integers(1, 8))):
        days = draw(st.lists(st.sampled_from(samples.DAYS), max_size=5, unique=True))
        cells = [
            samples.cell(day, draw(finite), draw(st.integers(1, 90)), sd=3.0)
            for day in days
        ]
        made.append(charts.PopulationSeries(str(key), draw(words), cells))
    return made


@some
@given(series(), st.sampled_from(["lower", "higher"]))
def test_any_changes_are_drawn_clear(made, better_is):
    chart = charts.change_chart(
        made, chart_id="c", measure="Pain", low=-100, high=100, better_is=better_is
    )
    check(chart)


@some
@given(
    st.lists(
        st.tuples(words, st.lists(counts, min_size=21, max_size=21)),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 5),
    st.sampled_from(["lower", "higher"]),
)
def test_any_distribution_is_drawn_clear(groups, meaningful, better_is):
    made = [
        samples.group(str(key), numbers, label, start=-10)
        for key, (label, numbers) in enumerate(groups)
    ]
    check(samples.distribution(made, better_is, meaningful))


@some
@given(st.lists(st.tuples(words, counts, counts, counts, counts), max_size=8))
def test_any_shares_are_drawn_clear(rows):
    check(
        samples.shares(
            [charts.ShareRow(str(key), *row) for key, row in enumerate(rows)]
        )
    )


@some
@given(st.lists(st.tuples(words, st.integers(20, 200), st.floats(0, 1)), max_size=15))
def test_any_funnel_is_drawn_clear(points):
    check(
        samples.funnel(
            [charts.FunnelPoint(str(key), *point) for key, point in enumerate(points)]
        )
    )


@some
@given(
    st.lists(
        st.tuples(words, st.none() | finite, counts, st.none() | finite, counts),
        max_size=8,
    )
)
def test_any_dumbbells_are_drawn_clear(rows):
    check(
        samples.dumbbell(
            [charts.DumbbellRow(str(key), *row) for key, row in enumerate(rows)]
        )
    )


@some
@given(st.lists(st.tuples(words, st.none() | finite, st.floats(0, 50)), max_size=6))
def test_any_estimates_are_drawn_clear(rows):
    check(
        samples.estimates(
            [
                charts.Estimate(
                    str(key),
                    label,
                    value,
                    None if value is None else (value - half, value + half),
                )
                for key, (label, value, half) in enumerate(rows)
            ]
        )
    )


days = st.integers(-60, 800)


@st.composite
def events(draw):
    day = draw(days)
    until = draw(st.none() | st.integers(day, 900))
    return charts.CourseEvent(day, draw(words), until=until)


@some
@given(
    st.lists(st.tuples(days, st.floats(0, 10)), max_size=8),
    st.lists(events(), max_size=8),
    st.tuples(*[st.none() | st.integers(0, 10)] * 3),
    words,
)
def test_any_course_is_drawn_clear(pairs, acts, levels, title):
    threshold, goal, acceptable = levels
    one = charts.CourseSeries(
        "pain",
        title,
        samples.answers(*pairs),
        0,
        10,
        threshold=threshold,
        goal=goal,
        acceptable=acceptable,
        expected=samples.EXPECTED,
    )
    chart = charts.course_chart([one, one], acts, chart_id="k", title="Course")
    check(chart)
    for view in chart.views:
        # Eight in a month leave no room for eight names; each says its own aloud.
        assert any(placed.label.text for placed in view.events) or not view.events
        assert all(placed.label.spoken for placed in view.events)


def test_three_in_two_months_by_the_edge_of_a_phone_all_have_names():
    acts = [charts.CourseEvent(day, "a") for day in (521, 554)]
    acts.append(charts.CourseEvent(587, "aa"))
    one = charts.CourseSeries(
        "pain", "Pain", samples.answers(), 0, 10, expected=samples.EXPECTED
    )
    chart = charts.course_chart([one, one], acts, chart_id="k", title="Course")
    for view in chart.views:
        assert [placed.label.text for placed in view.events] == ["a", "a", "aa"]
