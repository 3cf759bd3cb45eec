"""Redis dies and forgets everything; nobody restarts a worker, a beat or the web."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.faults import broker_loss, stage

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_broker_that_dies_and_forgets_loses_no_message_and_no_page():
    outcome = broker_loss.run(due=8, kills=0, down=2, pace=0.1, tick=1)
    assert outcome.holds, str(outcome)
    assert outcome.surveys > 0


def test_a_tick_never_sees_a_part_of_what_becomes_due():
    clinic = factories.make_clinic()
    with CaptureQueriesContext(connection) as asked:
        stage.make_due(clinic, 2)
    assert [query["sql"] for query in asked].count("COMMIT") == 1
