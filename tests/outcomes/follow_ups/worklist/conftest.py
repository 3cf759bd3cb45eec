import pytest

from clinic import access, audit
from clinic.models import User
from outcomes.follow_ups.worklist import tasks
from outcomes.models import FollowUp, Message, StaffTask
from patients.record import registration
from tests import factories


@pytest.fixture
def follow_up(invitation: Message) -> FollowUp:
    """Asked today, one month after; its patient has a phone."""
    row = FollowUp.objects.get(timepoint_key="m1")
    # The clinic's parts of other time points; examinations have tests of their own.
    StaffTask.objects.all().delete()
    registration.update(row.patient, by=audit.SYSTEM, phone="+1 312 555 0142")
    return row


@pytest.fixture
def task(follow_up: FollowUp) -> StaffTask:
    """A call that is due today."""
    return tasks.make_call(follow_up, due_on=factories.days_ago(follow_up.clinic, 0))


@pytest.fixture
def colleague(clinic) -> User:
    return factories.make_user(clinic, access.Role.FRONT_DESK, name="Ana Ruiz")
