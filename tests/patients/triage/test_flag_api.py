import pytest

from patients.models import RedFlag
from tests import factories
from tests.api_client import with_token

pytestmark = pytest.mark.django_db
FLAGS, BASELINES = "/api/v1/red-flags/", "/api/v1/baselines/"


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def drop(complaint):
    factories.make_evaluation(complaint, foot_drop__left="present", RF10="present")
    return RedFlag.objects.get(flag="RF06")


def test_a_flag_reads_as_the_page_does(api, drop):
    one = api.get(f"{FLAGS}{drop.pk}/").json()
    assert one["found"] == "foot drop, left"
    assert one["what_to_do"].startswith("same-day spinal advice")
    assert [event["kind"] for event in one["events"]] == ["raised"]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 2),
        ({"tier": "E1"}, 1),
        ({"state": "closed"}, 0),
        ({"flag": "RF10"}, 1),
    ],
)
def test_flags_are_filtered(api, drop, filters, count):
    assert api.get(FLAGS, filters).json()["count"] == count
    by_patient = filters | {"patient": str(drop.patient_id)}
    assert api.get(FLAGS, by_patient).json()["count"] == count


def test_more_flags_cost_no_more_queries(
    api, clinic, drop, django_assert_max_num_queries
):
    for _ in range(3):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        factories.make_evaluation(complaint, foot_drop__left="present")
    with django_assert_max_num_queries(10):
        assert api.get(FLAGS).json()["count"] == 5


def test_a_flag_is_acknowledged_noted_and_closed(api, drop):
    one = f"{FLAGS}{drop.pk}/"
    assert api.post(f"{one}close/", {"note": "Clear"}).status_code == 400
    assert api.post(f"{one}acknowledge/", {"action": "ER"}).json()["action"] == "ER"
    again = api.post(f"{one}acknowledge/", {"action": "Called"})
    assert again.json() == {
        "detail": "Dr Okafor has acted on this flag already: ER",
    }
    assert api.post(f"{one}notes/", {"note": "MRI at 3"}).status_code == 201
    closed = api.post(f"{one}close/", {"note": "Operated"}).json()
    assert closed["state"] == "closed"
    assert closed["acted_on_after"].startswith("00:00:")
    assert len(closed["events"]) == 4


def test_a_flag_can_neither_be_made_nor_deleted(api, drop):
    assert api.post(FLAGS, {"flag": "RF01"}).status_code == 405
    assert api.delete(f"{FLAGS}{drop.pk}/").status_code == 405


def test_a_baseline_is_dated_and_ended(api, patient):
    body = {
        "patient": str(patient.pk),
        "flag": "RF02",
        "stands_since": "2019-05-01",
        "note": "Stress incontinence since childbirth",
    }
    made = api.post(BASELINES, body).json()
    assert made["ended_on"] is None
    assert api.get(BASELINES, {"is_ended": "false"}).json()["count"] == 1
    assert api.post(f"{BASELINES}{made['id']}/end/").json()["ended_on"]
    assert api.post(f"{BASELINES}{made['id']}/end/").status_code == 400


def test_only_what_can_have_long_been_so_is_a_baseline(api, patient):
    body = {"patient": str(patient.pk), "flag": "RF14", "note": "cold"}
    reply = api.post(BASELINES, body | {"stands_since": "2019-05-01"})
    assert reply.status_code == 400
    assert list(reply.json()) == ["flag"]


def test_running_clocks_are_found_and_stopped(api, drop):
    complaints = "/api/v1/complaints/"
    (one,) = api.get(complaints, {"is_clock_running": "true"}).json()["results"]
    assert (one["deficit_kind"], one["deficit_days"]) == ("foot_drop", 0)
    stop = f"{complaints}{one['id']}/clock/stop/"
    stopped = api.post(stop, {"reason": "Full strength"}).json()
    assert stopped["deficit_days"] is None
    assert api.get(complaints, {"is_clock_running": "true"}).json()["count"] == 0
