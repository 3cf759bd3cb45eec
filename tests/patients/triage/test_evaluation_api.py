"""Evaluations over the API: filled cell by cell, refused cell by cell, signed."""

import pytest

from patients.catalogue import findings
from patients.models import Evaluation, Finding, RedFlag
from patients.triage import cells, flags, ledger
from tests import factories
from tests.api_client import with_token

pytestmark = pytest.mark.django_db
EVALUATIONS, COMPLAINTS = "/api/v1/evaluations/", "/api/v1/complaints/"
JERK = {"ankle_jerk.left": {"value": "1"}}


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def draft(complaint):
    return factories.make_evaluation(complaint, knee_jerk__left="2")


def record(api, draft, entries, **more):
    body = {"findings": entries, **more}
    return api.post(f"{EVALUATIONS}{draft.pk}/record/", body)


def test_a_program_starts_fills_and_signs(api, complaint):
    made = api.post(EVALUATIONS, {"complaint": str(complaint.pk)})
    assert made.status_code == 201
    address = f"{EVALUATIONS}{made.json()['id']}/"
    entries = {
        **JERK,
        "weakness.left": {"value": "present", "since_on": "2020-11-01"},
        "slump.left": None,
    }
    saved = api.post(f"{address}record/", {"seen": 0, "findings": entries}).json()
    assert saved["changed"] == ["ankle_jerk.left", "weakness.left"]
    assert saved["revision"] == 1
    assert [flag["flag"] for flag in saved["raised"]] == ["RF06"]
    assert api.post(f"{address}sign/").json()["state"] == "signed"


def test_one_evaluation_comes_with_its_findings_in_words(api, draft):
    record(
        api, draft, {"weakness.left": {"value": "present", "since_on": "2020-11-01"}}
    )
    found = api.get(f"{EVALUATIONS}{draft.pk}/").json()["findings"]
    jerk, weakness = found
    assert (jerk["name"], jerk["words"]) == ("knee_jerk.left", "2 normal")
    assert (
        weakness.items()
        >= {
            "code": "weakness",
            "side": "left",
            "label": "Weakness, or the foot drops",
            "value": "present",
            "words": "yes",
            "since_on": "2020-11-01",
            "informant": "staff",
            "entered_by": "Dr Okafor",
        }.items()
    )


def test_what_was_replaced_or_taken_back_is_not_shown(api, draft):
    record(api, draft, {"knee_jerk.left": {"value": "1"}})
    record(api, draft, {"knee_jerk.left": None, **JERK})
    found = api.get(f"{EVALUATIONS}{draft.pk}/").json()["findings"]
    assert [finding["name"] for finding in found] == ["ankle_jerk.left"]
    assert Finding.objects.count() == 3


def test_a_draft_that_is_open_is_gone_on_with(api, draft, complaint):
    made = api.post(EVALUATIONS, {"complaint": str(complaint.pk)})
    assert made.json()["id"] == str(draft.pk)


def test_a_draft_of_another_day_is_not_passed_off_as_this_one(api, draft, complaint):
    body = {"complaint": str(complaint.pk), "examined_on": "2020-03-03"}
    reply = api.post(EVALUATIONS, body)
    assert reply.status_code == 400
    assert list(reply.json()) == ["examined_on"]


@pytest.mark.parametrize("day", ["2999-01-01", "1901-01-01", "soon", None, 3, []])
def test_a_day_on_which_nobody_was_examined_is_refused(api, complaint, day):
    body = {"complaint": str(complaint.pk), "examined_on": day}
    reply = api.post(EVALUATIONS, body)
    assert reply.status_code == 400
    assert list(reply.json()) == ["examined_on"]
    assert not Evaluation.objects.exists()


def test_two_programs_at_once_lose_nothing(api, draft, assistant):
    seen = draft.revision
    record(with_token(assistant), draft, JERK, seen=seen)
    mine = {"ankle_jerk.left": {"value": "0"}, "slump.left": {"value": "present"}}
    saved = record(api, draft, mine, seen=seen).json()
    assert saved["changed"] == ["slump.left"]
    assert saved["conflicts"] == [
        {
            "name": "ankle_jerk.left",
            "ours": {"value": "0", "since_on": None},
            "theirs": {"value": "1", "since_on": None},
            "by": str(assistant),
        }
    ]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("big_toe_extension.left", {"value": "6"}),
        ("big_toe_extension.left", {"value": 2.5}),
        ("lumbar_flexion", {"value": "900"}),
        ("ankle_jerk.left", {"value": "wobbly"}),
        ("ankle_jerk.left", {"value": ""}),
        ("ankle_jerk.left", {"value": None}),
        ("ankle_jerk.left", {"value": True}),
        ("ankle_jerk.left", {"value": ["1"]}),
        ("ankle_jerk.left", {"value": "1", "side": "left"}),
        ("ankle_jerk.left", {"value": "1", "since_on": "2020-01-01"}),
        ("ankle_jerk.left", {}),
        ("ankle_jerk.left", "1"),
        ("ankle_jerk.left", 1),
        ("ankle_jerk.left", []),
        ("ankle_jerk.middle", {"value": "1"}),
        ("ankle_jerk", {"value": "1"}),
        ("ankle_jerk.none", {"value": "1"}),
        ("back_pain.left", {"value": "present"}),
        ("no_such_thing", {"value": "1"}),
        ("no_such_thing", None),
        ("", {"value": "1"}),
        (".", {"value": "1"}),
        ("weakness.left", {"value": "present", "since_on": "2999-01-01"}),
        ("weakness.left", {"value": "present", "since_on": "1901-01-01"}),
        ("weakness.left", {"value": "present", "since_on": "yesterday"}),
        ("weakness.left", {"value": "present", "since_on": 20200101}),
        ("RF02", {"value": "unchanged"}),
        ("story", {"value": "x" * 2001}),
        ("story", {"value": "a\x00b"}),
        ("pain_regions", {"value": "tail"}),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_saved(api, draft, name, cell):
    reply = record(api, draft, {"knee_jerk.right": {"value": "2"}, name: cell})
    assert reply.status_code == 400
    assert list(reply.json()) == [name]
    assert draft.findings.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "findings"),
        ({"findings": {}}, "findings"),
        ({"findings": None}, "findings"),
        ({"findings": []}, "findings"),
        ({"findings": "ankle_jerk"}, "findings"),
        ({"findings": JERK, "seen": -1}, "seen"),
        ({"findings": JERK, "seen": "three"}, "seen"),
        ({"findings": JERK, "seen": None}, "seen"),
        ({"findings": JERK, "by": "me"}, "by"),
    ],
)
def test_a_wrong_body_is_refused_by_its_field(api, draft, body, field):
    reply = api.post(f"{EVALUATIONS}{draft.pk}/record/", body)
    assert reply.status_code == 400
    assert list(reply.json()) == [field]


@pytest.mark.parametrize("body", [[], "text", 3, None])
def test_a_body_that_is_no_object_is_refused(api, draft, body):
    for act in ("record", "normal", "enter-in-error", "sign"):
        reply = api.post(f"{EVALUATIONS}{draft.pk}/{act}/", body)
        assert reply.status_code == (200 if (act, body) == ("sign", None) else 400), act


def test_a_later_revision_than_there_is_was_never_seen(api, draft):
    reply = record(api, draft, JERK, seen=99)
    assert (reply.status_code, list(reply.json())) == (400, ["seen"])


def test_all_normal_fills_what_is_blank_of_a_block(api, draft):
    address = f"{EVALUATIONS}{draft.pk}/normal/"
    changed = api.post(address, {"block": "reflexes"}).json()["changed"]
    assert "ankle_jerk.left" in changed
    assert "knee_jerk.left" not in changed
    for block in ("history", "no_such_block", None, 3):
        assert list(api.post(address, {"block": block}).json()) == ["block"]


def test_nobody_signs_what_they_have_not_read(api, draft):
    record(api, draft, JERK)
    address = f"{EVALUATIONS}{draft.pk}/sign/"
    newest = api.get(f"{EVALUATIONS}{draft.pk}/").json()["revision"]
    refused = api.post(address, {"seen": newest - 1})
    assert refused.status_code == 400
    assert f"revision {newest} by now" in refused.json()["seen"][0]
    signed = api.post(address, {"seen": newest})
    assert signed.json()["state"] == "signed"


def test_what_is_signed_stays(api, draft):
    api.post(f"{EVALUATIONS}{draft.pk}/sign/")
    for reply in (record(api, draft, JERK), api.post(f"{EVALUATIONS}{draft.pk}/sign/")):
        assert reply.status_code == 400
        assert "stays as it is" in reply.json()["detail"]


def test_an_assistant_records_and_does_not_sign(assistant, draft):
    api = with_token(assistant)
    assert record(api, draft, JERK).status_code == 200
    assert api.post(f"{EVALUATIONS}{draft.pk}/sign/").status_code == 403


def test_an_error_needs_its_reason(api, draft):
    address = f"{EVALUATIONS}{draft.pk}/enter-in-error/"
    for reason in ("", "   ", None, "x" * 201, "a\x00"):
        assert list(api.post(address, {"reason": reason}).json()) == ["reason"]
    shown = api.post(address, {"reason": "Another patient"}).json()
    assert (shown["state"], shown["state_reason"]) == (
        "entered_in_error",
        "Another patient",
    )


def test_evaluations_are_found_by_whose_they_are_state_and_day(api, draft):
    complaint, day = draft.complaint, draft.examined_on.isoformat()
    for asked, count in (
        ({"complaint": complaint.pk}, 1),
        ({"patient": complaint.patient_id}, 1),
        ({"state": "draft"}, 1),
        ({"state": "signed"}, 0),
        ({"examined_from": day, "examined_until": day}, 1),
        ({"examined_until": "2020-01-01"}, 0),
    ):
        assert api.get(EVALUATIONS, asked).json()["count"] == count, asked
    assert list(api.get(EVALUATIONS, {"state": "odd"}).json()) == ["state"]


def test_the_checklist_shows_its_reckoning(api, draft):
    record(api, draft, {"slump.left": {"value": "present"}})
    shown = api.get(f"{EVALUATIONS}{draft.pk}/checklist/").json()
    (side,) = shown["sides"]
    assert shown["status"] == "transparent, unvalidated"
    assert (side["side"], side["lumbar_points"]) == ("left", 2)
    assert [(item["item"], item["points"]) for item in side["items"]] == [("L11", 2)]
    assert "straight-leg raise" in side["missing"]
    assert side["text"].startswith("Not enough recorded to compare.")
    tension = next(g for g in side["lumbar_groups"] if g["key"] == "neural_tension")
    assert (tension["given"], tension["points"], tension["cap"]) == (2, 2, 3)
    assert (side["flags_to_check"], side["remarks"]) == ([], [])


def test_the_checklist_is_shut_while_an_emergency_is_open(api, draft, physician):
    address = f"{EVALUATIONS}{draft.pk}/checklist/"
    record(
        api, draft, {"RF01": {"value": "present"}, "slump.left": {"value": "present"}}
    )
    (side,) = api.get(address).json()["sides"]
    assert (side["is_gated"], side["lumbar_points"], side["items"]) == (True, None, [])
    for flag in RedFlag.objects.all():
        flags.acknowledge(flag, by=physician, action="Sent to the ER")
    assert api.get(address).json()["sides"][0]["lumbar_points"] == 2


def test_a_shoulder_has_no_checklist(api, patient):
    shoulder = factories.make_complaint(patient, pain_site="shoulder")
    draft = factories.make_evaluation(shoulder, arm_numbness__left="present")
    assert api.get(f"{EVALUATIONS}{draft.pk}/checklist/").json()["sides"] == []


def test_the_catalogue_lists_every_finding_with_what_it_takes(api):
    shown = api.get("/api/v1/catalogue/").json()
    found = {each["key"]: each for each in shown["findings"]}
    assert list(found) == list(findings.definitions())
    toe = found["big_toe_extension"]
    assert (toe["low"], toe["high"], toe["sides"]) == (0, 5, ["left", "right"])
    options = [option["key"] for option in found["ankle_jerk"]["options"]]
    assert options == ["0", "1", "2", "3", "4"]


def test_the_catalogue_of_a_site_is_what_is_asked_there(api):
    asked = {"pain_site": "shoulder"}
    found = api.get("/api/v1/catalogue/", asked).json()["findings"]
    keys = {each["key"] for each in found}
    assert "biceps_jerk" in keys
    assert "ankle_jerk" not in keys
    assert list(api.get("/api/v1/catalogue/", {"pain_site": "tail"}).json()) == [
        "pain_site"
    ]
    assert list(api.get("/api/v1/catalogue/", {"site": "knee"}).json()) == ["site"]


def test_what_the_catalogue_lists_is_what_can_be_recorded(api, draft):
    """Every name of the catalogue is known to `record`, and takes back nothing."""
    shown = api.get("/api/v1/catalogue/").json()["findings"]
    names = [
        cells.cell_name((each["key"], side)) for each in shown for side in each["sides"]
    ]
    reply = record(api, draft, dict.fromkeys(names, None))
    assert reply.json()["changed"] == ["knee_jerk.left"]


def test_complaints_are_found_by_the_source_that_stands(api, patient, physician):
    heel = factories.make_complaint(patient, pain_site="heel")
    other = factories.make_complaint(patient, suspected_source="plantar_fascia")
    ledger.name_source(heel, by=physician, source="plantar_fascia")
    ledger.name_source(heel, by=physician, source="plantar_fascia", certainty="refuted")
    ledger.name_source(heel, by=physician, source="root_s1")
    for source, wanted in (("root_s1", [heel]), ("plantar_fascia", [other])):
        rows = api.get(COMPLAINTS, {"source": source}).json()["results"]
        assert [row["id"] for row in rows] == [str(each.pk) for each in wanted]
    asked = {"source": "root_s1", "pain_site": "foot"}
    assert api.get(COMPLAINTS, asked).json()["count"] == 0
    assert list(api.get(COMPLAINTS, {"source": "L9"}).json()) == ["source"]


def test_complaints_are_found_by_a_diagnosis_that_stands(api, complaint):
    body = {"complaint": str(complaint.pk), "code": "M54.16"}
    made = api.post("/api/v1/diagnoses/", body).json()
    for asked, count in (("M54", 1), ("m54.16", 1), ("M51", 0)):
        found = api.get(COMPLAINTS, {"diagnosis": asked}).json()
        assert found["count"] == count, asked
    complaint.diagnoses.filter(pk=made["id"]).update(certainty="refuted")
    assert api.get(COMPLAINTS, {"diagnosis": "M54"}).json()["count"] == 0


def test_complaints_are_found_by_the_tier_of_a_flag_that_stands(
    api, complaint, patient, physician
):
    other = factories.make_complaint(patient, pain_site="shoulder")
    factories.make_evaluation(complaint, RF01="present")
    found = api.get(COMPLAINTS, {"flag_tier": "E0"}).json()["results"]
    assert [row["id"] for row in found] == [str(complaint.pk)]
    assert api.get(COMPLAINTS, {"flag_tier": "E3"}).json()["count"] == 0
    # Reported by a survey and tied to no complaint, it is about the whole patient.
    RedFlag.objects.update(complaint=None, evaluation=None)
    found = api.get(COMPLAINTS, {"flag_tier": "E0"}).json()["results"]
    assert {row["id"] for row in found} == {str(complaint.pk), str(other.pk)}
    RedFlag.objects.update(
        state="closed", acknowledged_at="2020-01-01T00:00Z", action="x"
    )
    assert api.get(COMPLAINTS, {"flag_tier": "E0"}).json()["count"] == 0


def test_a_longer_list_takes_no_more_queries(
    api, clinic, django_assert_max_num_queries
):
    for number in range(8):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        made = factories.make_evaluation(complaint)
        if number in (0, 7):
            # Token and its day of use, membership, count, rows, the audit's four.
            with django_assert_max_num_queries(9):
                rows = api.get(EVALUATIONS).json()["results"]
            assert len(rows) == number + 1
    with django_assert_max_num_queries(9):
        api.get(f"{EVALUATIONS}{made.pk}/")
