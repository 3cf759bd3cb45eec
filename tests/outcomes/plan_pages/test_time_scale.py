from datetime import date, timedelta

import pytest

from outcomes.plan_pages import packing, time_scale
from outcomes.plan_pages.packing import Extent

START = date(2025, 3, 3)


def day(offset):
    return START + timedelta(days=offset)


def scaled(*offsets):
    days = [day(offset) for offset in offsets]
    return time_scale.scale(START, days, start=0, end=100)


def test_the_first_weeks_have_more_room_than_later_months():
    scale = scaled(0, 400)
    assert (scale(day(0)), scale(day(100)), scale(day(400))) == (0, 50, 100)


def test_what_was_long_before_stands_at_the_edge():
    scale = scaled(-400, -25, 100)
    assert scale.is_before(day(-400))
    assert scale(day(-400)) == scale(day(-25)) == 0


def test_a_plan_without_days_still_has_an_axis():
    assert scaled().high == time_scale.SHORTEST


@pytest.mark.parametrize("offsets", [(0, 10), (-40, 730), (-60, 3650), (-1, 1)])
def test_ticks_keep_their_distance_and_stand_on_round_days(offsets):
    ticks = scaled(*offsets).ticks(20)
    places = [tick.at for tick in ticks]
    assert all(b - a >= 20 for a, b in zip(places, places[1:], strict=False))
    assert "start" in [tick.label for tick in ticks]


def test_a_tick_names_the_year_where_it_is_another():
    words = {tick.label: tick.day for tick in scaled(0, 730).ticks(5)}
    assert (words["6 wk"], words["2 y"]) == ("14 Apr", "Mar 2027")


def rows(extents, most_rows):
    packed = packing.pack(extents, gap=2, edge=100, most_rows=most_rows)
    return [(one.row, one.side) for one in packed]


def test_what_overlaps_goes_into_rows_of_its_own():
    extents = [Extent(0, 50), Extent(10, 20), Extent(22, 30), Extent(60, 70)]
    assert [row for row, _ in rows(extents, 4)] == [0, 1, 1, 0]


def test_labels_get_rows_as_long_as_there_are_few():
    extents = [Extent(0, 10, 30), Extent(20, 30, 30), Extent(95, 99, 30)]
    assert rows(extents, 3) == [(0, "right"), (1, "right"), (0, "left")]


def test_a_label_without_room_on_either_side_is_left_out():
    assert rows([Extent(10, 90, 30)], 3) == [(0, "")]


def test_in_a_crowd_the_first_and_the_last_are_labelled_and_what_has_room():
    crowd = [Extent(place, place + 4, 30) for place in (0, 8, 16, 24)]
    assert rows(crowd, 2) == [(0, "right"), (1, ""), (1, ""), (1, "right")]
    late = [Extent(place, place + 4, 30) for place in (0, 8, 88, 94)]
    assert rows(late, 1) == [(0, "right"), (1, "right"), (0, "left"), (1, "left")]
