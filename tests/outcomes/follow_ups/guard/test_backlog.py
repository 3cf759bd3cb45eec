import pytest

from outcomes.follow_ups.guard import backlog


@pytest.mark.parametrize(
    ("due", "foreseen", "is_flood"),
    [
        (0, 0, False),
        (50, 0, False),
        (51, 0, True),
        (51, 17, False),
        (52, 17, True),
        (120, 40, False),
        (612, 40, True),
        (50_000, 50_000, False),
    ],
)
def test_a_flood_is_three_times_what_was_foreseen(due, foreseen, is_flood):
    assert backlog.is_flood(due, foreseen) is is_flood
