import pytest

from outcomes.models import ContactAttempt, Episode, StaffTask
from tests.api_client import with_token

FOLLOW_UPS, TASKS = "/api/v1/follow-ups/", "/api/v1/staff-tasks/"
WORKLIST = "/api/v1/worklist/"


@pytest.fixture
def api(colleague):
    return with_token(colleague)


@pytest.mark.parametrize(
    ("part", "count"),
    [("due", 1), ("calls", 1), ("nobodys", 1), ("mine", 0), ("all", 13)],
)
def test_the_worklist_has_the_same_parts_as_the_page(api, follow_up, task, part, count):
    found = api.get(WORKLIST, {"show": part}).json()
    assert found["count"] == count


def test_a_part_that_does_not_exist_is_refused(api, follow_up):
    assert api.get(f"{WORKLIST}?show=x").status_code == 400


def test_a_call_is_logged_once(api, follow_up, task):
    address = f"{FOLLOW_UPS}{follow_up.pk}/call/"
    made = api.post(address, {"outcome": "no_answer"})
    assert made.status_code == 201
    again = api.post(address, {"outcome": "no_answer"})
    assert (again.status_code, "Ana Ruiz logged" in again.json()["detail"]) == (
        400,
        True,
    )
    told = {"outcome": "no_answer", "last_call": made.json()["id"]}
    assert api.post(address, told).status_code == 201
    assert ContactAttempt.objects.count() == 2


def test_a_refusal_ends_the_asking(api, follow_up, task):
    reply = api.post(f"{FOLLOW_UPS}{follow_up.pk}/refuse/", {"stop": "plan"})
    assert reply.status_code == 201
    assert Episode.objects.get().status == "ended"


def test_a_task_is_taken_and_listed(api, follow_up, task, colleague):
    address = f"{FOLLOW_UPS}{follow_up.pk}/assign/"
    reply = api.post(address, {"to": str(colleague.pk)})
    assert [one["id"] for one in reply.json()] == [str(task.pk)]
    found = api.get(TASKS, {"assigned_to": str(colleague.pk)}).json()
    assert found["count"] == 1
    assert api.get(TASKS, {"is_assigned": "false"}).json()["count"] == 0


def test_nobody_from_elsewhere_is_given_a_task(api, follow_up, task, outsider):
    address = f"{FOLLOW_UPS}{follow_up.pk}/assign/"
    reply = api.post(address, {"to": str(outsider.pk)})
    assert reply.json() == {"to": ["There is no such person here."]}
    assert StaffTask.objects.get().assigned_to is None
