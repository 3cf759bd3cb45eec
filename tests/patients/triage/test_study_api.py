"""Studies, reports, judgements and diagnoses over the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from patients.models import Diagnosis, Finding, SourceHypothesis, Study, StudyFile
from patients.triage import studies
from patients.triage.study_files import file_store, file_types
from tests import factories
from tests.api_client import with_token
from tests.reports import PDF

pytestmark = pytest.mark.django_db
STUDIES, FILES = "/api/v1/studies/", "/api/v1/study-files/"
SOURCES, DIAGNOSES = "/api/v1/sources/", "/api/v1/diagnoses/"
COMPLAINTS = "/api/v1/complaints/"
MRI = {"kind": "mri", "region": "lumbar_spine"}


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def study(complaint, physician):
    return factories.make_study(complaint, by=physician)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def one(study, act=""):
    return f"{STUDIES}{study.pk}/{act}"


def upload(api, study, content=PDF, name="MRI.pdf"):
    file = SimpleUploadedFile(name, content)
    return api.post(one(study, "files/"), {"file": file}, format="multipart")


def test_a_study_is_ordered_and_can_be_read_again(api, complaint, physician):
    made = api.post(STUDIES, MRI | {"complaint": str(complaint.pk), "reason": "L5?"})
    assert made.status_code == 201
    assert made.json()["owner"] == str(physician.pk)
    assert (made.json()["state"], made.json()["is_overdue"]) == ("ordered", False)
    assert made.json() == api.get(f"{STUDIES}{made.json()['id']}/").json()


def test_the_acts_take_it_to_the_reviewed_result(api, study):
    day = study.ordered_on.isoformat()
    result = {"results": ["disc_bulge"], "levels": ["L4-L5"], "side": "left"}
    for number, (act, given, state) in enumerate(
        [
            ("schedule/", {"scheduled_for": day}, "scheduled"),
            ("done/", {"performed_on": day}, "done"),
            ("result/", result, "received"),
            ("review/", {}, "reviewed"),
        ]
    ):
        reply = api.post(one(study, act), given | {"seen": number})
        assert reply.status_code == 200, reply.json()
        assert reply.json()["state"] == state
    assert result.items() <= reply.json().items()
    assert api.post(one(study, "cancel/"), {"reason": "Late"}).status_code == 400


def test_an_older_revision_is_refused(api, study):
    given = {"scheduled_for": study.ordered_on.isoformat(), "seen": 0}
    assert api.post(one(study, "schedule/"), given).status_code == 200
    reply = api.post(one(study, "schedule/"), given)
    assert reply.status_code == 400
    assert "Somebody else changed this study" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "pet"}, "kind"),
        ({"region": "soul"}, "region"),
        ({"region": "leg_nerves"}, "region"),
        ({"complaint": "no-id"}, "complaint"),
        ({"ordered_on": "2999-01-01"}, "ordered_on"),
        ({"priority": "soon"}, "priority"),
        ({"state": "reviewed"}, "state"),
        ({"results": ["normal"]}, "results"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(api, complaint, change, field):
    reply = api.post(STUDIES, MRI | {"complaint": str(complaint.pk)} | change)
    assert reply.status_code == 400
    assert list(reply.json()) == [field]
    assert not Study.objects.exists()


def test_an_assistant_signs_nothing(assistant, study, physician):
    studies.receive(
        study, by=physician, performed_on=study.ordered_on, results=["normal"]
    )
    api = with_token(assistant)
    assert api.post(one(study, "review/")).status_code == 403
    assert api.post(one(study, "in-error/"), {"reason": "x"}).status_code == 403


def test_studies_are_found_by_kind_state_owner_and_whether_overdue(
    api, study, complaint, assistant, physician
):
    other = factories.make_study(complaint, kind="xray", region="foot", by=assistant)
    Study.objects.filter(pk=other.pk).update(due_on="2020-01-01")
    for asked in (
        {"kind": "mri"},
        {"owner": str(physician.pk)},
        {"is_overdue": "false"},
        {"kind": "mri", "state": "ordered", "priority": "routine"},
    ):
        found = api.get(STUDIES, asked).json()["results"]
        assert [row["id"] for row in found] == [str(study.pk)]
    found = api.get(STUDIES, {"is_overdue": "true"}).json()["results"]
    assert [(row["id"], row["is_overdue"]) for row in found] == [(str(other.pk), True)]
    first = api.get(STUDIES, {"ordering": "due_on"}).json()["results"][0]
    assert first["id"] == str(other.pk)


def test_a_longer_list_takes_no_more_queries(
    api, clinic, django_assert_max_num_queries
):
    for number in range(6):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        factories.make_study_file(factories.make_study(complaint))
        if number in (0, 5):
            # Token, membership, count, rows, two prefetches, and the audit's four.
            with django_assert_max_num_queries(11):
                assert len(api.get(STUDIES).json()["results"]) == number + 1


def test_a_report_goes_in_and_comes_out_as_it_was(api, study):
    made = upload(api, study)
    assert made.status_code == 201
    assert made.json()["content_type"] == "application/pdf"
    assert api.get(one(study)).json()["files"] == [made.json()]
    reply = api.get(
        f"{FILES}{made.json()['id']}/content/", headers={"accept": "application/pdf"}
    )
    assert reply.content == PDF
    assert reply["Content-Disposition"].startswith("attachment; ")
    assert reply["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert api.get(FILES, {"study": str(study.pk)}).json()["count"] == 1


def test_bytes_that_are_lost_are_not_found(api, study):
    file = factories.make_study_file(study)
    file_store.remove(file.clinic_id, file.pk)
    reply = api.get(f"{FILES}{file.pk}/content/")
    assert reply.status_code == 404
    assert "missing" in reply.json()["detail"]


@pytest.mark.parametrize("content", [b"", b"<html>", b"<svg><script/></svg>"])
def test_what_is_no_report_is_refused_by_its_field(api, study, content):
    reply = upload(api, study, content)
    assert reply.status_code == 400
    assert list(reply.json()) == ["file"]
    assert not StudyFile.objects.exists()


def test_a_file_of_20_megabytes_is_too_large(api, study):
    reply = upload(api, study, PDF + b"\0" * 20 * 1024 * 1024)
    assert reply.status_code == 413
    assert "10 MB" in reply.json()["detail"]
    assert upload(api, study, PDF + b"\0" * file_types.MOST_BYTES).status_code == 400
    assert not StudyFile.objects.exists()


def test_a_browser_that_is_signed_in_needs_the_token(physician, study):
    strict = APIClient(enforce_csrf_checks=True)
    strict.force_login(physician)
    assert upload(strict, study).status_code == 403
    strict.get(f"/studies/{study.pk}/")
    token = strict.cookies["csrf"].value
    strict.credentials(HTTP_X_CSRFTOKEN=token)
    assert upload(strict, study).status_code == 201


def test_json_is_no_upload(api, study):
    assert api.post(one(study, "files/"), {"file": "x"}).status_code == 415


def test_a_judgement_carries_its_evidence(api, complaint, physician):
    factories.make_evaluation(complaint, ankle_jerk__left="1")
    study = factories.make_study(complaint)
    studies.receive(
        study, by=physician, performed_on=study.ordered_on, results=["disc_bulge"]
    )
    block = factories.make_performed(
        factories.make_plan(complaint, started_days_ago=60)
    )
    cited = [
        {"stance": "for", "finding": str(Finding.objects.get().pk)},
        {"stance": "for", "study": str(study.pk)},
        {
            "stance": "for",
            "intervention": str(block.pk),
            "blocked": "S1 block",
            "pain_before": 8,
            "pain_after": 1,
        },
        {"stance": "against", "words": "No back pain"},
    ]
    body = {"source": "root_s1", "certainty": "probable", "evidence": cited}
    reply = api.post(f"{COMPLAINTS}{complaint.pk}/sources/", body)
    assert reply.status_code == 201
    (listed,) = api.get(SOURCES, {"source": "root_s1"}).json()["results"]
    assert reply.json()["sources"] == [listed]
    assert [(e["stance"], e["kind"]) for e in listed["evidence"]] == [
        ("for", "finding"),
        ("for", "study"),
        ("for", "injection"),
        ("against", "other"),
    ]
    assert listed["evidence"][2]["label"] == "S1 block: pain 8 → 1"


@pytest.mark.parametrize(
    "citation",
    [
        {"stance": "for"},
        {"stance": "maybe", "words": "x"},
        {
            "stance": "for",
            "words": "x",
            "study": "01a22259-7e7d-7494-b996-b86f655368a8",
        },
        {"stance": "for", "intervention": "01a22259-7e7d-7494-b996-b86f655368a8"},
        {"stance": "for", "words": "x", "colour": "red"},
        {"stance": "for", "finding": "01a22259-7e7d-7494-b996-b86f655368a8"},
    ],
)
def test_a_citation_that_makes_no_sense_is_refused(api, complaint, citation):
    body = {"source": "root_s1", "evidence": [citation]}
    reply = api.post(f"{COMPLAINTS}{complaint.pk}/sources/", body)
    assert reply.status_code == 400
    assert list(reply.json()) == ["evidence"]
    assert not SourceHypothesis.objects.exists()


def test_an_entry_that_was_not_weighed_stands(api, complaint, admin):
    address = f"{COMPLAINTS}{complaint.pk}/sources/"
    with_token(admin).post(address, {"source": "root_s1"})
    api.post(address, {"source": "root_s1", "certainty": "refuted", "seen": []})
    assert api.get(SOURCES, {"is_standing": "true"}).json()["count"] == 1
    assert SourceHypothesis.objects.filter(superseded_on=None).count() == 2


def test_judgements_and_complaints_are_found_by_source_site_and_code(api, complaint):
    other = factories.make_complaint(complaint.patient, pain_site="knee", side="left")
    for each, source in ((complaint, "root_s1"), (other, "knee_joint")):
        api.post(f"{COMPLAINTS}{each.pk}/sources/", {"source": source})
    api.post(DIAGNOSES, {"complaint": str(complaint.pk), "code": "M54.16"})
    for address, asked in (
        (SOURCES, {"pain_site": "foot", "certainty": "suspected"}),
        (COMPLAINTS, {"source": "root_s1"}),
        (COMPLAINTS, {"diagnosis": "m54"}),
        (DIAGNOSES, {"source": "root_s1", "pain_site": "foot", "is_listed": "true"}),
    ):
        assert api.get(address, asked).json()["count"] == 1, asked
    assert api.get(DIAGNOSES, {"source": "knee_joint"}).json()["count"] == 0


def test_a_longer_ledger_takes_no_more_queries(
    api, complaint, django_assert_max_num_queries
):
    for number, source in enumerate(("root_l4", "root_l5", "root_s1")):
        cited = [{"stance": "for", "words": "Pain below the knee"}]
        body = {"source": source, "evidence": cited}
        api.post(f"{COMPLAINTS}{complaint.pk}/sources/", body)
        if number in (0, 2):
            # Token, membership, count, rows, two prefetches, and the audit's four.
            with django_assert_max_num_queries(11):
                assert len(api.get(SOURCES).json()["results"]) == number + 1


def test_a_code_that_our_list_lacks_is_kept_with_a_warning(api, complaint):
    body = {"complaint": str(complaint.pk), "code": "z99.99x", "title": "In our book"}
    reply = api.post(DIAGNOSES, body)
    assert reply.status_code == 201
    assert (reply.json()["is_listed"], reply.json()["title"]) == (False, "In our book")
    assert "not in our list" in reply.json()["warnings"][0]


def test_what_speaks_against_a_code_can_be_answered(api, complaint):
    body = {"complaint": str(complaint.pk), "code": "M79.671"}
    assert "the complaint is left" in api.post(DIAGNOSES, body).json()["code"][0]
    made = api.post(DIAGNOSES, body | {"is_other_side": True})
    assert (made.status_code, made.json()["side"]) == (201, "right")
    api.post(DIAGNOSES, body | {"code": "M51.16"})
    twin = body | {"code": "M54.16"}
    assert "Excludes1" in api.post(DIAGNOSES, twin).json()["code"][0]
    assert api.post(DIAGNOSES, twin | {"is_unrelated": True}).status_code == 201


def test_the_wording_of_a_listed_code_is_not_ours_to_choose(api, complaint):
    body = {"complaint": str(complaint.pk), "code": "M54.16", "title": "Bad back"}
    assert list(api.post(DIAGNOSES, body).json()) == ["title"]


def test_a_diagnosis_is_revised_and_its_code_is_not(api, complaint):
    body = {"complaint": str(complaint.pk), "code": "M54.16"}
    address = f"{DIAGNOSES}{api.post(DIAGNOSES, body).json()['id']}/revise/"
    reply = api.post(address, {"certainty": "confirmed", "role": "contributing"})
    assert (reply.json()["certainty"], reply.json()["role"]) == (
        "confirmed",
        "contributing",
    )
    assert list(api.post(address, {"code": "M54.17"}).json()) == ["code"]
    assert list(api.post(address, {"status": "entered_in_error"}).json()) == ["reason"]
    given = {"status": "entered_in_error", "reason": "Another patient's"}
    assert api.post(address, given).json()["status_reason"] == "Another patient's"
    assert Diagnosis.objects.get().status == "entered_in_error"
