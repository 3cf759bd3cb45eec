"""PostgreSQL stopped at once, as by a power failure, while all of us work on it."""

import pytest
from django.db import connection

from tests.faults import database_loss

pytestmark = pytest.mark.django_db(transaction=True)

if connection.vendor == "postgresql":

    def test_a_database_that_is_stopped_at_once_loses_nothing():
        outcome = database_loss.run(due=12, stops=1, clinics=1, workers=1, pace=0.3)
        assert outcome.holds, str(outcome)
