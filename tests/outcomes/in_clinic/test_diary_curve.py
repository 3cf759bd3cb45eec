import pytest

from outcomes.in_clinic import diary_chart, diary_curve
from outcomes.in_clinic.diary_curve import Tap


def taps(*pairs: tuple[int, int]) -> list[Tap]:
    return [Tap(minutes, value) for minutes, value in pairs]


@pytest.mark.parametrize(
    ("before", "given", "lowest", "held"),
    [
        (8, [], None, None),
        (8, [(20, 3), (60, 1), (240, 4), (300, 7)], 1, 240),
        # Exactly half counts; the longest run does.
        (8, [(10, 4), (30, 6), (60, 2), (120, 3), (180, 8)], 2, 60),
        (8, [(15, 7), (400, 6)], 6, None),
        (0, [(15, 0)], 0, None),
        (None, [(15, 2)], 2, None),
    ],
)
def test_what_taps_come_to(before, given, lowest, held):
    found = diary_curve.summary(before, taps(*given))
    assert (found.lowest, found.held_minutes) == (lowest, held)


def test_the_words_say_how_much_and_how_long():
    found = diary_curve.summary(8, taps((20, 3), (60, 1), (240, 4), (300, 7)))
    assert found.words == (
        "Pain 8 before; pain 1 at its least, after 1 h: 88 % less. Half or more was "
        "gone for 4 h."
    )
    assert "at least 40 min" in diary_curve.summary(8, taps((40, 1))).words
    assert "% more" in diary_curve.summary(4, taps((40, 6))).words


@pytest.mark.parametrize(
    ("given", "minutes"),
    [
        ([], None),
        ([(5, 1)], None),
        ([(16, 1), (35, 2), (58, 3)], 35),
        ([(61, 1)], None),
    ],
)
def test_the_pain_after_is_the_tap_nearest_to_half_an_hour(given, minutes):
    found = diary_curve.after(taps(*given))
    assert (found.minutes if found else None) == minutes


def test_more_relief_lies_higher_and_worse_at_the_foot():
    chart = diary_chart.drawn("c", 8, taps((30, 0), (60, 4), (90, 9)))
    view = chart.views[0]
    heights = [float(each.path.split()[1].split("a")[0]) for each in view.marks]
    assert heights[0] < heights[1] < heights[2] == view.levels[0].at
    assert [line.percent for line in chart.lines] == [100, 50, -12]


def test_without_the_pain_before_pain_itself_is_drawn():
    chart = diary_chart.drawn("c", None, taps((30, 0), (60, 10)))
    view = chart.views[1]
    assert chart.title == "Pain, 0 to 10" and not view.cut_offs
    heights = [float(each.path.split()[1].split("a")[0]) for each in view.marks]
    assert heights[0] < heights[1]
