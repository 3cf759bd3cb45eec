import pytest

from outcomes.dashboards import charts
from outcomes.dashboards.charts.groups import steps
from outcomes.dashboards.charts.parts import Part
from tests.outcomes.charts import boxes, samples
from tests.outcomes.charts.drawing import drawings, shapes, texts


@pytest.mark.parametrize(
    ("low", "high", "needed", "part"),
    [
        (-2, -2, 2, Part.IMPROVED),
        (-1, -1, 2, Part.UNCHANGED),
        (0, 0, 2, Part.UNCHANGED),
        (2, 2, 2, Part.WORSENED),
        (-3, -2, 2, Part.IMPROVED),
        (-2, 0, 2, Part.UNCHANGED),
        (-2, 2, 2, Part.UNCHANGED),
        (2, 3, 2, Part.WORSENED),
        (1, 3, 2, Part.UNCHANGED),
        (-9.9, -9.9, 9.9, Part.IMPROVED),
        (-1, -1, None, Part.IMPROVED),
        (1, 1, None, Part.WORSENED),
        (0, 0, None, Part.UNCHANGED),
    ],
)
def test_equality_counts_as_meaningful_and_harms_like_benefits(low, high, needed, part):
    assert steps.part_of(low, high, needed, "lower") == part
    mirrored = {Part.IMPROVED: Part.WORSENED, Part.WORSENED: Part.IMPROVED}
    assert steps.part_of(low, high, needed, "higher") == mirrored.get(part, part)


@pytest.mark.parametrize(
    ("low", "high", "better_is", "words"),
    [
        (-2, -2, "lower", "better by 2"),
        (-2, -2, "higher", "worse by 2"),
        (0, 0, "lower", "no change"),
        (-3, -2, "lower", "better by 2 to under 3"),
        (10, 20, "higher", "better by 10 to under 20"),
        (-5, 10, "lower", "less than 5 better and less than 10 worse"),
        (-5, 10, "higher", "less than 5 worse and less than 10 better"),
    ],
)
def test_a_step_is_said_by_its_direction(low, high, better_is, words):
    assert steps.words_of(low, high, better_is) == words


def test_both_sides_are_counted_in_words_over_their_side():
    group = samples.group("a", [30, 0, 0, 5, 5, 10])
    found = texts(drawings(samples.distribution([group]))[0])
    assert "← improved 35 (70 %)" in found
    assert "worsened 0 (0 %) →" in found
    assert "n = 50 · no meaningful change 15 (30 %)" in found


def test_the_improved_side_follows_the_measure():
    group = samples.group("a", [30, 0, 0, 0, 0, 20])
    found = texts(drawings(samples.distribution([group], "higher"))[0])
    assert "← worsened 30 (60 %)" in found


def test_large_counts_keep_apart_on_a_phone():
    chart = samples.distribution([samples.group("a", [999, 0, 0, 0, 0, 0, 0, 999])])
    compact = drawings(chart)[1]
    left, right = (box for box in boxes.words(compact) if "50 %" in box.text)
    assert left.right < right.left


def test_worsened_bars_differ_by_pattern():
    chart = samples.distribution([samples.group("a", [5] * 11)])
    for drawing in drawings(chart):
        fills = {
            point.get("data-part"): shapes(point, "rect")[0].get("fill")
            for point in drawing.iter("g")
            if point.get("data-part")
        }
        pattern = drawing.find("defs/pattern").get("id")
        assert fills["worsened"] == f"url(#{pattern})"
        assert len(set(fills.values())) == 3


def test_the_meaningful_change_stands_between_both_values():
    chart = samples.distribution([samples.group("a", [5] * 11)])
    for view in chart.views:
        panel = view.panels[0]
        by_low = {bar.row.low: bar for bar in panel.bars}
        left, right = panel.lines
        assert by_low[-2].x + by_low[-2].width < left < by_low[-1].x
        assert by_low[1].x + by_low[1].width < right < by_low[2].x


def test_groups_share_one_scale():
    chart = samples.distribution(samples.GROUPS["three"][:2])
    for view in chart.views:
        first, second = view.panels
        assert first.levels[-1].label == second.levels[-1].label
        assert first.right - first.left == second.right - second.left


def test_under_ten_people_are_marks_and_no_rate():
    chart = samples.distribution([samples.group("a", [1, 0, 0, 4, 0, 0, 0, 0, 2])])
    found = texts(drawings(chart)[0])
    assert "n = 7, too few for a rate · no meaningful change 0" in found
    assert not any("%" in text for text in found)
    assert [len(bar.marks) for bar in chart.views[0].panels[0].bars] == [1, 4, 2]
    assert chart.rows[0].share_text == "–"


def test_one_hidden_count_hides_its_group():
    group = charts.DistributionGroup("a", "A", [(-2, -2, 40), (0, 0, None)])
    chart = samples.distribution([group])
    assert [row.n for row in chart.rows] == [None, None]
    assert chart.views[0].panels[0].bars == ()
    assert chart.description == (
        "A: hidden, so that fewer than 10 people cannot be told apart."
    )
    assert "40" not in charts.render(chart).replace("840", "").replace("340", "")


@pytest.mark.parametrize("step", [(1, 0, 5), (0, 0, -1)])
def test_a_step_that_cannot_be_is_refused(step):
    with pytest.raises(ValueError, match="A: a step of"):
        samples.distribution([charts.DistributionGroup("a", "A", [step])])
