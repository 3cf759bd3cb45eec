import re

import pytest
from django.utils import translation

from outcomes.dashboards import charts
from outcomes.dashboards.charts.course import event_labels
from outcomes.dashboards.charts.over_time import series as population
from tests.outcomes.charts.drawing import (
    FULL_COURSE,
    FULL_POPULATION,
    drawings,
    make_course,
    marked,
    parsed,
)

PHONE = 375 - 2 * 32


BOTH = pytest.mark.parametrize("chart", [FULL_COURSE, FULL_POPULATION])


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
