from datetime import UTC, date, datetime, time
from types import SimpleNamespace

import pytest

from outcomes.demo.climbing import Climber
from outcomes.demo.surveys import Asked
from outcomes.follow_ups.planning.calendar import SendingHours
from outcomes.models import FollowUp

NOW = datetime(2026, 3, 12, 18, tzinfo=UTC)
DAY = date(2026, 3, 2)


@pytest.mark.parametrize(("phone", "kind"), [("+13125550142", "call"), ("", "reach")])
def test_whom_no_message_reaches_is_a_task_of_staff(phone: str, kind: str) -> None:
    person = SimpleNamespace(phone=phone)
    subject = SimpleNamespace(story=SimpleNamespace(person=person, left_on=None))
    hours = SendingHours("America/Chicago", time(9), time(19))
    row = FollowUp(state=FollowUp.State.UNREACHABLE, due_on=DAY, closes_on=DAY)
    fate = SimpleNamespace(asked_at=None, answered=None)
    each = Asked(row, fate, SimpleNamespace())
    (task,) = Climber(subject, hours, NOW).by_people(each)
    assert (task.kind, task.reason, task.due_on) == (kind, "unreachable", DAY)
