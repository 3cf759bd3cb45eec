"""Dumbbells and estimates: rows on one scale."""

from outcomes.dashboards import charts
from tests.outcomes.charts import samples
from tests.outcomes.charts.drawing import drawings, texts


def test_no_answer_is_a_cross_as_everywhere():
    chart = samples.dumbbell([charts.DumbbellRow("a", "A", 3.0, 20, 7.0, 20)])
    for view in chart.views:
        answered, missing = view.rows[0].ends
        assert (answered.side, missing.side) == ("answered", "missing")
        assert answered.mark.endswith("z")
        assert not missing.mark.endswith("z")
        assert view.rows[0].line


def test_equal_values_stand_one_above_the_other():
    for view in samples.dumbbell(samples.DUMBBELLS["equal"]).views:
        answered, missing = view.rows[0].ends
        assert answered.x == missing.x
        assert missing.y - answered.y > 2 * view.layout.radius
        assert (answered.anchor, missing.anchor) == ("end", "start")


def test_each_mark_says_its_n():
    chart = samples.dumbbell([charts.DumbbellRow("a", "A", 3.0, 8, 7.0, 20)])
    assert [end.spoken for end in chart.views[0].rows[0].ends] == [
        "A, answered: 3.0 (n = 8), fewer than 10 people",
        "A, did not answer: 7.0 (n = 20)",
    ]
    assert chart.views[0].rows[0].ends[0].is_few


def test_n_stands_in_columns_or_under_the_name():
    wide, compact = drawings(samples.dumbbell(samples.DUMBBELLS["three"]))
    assert {"n answered", "n did not"} <= set(texts(wide))
    assert "n = 30 answered, 41 did not" in texts(compact)


def test_a_section_is_named_once():
    found = texts(drawings(samples.dumbbell(samples.DUMBBELLS["three"]))[0])
    assert found.count("By age") == 1
    assert samples.dumbbell(samples.DUMBBELLS["three"]).table.rows[0].heading == (
        "By age: 18 to 39"
    )


def test_an_axis_that_does_not_start_at_nought_says_so():
    rows = [charts.DumbbellRow("a", "A", 6.0, 20, 7.0, 20)]
    assert samples.dumbbell(rows).notes == ("axis starts at 6.0",)
    assert samples.dumbbell(rows, low=0).notes == ()


def test_shares_are_told_as_percentages():
    rows = [charts.DumbbellRow("a", "A", 0.625, 80, 0.5, 40)]
    chart = samples.dumbbell(rows, unit="%", low=0)
    assert [cell.text for cell in chart.table.rows[0].cells] == (
        ["62.5 %", "80", "50.0 %", "40"]
    )


def test_an_estimate_says_its_interval_and_n():
    chart = samples.estimates(samples.ESTIMATES["three"])
    assert chart.rows[1].words == "2.38 (1.9 to 2.9)"
    assert chart.rows[2].spoken == "Best cut-off: 1.5 (1 to 3), n = 9"


def test_a_method_that_could_not_be_used_says_why():
    chart = samples.estimates(samples.ESTIMATES["three"])
    assert "Adjusted: –, asks for 50 answers." in chart.description
    for view in chart.views:
        assert view.rows[3].mark == ""
    assert "asks for 50 answers" in texts(drawings(chart)[1])


def test_the_published_value_runs_through_all_rows():
    chart = samples.estimates(samples.ESTIMATES["three"])
    for view in chart.views:
        assert view.reference == view.rows[0].x
    assert samples.estimates(samples.ESTIMATES["equal"]).views[0].reference is None


def test_the_axis_starts_at_nought():
    chart = samples.estimates([charts.Estimate("a", "A", 4.0, (3.5, 4.5))])
    assert chart.views[0].axis.ticks[0].label == "0"
