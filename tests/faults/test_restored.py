"""A backup is started while what it holds as waiting has gone since."""

import pytest

from tests.faults import restores

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_went_after_the_backup_does_not_go_again():
    outcome = restores.run(due_now=8, gone=4)
    assert outcome.holds, str(outcome)
    assert outcome.gone >= 4
