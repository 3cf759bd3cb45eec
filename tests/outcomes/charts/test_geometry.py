import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text


def test_eight_series_differ_without_colour():
    looks = {(style.shape, style.dash) for style in geometry.STYLES}
    assert len(looks) == 8


@given(
    st.lists(st.floats(0, 300), min_size=1, max_size=8),
    st.floats(1, 30),
)
def test_spread_labels_keep_their_order_and_do_not_overlap(wanted, height):
    found = geometry.spread(wanted, [height] * len(wanted), 0, 300)
    ordered = [y for _, y in sorted(zip(wanted, found, strict=True))]
    gaps = [b - a for a, b in itertools.pairwise(ordered)]
    assert min(gaps, default=height) >= height - 0.2
    assert min(found) >= height / 2 - 0.1
    assert max(found) <= 300 - height / 2 + 0.1


def test_label_with_room_stays_where_it_is_wanted():
    assert geometry.spread([200, 20], [20, 20], 0, 300) == (200, 20)


@pytest.mark.parametrize(
    ("value", "text"),
    [(2, "2"), (2.0, "2"), (Decimal("4.50"), "4.5"), (-0.001, "0"), (-2.447, "−2.45")],
)
def test_numbers_say_no_more_than_they_know(value, text):
    assert chart_text.number(value) == text


@pytest.mark.parametrize(
    ("day", "short", "words"),
    [
        (0, "start", "start"),
        (1, "1 d", "1 day"),
        (7, "1 wk", "1 week"),
        (42, "6 wk", "6 weeks"),
        (90, "3 mo", "3 months"),
        (365, "12 mo", "12 months"),
        (730, "2 y", "2 years"),
        (1825, "5 y", "5 years"),
        (-182, "−6 mo", "6 months before start"),
    ],
)
def test_days_read_as_clinicians_say_them(day, short, words):
    assert (chart_text.day_tick(day), chart_text.day_words(day)) == (short, words)
