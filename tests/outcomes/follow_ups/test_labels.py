from datetime import date, timedelta

import pytest

from outcomes.follow_ups import labels
from outcomes.follow_ups.labels import Label


@pytest.mark.parametrize(
    ("state", "day", "word"),
    [
        ("planned", -10, Label.UPCOMING),
        ("planned", -5, Label.EARLY),
        ("open", -5, Label.DUE),
        ("planned", 0, Label.DUE),
        ("open", 6, Label.DUE),
        ("open", 7, Label.OVERDUE),
        ("started", 12, Label.OVERDUE),
        ("open", 13, Label.CLOSING_SOON),
        ("open", 15, Label.CLOSING_SOON),
        ("planned", 16, Label.MISSED),
        ("open", 16, Label.OVERDUE),
        ("expired", 0, Label.MISSED),
        ("completed", 0, Label.ANSWERED),
        ("unreachable", 0, Label.UNREACHABLE),
    ],
)
def test_label(state, day, word):
    due = date(2026, 6, 1)
    found = labels.of(
        state,
        opens_on=due - timedelta(days=9),
        due_on=due,
        closes_on=due + timedelta(days=15),
        today=due + timedelta(days=day),
    )
    assert found == word


def test_a_planned_row_may_wait_for_the_procedure():
    found = labels.of(
        "planned",
        opens_on=date(2026, 1, 1),
        due_on=date(2026, 1, 5),
        closes_on=date(2026, 1, 9),
        today=date(2026, 1, 6),
        waits_for_procedure=True,
    )
    assert found == Label.WAITING
