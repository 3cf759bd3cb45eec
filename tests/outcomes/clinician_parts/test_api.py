import pytest

from outcomes.models import Response
from tests import factories
from tests.api_client import with_token
from tests.outcomes.clinician_parts.conftest import answer


@pytest.fixture
def api(assistant):
    return with_token(assistant)


def address_of(row):
    return f"/api/v1/follow-ups/{row.pk}/examination/"


def body(row, **fields):
    day = factories.days_ago(row.clinic, 0).isoformat()
    return {"examined_on": day, "values": {"sessions_attended": 7}, **fields}


def test_the_sheet_says_what_is_known_lacking_and_asked(api, recheck):
    factories.make_evaluation(recheck.episode.complaint, ankle_jerk__left="2")
    found = api.get(address_of(recheck)).json()
    assert [known["part"] for known in found["known"]] == ["exam_neuro"]
    assert found["lacking"] == ["red_flag_screen"]
    assert [part["part"] for part in found["asked"]] == ["pain_site"]
    assert (found["who"], found["refusal"]) == ("clinician", "")


def test_the_second_of_two_parts_completes_it(api, both):
    answer(both)
    done = api.post(address_of(both), body(both))
    assert done.status_code == 201
    assert (done.json()["state"], done.json()["who"]) == ("completed", "both")
    shown = api.get(f"/api/v1/follow-ups/{both.pk}/").json()
    assert shown["examined_at"] == shown["completed_at"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"values": {"sessions_attended": 201}}, "values"),
        ({"values": {"sessions_attended": 1.5}}, "values"),
        ({"values": {}}, "values"),
        ({"values": {"sessions_attended": 7, "smoking": 1}}, "values"),
        ({"examined_on": "2099-01-01"}, "examined_on"),
        ({"examined_by": "me"}, "examined_by"),
    ],
)
def test_a_fault_is_named_and_nothing_is_kept(api, both, fields, fault):
    refused = api.post(address_of(both), body(both, **fields))
    assert (refused.status_code, list(refused.json())) == (400, [fault])
    assert not Response.objects.filter(follow_up=both, provenance="clinic").exists()


def test_a_second_recording_needs_its_reason(api, both):
    api.post(address_of(both), body(both))
    assert list(api.post(address_of(both), body(both)).json()) == ["reason"]
    assert api.post(address_of(both), body(both, reason="typo")).status_code == 201


def test_the_front_desk_records_nothing(clerk, both):
    assert with_token(clerk).post(address_of(both), body(both)).status_code == 403
