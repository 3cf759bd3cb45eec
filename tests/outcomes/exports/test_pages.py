"""Asking for an export, watching and taking it: by page and by API."""

import pytest
from django.urls import reverse

from clinic.access import Role
from clinic.models import AuditEvent
from outcomes.dashboards.export import files, runs, work
from outcomes.models import OutcomeExport
from tests import factories
from tests.outcomes import rows
from tests.outcomes.exports import taking
from tests.outcomes.exports.test_export import make_courses

PAGE = "outcomes:exports"


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


@pytest.fixture
def courses(clinic, measure):
    return make_courses(clinic, measure, 3)


@pytest.fixture
def sent(client, admin, courses):
    client.force_login(admin)

    def send(query="", **body):
        return client.post(reverse(PAGE) + query, body)

    return send


def test_it_is_asked_for_watched_and_taken(client, sent):
    reply = sent(purpose="  Annual   report ")
    run = OutcomeExport.objects.get()
    assert run.purpose == "Annual report"
    assert reply.url == reverse("outcomes:export", args=[run.pk])
    waits = client.get(reply.url).content.decode()
    assert "Waits for its turn" in waits and 'hx-trigger="every 2s"' in waits
    part = client.get(reply.url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "<progress" in part
    work.work_off(run.pk)
    ready = client.get(reply.url).content.decode()
    assert "The file is ready" in ready and "hx-get" not in ready
    taken = client.get(reverse("outcomes:export_file", args=[run.pk]))
    assert taken["Content-Type"] == "application/zip"
    assert taken["Content-Disposition"] == 'attachment; filename="outcomes.zip"'
    assert taken["Cache-Control"] == "no-store"
    assert b"".join(taken.streaming_content) == files.path_of(run).read_bytes()
    assert AuditEvent.objects.filter(action="outcomes.export_taken").count() == 1


@pytest.mark.parametrize("purpose", ["", "   "], ids=["none", "spaces"])
def test_without_a_purpose_there_is_none(sent, purpose):
    reply = sent(purpose=purpose)
    assert reply.status_code == 400
    assert "Say what the file is for." in reply.content.decode()
    assert not OutcomeExport.objects.exists()


def test_what_is_not_known_is_named(client, sent):
    reply = sent("?treatment=magic", purpose="Why")
    assert reply.status_code == 400
    assert "No answers of &#x27;magic&#x27;; there are: prp." in reply.content.decode()
    reply = client.get(reverse(PAGE), {"from": "2025-03-01", "until": "2025-03-31"})
    assert reply.status_code == 400
    assert "a year or more" in reply.content.decode()
    assert sent(purpose="Why", measure="magic").status_code == 400
    assert sent(purpose="x" * 301).status_code == 400
    assert not OutcomeExport.objects.exists()


def test_nothing_to_export_is_said(client, admin):
    rows.make_measure(admin.membership.clinic)
    client.force_login(admin)
    reply = client.post(reverse(PAGE), {"purpose": "Why"})
    assert reply.status_code == 400
    assert "There is nothing to export" in reply.content.decode()


def test_choices_of_the_address_hold_and_the_form_says_which_measures(sent, clinic):
    rows.make_measure(clinic, "other_test", name="Other")
    sent("?measure=pain_test&treatment=prp&by=sex", purpose="Why", measure="pain_test")
    assert OutcomeExport.objects.get().choices == {
        "measure": "pain_test",
        "treatment": "prp",
    }
    sent("?measure=pain_test&treatment=prp", purpose="Every measure", measure="")
    newest = OutcomeExport.objects.get(purpose="Every measure")
    assert newest.choices == {"treatment": "prp"}


def test_a_file_that_was_deleted_or_is_not_ready_leads_back(client, sent):
    sent(purpose="Why")
    run = OutcomeExport.objects.get()
    address = reverse("outcomes:export_file", args=[run.pk])
    waits = client.get(address, follow=True).content.decode()
    assert runs.NOT_READY in waits
    work.work_off(run.pk)
    files.discard(run)
    assert runs.GONE in client.get(address, follow=True).content.decode()


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.ASSISTANT, Role.FRONT_DESK])
def test_a_role_that_may_not_is_told_so(client, clinic, role):
    client.force_login(factories.make_user(clinic, role))
    assert client.get(reverse(PAGE)).status_code == 403
    reply = client.post(
        reverse("api:outcome-export-list"),
        {"purpose": "Why"},
        content_type="application/json",
    )
    assert reply.status_code == 403


def test_who_treats_and_does_research_sees_all(client, clinic, courses):
    both = factories.make_user(clinic, Role.PROVIDER, Role.RESEARCHER)
    assert not taking.export(both).is_suppressed


def test_another_clinics_export_does_not_exist(client, admin, outsider, courses):
    run = taking.export(admin)
    client.force_login(outsider)
    for name in ("outcomes:export", "outcomes:export_file"):
        assert client.get(reverse(name, args=[run.pk])).status_code == 404
    for name in ("api:outcome-export-detail", "api:outcome-export-file"):
        assert client.get(reverse(name, args=[run.pk])).status_code == 404


def test_a_researcher_does_not_get_the_file_of_who_sees_more(
    client, admin, researcher, courses
):
    run = taking.export(admin)
    own = taking.export(researcher)
    client.force_login(researcher)
    assert client.get(reverse("outcomes:export", args=[run.pk])).status_code == 404
    assert client.get(reverse("outcomes:export_file", args=[run.pk])).status_code == 404
    assert client.get(reverse("outcomes:export_file", args=[own.pk])).status_code == 200
    page = client.get(reverse(PAGE)).content.decode()
    assert "fewer than 10" in page
    assert str(run.pk) not in page and str(own.pk) in page


def test_a_researcher_chooses_no_few(client, researcher, courses):
    client.force_login(researcher)
    reply = client.get(reverse(PAGE), {"treatment": "prp"})
    assert reply.status_code == 400
    assert "could single out a person" in reply.content.decode()


def test_over_the_api(client, admin, courses):
    client.force_login(admin)
    address = reverse("api:outcome-export-list")

    def ask(body):
        return client.post(address, body, content_type="application/json")

    assert ask({}).json() == {"purpose": ["Say what the file is for."]}
    wrong = ask({"purpose": "Why", "choices": {"colour": "red"}})
    assert wrong.status_code == 400 and "No choice colour" in str(
        wrong.json()["choices"]
    )
    wrong = ask({"purpose": "Why", "choices": {"treatment": "magic"}})
    assert wrong.status_code == 400 and list(wrong.json()) == ["treatment"]
    reply = ask({"purpose": "Why", "choices": {"treatment": "prp"}})
    assert reply.status_code == 201
    found = reply.json()
    assert (found["state"], found["total"], found["done"]) == ("queued", 3, 0)
    assert found["choices"] == {"treatment": "prp"}
    one = reverse("api:outcome-export-detail", args=[found["id"]])
    take = reverse("api:outcome-export-file", args=[found["id"]])
    assert client.get(take).status_code == 400
    work.work_off(OutcomeExport.objects.get().pk)
    found = client.get(one).json()
    assert (found["state"], found["percent"], found["rows"]) == ("finished", 100, 12)
    assert found["is_there"] is True and found["size"] > 1000
    taken = client.get(take)
    assert b"".join(taken.streaming_content)[:2] == b"PK"
    files.discard(OutcomeExport.objects.get())
    assert client.get(take).status_code == 404
    assert client.get(address).json()["results"][0]["id"] == found["id"]
