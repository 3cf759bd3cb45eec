import pytest

from outcomes.dashboards import charts
from tests.outcomes.charts import samples
from tests.outcomes.charts.drawing import drawings, texts

# FUNNEL2005, exact binomial about 0.5 of 20, 50 and 100 people.
KNOWN = [
    charts.FunnelLimit(20, (6 / 20, 14 / 20), (3 / 20, 17 / 20)),
    charts.FunnelLimit(50, (18 / 50, 32 / 50), (14 / 50, 36 / 50)),
    charts.FunnelLimit(100, (40 / 100, 60 / 100), (35 / 100, 65 / 100)),
]


def funnel(*points):
    return charts.funnel_chart(
        points, KNOWN, centre=0.5, chart_id="f", title="Improved"
    )


@pytest.mark.parametrize(
    ("n", "improved", "verdict"),
    [
        (20, 6, "within what chance alone gives"),
        (20, 5, "below the 95 % limits"),
        (20, 3, "below the 95 % limits"),
        (20, 2, "below the 99.8 % limits"),
        (50, 32, "within what chance alone gives"),
        (50, 33, "above the 95 % limits"),
        (100, 66, "above the 99.8 % limits"),
    ],
)
def test_a_count_on_the_limit_is_still_chance(n, improved, verdict):
    row = funnel(charts.FunnelPoint("a", "Dr A", n, improved / n)).rows[0]
    assert row.verdict == verdict


def test_only_those_outside_and_the_own_point_are_named():
    chart = samples.funnel(samples.POINTS["three"])
    for view in chart.views:
        named = [one.row.point.key for one in view.points if one.label]
        assert sorted(named) == ["a", "b", "c", "d"]


def test_the_table_is_in_the_order_of_names():
    chart = funnel(
        charts.FunnelPoint("1", "zeta", 20, 0.9),
        charts.FunnelPoint("2", "Alpha", 50, 0.1),
        charts.FunnelPoint("3", "beta", 100, 0.5),
    )
    assert [row.heading for row in chart.table.rows] == ["Alpha", "beta", "zeta"]
    assert "not a ranking" in chart.notes


def test_points_differ_by_mark_where_they_lie_outside():
    chart = samples.funnel(samples.POINTS["three"])
    corners = {
        one.row.place: one.mark.count("l") + one.mark.count("a")
        for one in chart.views[0].points
    }
    assert set(corners) == {"inside", "outside", "far"}
    drawn = drawings(chart)[0]
    assert {
        one.get("data-mark") for one in drawn.iter("g") if one.get("data-mark")
    } == (set("abcde"))


def test_a_point_without_limits_is_refused():
    with pytest.raises(ValueError, match="Dr A has n = 21, which has no limits"):
        funnel(charts.FunnelPoint("a", "Dr A", 21, 0.5))


def test_limits_hold_half_way_to_the_next():
    view = funnel(charts.FunnelPoint("a", "Dr A", 100, 0.5)).views[0]
    outer = view.regions[0]
    assert outer.startswith("M") and outer.endswith("z")
    assert outer.count("L") == 4 * len(KNOWN) - 1


def test_where_all_is_hidden_that_is_said():
    chart = funnel(charts.FunnelPoint("a", "Dr A", None, None))
    assert "<svg" not in charts.render(chart)
    assert "All are hidden, so that fewer than 10" in charts.render(chart)
    assert [cell.text for cell in chart.table.rows[0].cells][:2] == ["*", "*"]


def test_what_lies_outside_is_described():
    chart = funnel(charts.FunnelPoint("a", "Dr A", 20, 0.1))
    assert chart.description == (
        "1 point, one for each provider; all together 50 %. "
        "Dr A: 10.0 % of 20, below the 99.8 % limits."
    )
    assert "50 %" in " ".join(texts(drawings(chart)[0]))
