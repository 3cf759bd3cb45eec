import pytest

from outcomes.follow_ups.guard import pauses

PAUSES = "/api/v1/sending-pauses/"


def post(client, address: str, body: dict):
    return client.post(address, body, content_type="application/json")


def test_a_pause_and_its_release(signed_in, clinic, admin):
    begun = post(signed_in, PAUSES, {"reason": "The phones are down"})
    assert begun.status_code == 201
    assert begun.json()["cause"] == "staff"
    ended = post(signed_in, f"{PAUSES}release/", {"spread_minutes": 60})
    assert ended.status_code == 200
    assert ended.json()["id"] == begun.json()["id"]
    assert ended.json()["spread_minutes"] == 60
    assert signed_in.get(PAUSES).json()["count"] == 1


def test_the_usual_spread_need_not_be_said(signed_in, clinic, admin):
    pauses.pause(clinic, reason="The phones are down", by=admin)
    assert post(signed_in, f"{PAUSES}release/", {}).json()["spread_minutes"] == 120


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        (PAUSES, {}, "reason"),
        (PAUSES, {"reason": ""}, "reason"),
        (f"{PAUSES}release/", {"spread_minutes": 45}, "spread_minutes"),
    ],
)
def test_what_is_wrong_is_named(signed_in, clinic, admin, address, body, field):
    pauses.pause(clinic, reason="The phones are down", by=admin)
    reply = post(signed_in, address, body)
    assert (reply.status_code, list(reply.json())) == (400, [field])


def test_what_is_not_paused_cannot_be_released(signed_in, clinic):
    reply = post(signed_in, f"{PAUSES}release/", {})
    assert reply.status_code == 400
    assert "not paused" in reply.json()["detail"]
