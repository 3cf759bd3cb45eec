"""The charts of the report on pain sources: every n drawn, said and told apart."""

import re

import pytest

from outcomes.dashboards import charts

KEYS = [("back", "the low back"), ("limb", "the limb"), ("open", "not known")]
COUNTS = [
    charts.SourceCount("S1 nerve root", "back", 41),
    charts.SourceCount("Plantar fascia", "limb", 12),
    charts.SourceCount("Not named yet", "open", 3),
]
SPANS = [
    charts.SpanRow("To evaluation", 41, 24, (10, 45)),
    charts.SpanRow("To treatment", 3, 100, (80, 120)),
    charts.SpanRow("Nobody yet", 0, None, None),
]


def sources(counts=COUNTS):
    return charts.sources_chart(counts, chart_id="s", title="By source", keys=KEYS)


def spans(rows=SPANS):
    return charts.spans_chart(rows, chart_id="t", title="Times")


def test_both_variants_draw_every_count():
    html = charts.render(sources())
    assert html.count("<svg") == 2
    assert re.findall(r'data-n="(\d+)"', html) == ["41", "12", "3"] * 2
    assert "S1 nerve root: 41 of 56" in html


def test_kinds_differ_by_mark_and_not_by_colour_alone():
    (wide, _) = sources().views
    assert len({one.style.shape for one in wide.counts}) == 3
    assert [one.is_hollow for one in wide.counts] == [False, False, True]
    assert [key.label for key in wide.keys] == [words for _, words in KEYS]


def test_a_longer_line_is_a_larger_n():
    for view in sources().views:
        xs = [one.at[0] for one in view.counts]
        assert xs == sorted(xs, reverse=True)
        assert all(view.layout.left <= x <= view.layout.right for x in xs)
        # Room for the n behind the dot.
        assert max(one.n_x for one in view.counts) + 30 <= view.layout.width


@pytest.mark.parametrize("n", [1, 2, 7, 10_000])
def test_ticks_are_whole_complaints(n):
    for view in sources([charts.SourceCount("Disc", "back", n)]).views:
        labels = [tick.label for tick in view.ticks]
        assert all(label.isdecimal() for label in labels)
        assert len(labels) >= 3


def test_without_complaints_nothing_is_drawn():
    assert sources([]).views == ()
    assert "<svg" not in charts.render(sources([]))


def test_a_long_name_is_cut_to_its_room():
    long = charts.SourceCount("Another peripheral nerve of the lower leg", "limb", 2)
    (wide, compact) = sources([long]).views
    assert wide.counts[0].label.endswith("…")
    assert compact.counts[0].label == long.label


def test_spans_draw_median_and_quartiles_with_their_n():
    html = charts.render(spans())
    assert re.findall(r'data-n="(\d+)" data-median="(\d+)"', html) == (
        [("41", "24"), ("3", "100")] * 2
    )
    assert "median 24 days, quartiles 10 to 45, n = 41" in html
    assert "Nobody yet: no dates yet" in html


def test_a_median_lies_inside_its_box():
    for view in spans().views:
        for one in view.spans:
            x = float(one.mark[1:].split()[0])
            assert one.box is not None
            assert one.box[0] - 10 <= x <= one.box[0] + one.box[2] + 10


def test_few_complaints_are_hollow_and_one_has_no_quartiles():
    (wide, _) = spans([charts.SpanRow("One", 1, 30, None)]).views
    assert wide.spans[0].box is None
    assert wide.spans[0].row.is_few
    assert "<rect" not in charts.render(spans([charts.SpanRow("One", 1, 30, None)]))


def test_all_on_one_day_still_shows():
    (wide, _) = spans([charts.SpanRow("Same day", 12, 0, (0, 0))]).views
    assert wide.spans[0].box is not None
    assert wide.spans[0].box[2] == 2
