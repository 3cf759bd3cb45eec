from datetime import UTC, datetime, timedelta

import pytest

from clinic import nightly


@pytest.mark.parametrize(
    ("hours_ago", "local_hour", "is_due"),
    [(2, 3, False), (24, 3, True), (24, 12, False), (37, 12, True), (-40, 12, True)],
)
def test_it_is_due_once_a_night(hours_ago, local_hour, is_due):
    now = datetime(2026, 3, 2, local_hour, 30, tzinfo=UTC)
    last = now - timedelta(hours=hours_ago)
    assert nightly.is_due(last, "UTC", now) is is_due


def test_what_was_never_done_is_due_at_once():
    assert nightly.is_due(None, "UTC", datetime(2026, 3, 2, 12, tzinfo=UTC))


def test_the_night_is_that_of_the_clinic():
    """At 08:30 in Greenwich it is 02:30 in Chicago, in winter."""
    now = datetime(2026, 1, 2, 8, 30, tzinfo=UTC)
    last = now - timedelta(hours=24)
    assert nightly.is_due(last, "America/Chicago", now)
    assert not nightly.is_due(last, "UTC", now)
