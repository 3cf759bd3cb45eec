"""Redis dies and forgets everything; nobody restarts a worker, a beat or the web."""

import pytest

from tests.faults import broker_loss

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_broker_that_dies_and_forgets_loses_no_message_and_no_page():
    outcome = broker_loss.run(due=8, kills=0, down=2, pace=0.1, tick=1)
    assert outcome.holds, str(outcome)
    assert outcome.surveys > 0
