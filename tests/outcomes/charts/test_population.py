import itertools
import re

import pytest

from outcomes.dashboards import charts
from tests.outcomes.charts import samples
from tests.outcomes.charts.drawing import (
    FULL_POPULATION,
    drawings,
    make_cell,
    make_population,
    marked,
    texts,
)


def test_population_title_and_notes_say_what_is_drawn():
    assert FULL_POPULATION.title == "pain: mean, 0–10"
    assert FULL_POPULATION.notes == (
        "lower is better",
        "lines are means, bands 95 % intervals",
        "hollow: fewer than 10 people",
        "intervals that reach past the plot end at its edge",
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


def test_changes_carry_their_sign_and_their_word():
    chart = samples.change(samples.SERIES["three"])
    assert chart.rows[0].spoken == (
        "Group a, 2 weeks: mean change −0.50, 95 % interval −1.14 to +0.14, 40 people"
    )
    assert chart.table.columns[3].label == "Mean change"
    assert [row.mean_text for row in chart.rows[-2:]] == ["+0.60", "+1.10"]


def test_no_change_is_said_in_words_and_stands_at_nought():
    chart = samples.change(samples.SERIES["three"])
    for view in chart.views:
        assert " ".join(line.label for line in view.zero.words) == "no change"
        assert "0" not in [tick.label for tick in view.values]
        assert view.top < view.zero.y < view.bottom


@pytest.mark.parametrize(
    ("better_is", "sides"),
    [("lower", ["↑ worse", "↓ better"]), ("higher", ["↑ better", "↓ worse"])],
)
def test_the_axis_says_which_way_is_better(better_is, sides):
    for view in samples.change(samples.SERIES["one"], better_is).views:
        assert [side.label for side in view.zero.sides] == sides


def test_changes_start_together_at_nought():
    for view in samples.change(samples.SERIES["three"]).views:
        starts = {one.line.split(" L")[0] for one in view.series}
        assert len(starts) == 1
        assert starts.pop().endswith(f" {view.zero.y:g}")


def test_a_point_on_day_0_is_not_drawn_twice():
    series = charts.PopulationSeries(
        "a", "A", [samples.cell(0, 0.0), samples.cell(90, -2.0)]
    )
    for view in samples.change([series]).views:
        assert view.series[0].line.count("L") == 1


def test_there_is_room_on_both_sides_of_no_change():
    for name in ("equal", "one", "eight"):
        for view in samples.change(samples.SERIES[name]).views:
            assert view.zero.y - view.top > 20


def test_the_interval_of_few_sets_no_axis_and_is_told_to_be_cut():
    wide = charts.PopulationPoint(365, 2, 2.0, ci=(-23.0, 27.0), is_few=True)
    chart = make_population([make_cell(0, 6), wide])
    view = chart.views[0]
    assert [tick.label for tick in view.values][-1] == "8"
    [whisker] = view.series[0].whiskers[-1:]
    assert (whisker.is_cut_above, whisker.is_cut_below) == (True, True)
    assert (whisker.top, whisker.bottom) == (view.top, view.bottom)
    assert chart.notes[-1] == "intervals that reach past the plot end at its edge"
    narrow = make_population([make_cell(0, 6), make_cell(90, 4)])
    assert not any("edge" in note for note in narrow.notes)
