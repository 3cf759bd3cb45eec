"""The web server killed while patients submit: what was thanked for is stored whole."""

import os

import pytest

from tests.faults import web_kills

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = int(os.environ.get("FAULT_WEB_KILLS", "10"))


def test_every_answer_that_was_thanked_for_is_stored_whole_and_once():
    outcome = web_kills.run(KILLS)
    assert outcome.holds, str(outcome)
    assert outcome.kills == KILLS
    # A patient who never saw the thank-you sends again; that must have happened.
    assert outcome.lost_answers > 0
