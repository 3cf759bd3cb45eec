"""Drafts, versions and moving plans over the API: the same verbs as the pages."""

import pytest

from plans.models import Plan, Protocol
from tests import factories
from tests.api_client import with_token
from tests.plans.protocols.drafting import content

PROTOCOLS, DRAFTS = "/api/v1/protocols/", "/api/v1/protocol-drafts/"


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def prp(clinic):
    return Protocol.objects.get(clinic=clinic, key="prp")


def test_a_new_protocol_is_drafted_put_right_and_published(api):
    draft = api.post(DRAFTS, {"title": "Sample"}).json()
    assert "steps: at least one step is needed." in draft["problems"]
    address = f"{DRAFTS}{draft['id']}/"
    body = {"content": content(), "revision": draft["revision"]}
    saved = api.post(f"{address}save/", body).json()
    assert (saved["problems"], saved["warnings"], saved["revision"]) == ([], [], 2)
    assert list(api.post(f"{address}save/", body).json()) == ["revision"]
    reply = api.post(f"{address}publish/", {"change_note": "First"})
    assert reply.status_code == 201
    made = api.get(f"{PROTOCOLS}{reply.json()['id']}/").json()
    assert (made["version"], made["goals"][0]["target"]) == (1, 3)
    assert [rung["channel"] for rung in made["rungs"]] == ["preferred", "sms", "rescue"]
    assert made["timepoints"][0]["measures"] == ["pain_site"]
    assert api.get(address).status_code == 404


def test_a_faulty_draft_is_refused_with_every_fault(api):
    draft = api.post(DRAFTS, {"title": "Sample"}).json()
    reply = api.post(f"{DRAFTS}{draft['id']}/publish/", {"change_note": "First"})
    assert reply.status_code == 400
    assert len(str(reply.json()).split("needed")) > 2


@pytest.mark.parametrize("made", [[], {"colour": 1}, {"steps": None}, "text", 7])
def test_what_no_draft_can_keep_is_400(api, prp, made):
    draft = api.post(DRAFTS, {"protocol": prp.pk}).json()
    body = {"content": made, "revision": 1}
    reply = api.post(f"{DRAFTS}{draft['id']}/save/", body)
    assert (reply.status_code, list(reply.json())) == (400, ["content"])


def test_a_draft_cannot_be_started_as_a_plan(api, prp, complaint):
    draft = api.post(DRAFTS, {"protocol": prp.pk}).json()
    body = {"complaint": complaint.pk, "protocol": draft["id"]}
    body["started_on"] = factories.days_ago(complaint.clinic, 0)
    reply = api.post("/api/v1/plans/", body)
    assert (reply.status_code, list(reply.json())) == (400, ["protocol"])


def test_versions_are_compared_and_plans_moved(api, prp, complaint, physician):
    plan = factories.make_plan(complaint)
    new = factories.make_version(prp, by=physician, title="Renamed")
    found = api.get(f"{PROTOCOLS}{prp.pk}/compare/", {"to": new.pk}).json()
    assert {one["field"] for one in found} == {"title", "summary"}
    moves = api.get(f"{PROTOCOLS}{new.pk}/plans-to-move/").json()
    assert [(one["plan"], one["version"]) for one in moves] == [(str(plan.pk), 3)]
    address = f"{PROTOCOLS}{new.pk}/move-plans/"
    assert api.post(address, {"plans": [plan.pk] * 2}).status_code == 400
    assert api.post(address, {"plans": [plan.pk]}).json() == {"moved": 1}
    assert Plan.objects.get().protocol == new
    assert list(api.post(address, {"plans": [plan.pk]}).json()) == ["plans"]


@pytest.mark.parametrize("to", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_comparing_with_nothing_is_400(api, prp, to):
    reply = api.get(f"{PROTOCOLS}{prp.pk}/compare/", {"to": to})
    assert (reply.status_code, list(reply.json())) == (400, ["to"])


def test_a_retired_protocol_is_told_apart(api, prp):
    assert api.post(f"{PROTOCOLS}{prp.pk}/retire/").json()["retired_at"]
    found = api.get(PROTOCOLS, {"is_retired": "true"}).json()["results"]
    assert [row["key"] for row in found] == ["prp"]
    assert api.post(f"{PROTOCOLS}{prp.pk}/retire/").status_code == 400
