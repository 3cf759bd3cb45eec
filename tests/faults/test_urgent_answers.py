"""An answer that cannot wait is with the provider within a minute."""

import pytest

from tests.faults import urgent_answers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("bell", [True, False])
def test_urgent_answers_are_handed_over_within_a_minute(bell):
    """While patients are written to by a slow mail server; also if no bell rings."""
    outcome = urgent_answers.run(flags=4, due=6, pace=0.5, bell=bell)
    assert outcome.holds, str(outcome)
    assert outcome.twice == 0
