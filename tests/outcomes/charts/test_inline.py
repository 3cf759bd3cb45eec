from decimal import Decimal

import pytest

from outcomes.dashboards import charts, statistics
from tests.outcomes.charts.drawing import parsed


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
