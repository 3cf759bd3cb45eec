import pytest

from tests.faults import load

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_go_once_and_all_answers_stay_while_much_is_due():
    """A few seconds at half the rate of 50,000 in an hour; whether pages are quick
    enough is for the long form to say.
    """
    outcome = load.run(due=40, minutes=0.1, clinics=2, one_of=4, tick=1)
    assert outcome.is_kept, str(outcome)
    assert outcome.verdict.messages == 40
    assert outcome.surveys > 0
