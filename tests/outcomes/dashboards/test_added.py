"""Who had more treatment: before the answer, or before the day of asking."""

from datetime import timedelta

import pytest

from outcomes.dashboards import facts
from outcomes.dashboards.figures import population
from outcomes.models import Episode
from plans.models import TreatmentElsewhere
from tests.outcomes import rows


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def make_course(clinic, measure, *, treated_again: bool, **values):
    episode = rows.make_episode(clinic)
    rows.answer(episode, measure, baseline=6, **values)
    if treated_again:
        TreatmentElsewhere.objects.create(
            clinic_id=clinic.pk,
            patient_id=episode.patient_id,
            complaint=episode.complaint,
            what="Steroid injection",
            began_on=rows.ANCHOR + timedelta(days=30),
        )


@pytest.fixture
def at_three_months(clinic, physician, measure):
    """Of three each: who answered, and who did not; one of each was treated again."""
    for again in (True, False, False):
        make_course(clinic, measure, treated_again=again, m3=2)
        make_course(clinic, measure, treated_again=again)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))

    def read(**asked):
        asked = {"measure": measure.key, "by": "all", "day": "90", **asked}
        (group,) = population.read(physician, asked).groups
        return group.at(90).result

    return read


def test_only_who_answered_is_counted_as_treated_again(at_three_months):
    result = at_three_months()
    assert (result.eligible, result.answered, result.added) == (6, 3, 1)


def test_left_out_are_also_those_who_did_not_answer(at_three_months):
    result = at_three_months(added="without")
    assert (result.eligible, result.answered, result.added) == (4, 2, 0)
