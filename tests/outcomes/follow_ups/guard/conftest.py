from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache

from clinic import clock
from clinic.models import Clinic, uuid7
from outcomes.models import FollowUp
from tests import factories

State = FollowUp.State
Make = Callable[..., list[FollowUp]]


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """What an earlier test counted is another clinic's."""
    cache.clear()
    yield


@pytest.fixture
def due_rows(clinic: Clinic) -> Make:
    """So many patients with one planned follow-up each, copies of a real one."""

    def make(
        number: int, at: datetime | None = None, **fields: object
    ) -> list[FollowUp]:
        patient = factories.make_patient(clinic, **fields)
        plan = factories.make_plan(factories.make_complaint(patient))
        factories.make_performed(plan, days=0)
        episode = plan.episodes.get()
        rows = episode.follow_ups
        pattern = rows.filter(is_safety=False, is_baseline=False).earliest("due_on")
        FollowUp.objects.filter(clinic=clinic, episode=episode).update(
            next_action_at=clock.now() + timedelta(days=300)
        )
        return [_copy(pattern, at or clock.now()) for _ in range(number)]

    return make


def _copy(pattern: FollowUp, at: datetime) -> FollowUp:
    patient = factories.make_patient(pattern.clinic)
    today = clock.today(pattern.clinic.zone)
    pattern.pk, pattern.id = None, uuid7()
    pattern._state.adding = True
    pattern.patient = patient
    pattern.timepoint_key = f"t-{patient.mrn or patient.pk.hex[-12:]}"
    pattern.state, pattern.request, pattern.next_action_at = State.PLANNED, None, at
    pattern.opens_on, pattern.due_on = today, today
    pattern.closes_on = today + timedelta(days=14)
    pattern.save()
    return FollowUp.objects.get(pk=pattern.id)
