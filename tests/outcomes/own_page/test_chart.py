"""The chart of the patient's own page, as numbers."""

from datetime import date, timedelta

from outcomes.own_page import chart

DAY = date(2026, 1, 1)


def drawn(values, treated=(), goal=None):
    points = [
        chart.Point(DAY + timedelta(days=180 * place), value)
        for place, value in enumerate(values)
    ]
    treated_on = [DAY + timedelta(days=each) for each in treated]
    return chart.chart(
        points, low=0, high=10, treated_on=treated_on, goal=goal, language="en"
    )


def test_treatments_close_together_share_one_label():
    labels = [flag.text for flag in drawn([5, 4, 3], treated=[0, 5, 9, 200]).flags]
    assert labels == ["1\N{EN DASH}3", "", "", "4"]


def test_treatments_apart_have_a_label_each():
    assert [flag.text for flag in drawn([5, 3], treated=[0, 100]).flags] == ["1", "2"]


def test_the_words_of_a_goal_stand_away_from_the_answers():
    assert drawn([8, 3], goal=4).goal.is_at_start
    assert not drawn([4, 9], goal=4).goal.is_at_start
