"""The report on plans as page, file and API, and the lists behind it."""

import csv
import io
import re
from html import unescape

import pytest
from django.urls import reverse

from clinic import access
from clinic.models import AuditEvent
from plans.models import Plan
from tests import factories
from tests.api_client import with_token
from tests.plans.reports.test_counts import diagnosed, made, therapy

REPORTS, FILE = reverse("plans:reports"), reverse("plans:reports_file")
LISTS = [
    reverse(name)
    for name in ("plans:list", "plans:interventions", "plans:report_complaints")
]
API = "/api/v1/reports/plans/"


@pytest.fixture
def plans(clinic) -> list[Plan]:
    provider = factories.make_user(clinic, access.Role.PROVIDER, name="=Okafor")
    held = [
        made(clinic, "physical_therapy", provider=provider),
        made(clinic, days_ago=40, provider=provider),
        made(clinic, days_ago=40),
    ]
    therapy(held[0], 6, 2)
    for plan in held:
        diagnosed(plan, 38)
    factories.make_performed(held[1], days=30)
    return held


def body(client, path: str, **asked: str) -> str:
    response = client.get(path, asked)
    assert response.status_code == 200, path
    return response.content.decode()


def test_every_number_leads_to_a_list_of_that_many(signed_in, plans):
    html = body(signed_in, REPORTS)
    links = set(re.findall(r'<a href="([^"]+)">(\d+)</a>', html))
    assert len(links) > 12
    for address, number in links:
        page = body(signed_in, unescape(address))
        heading = re.search(r'<span class="about">(\d+)</span>', page)
        assert heading and heading[1] == number, address


def test_the_page_says_too_few_instead_of_a_share(signed_in, plans):
    html = body(signed_in, REPORTS)
    assert html.count("too few") == 1 + 2 + 1
    assert "%</span>" not in html.replace(" ", "")


def test_the_filters_are_kept_in_the_links(signed_in, plans, clinic):
    day = factories.days_ago(clinic, 41).isoformat()
    html = unescape(body(signed_in, REPORTS, started_from=day, provider="none"))
    assert f"?started_from={day}&provider=none" in html


@pytest.mark.parametrize("path", [REPORTS, FILE, *LISTS])
@pytest.mark.parametrize(
    ("name", "value"),
    [("started_from", "yesterday"), ("provider", "nobody-here"), ("provider", "'")],
)
def test_a_strange_address_is_refused_by_name(signed_in, plans, path, name, value):
    response = signed_in.get(path, {name: value})
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize("path", [REPORTS, *LISTS])
def test_nothing_yet_says_what_comes(signed_in, path):
    html = body(signed_in, path)
    assert "class=empty" in html.replace('"', "")


def test_a_period_that_ends_before_it_begins_is_refused(signed_in):
    asked = {"started_from": "2026-03-02", "started_until": "2026-03-01"}
    response = signed_in.get(REPORTS, asked)
    assert response.status_code == 400
    assert "This day is before the first one." in response.content.decode()


def test_the_file_holds_the_same_figures_and_no_formula(signed_in, plans):
    response = signed_in.get(FILE)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["part", "group", "what", "n"]
    assert ["plans by provider", "'=Okafor", "all", "2"] in lines
    assert ["sessions", "All", "attended", "6"] in lines
    part = "days from diagnosis to first treatment"
    assert [part, "", "median", "too few (below 10)"] in lines
    assert [part, "", "not treated yet", "2"] in lines


def test_reading_the_report_and_its_lists_is_audited(signed_in, plans):
    body(signed_in, REPORTS, provider="none")
    event = AuditEvent.objects.get(action="plan_report.read")
    assert event.facts == {"asked": {"provider": "none"}}
    body(signed_in, LISTS[0])
    event = AuditEvent.objects.get(action="plans.listed")
    shown = {subject.patient_id for subject in event.subjects.all()}
    assert shown == {plan.complaint.patient_id for plan in plans}


@pytest.mark.parametrize("path", [REPORTS, *LISTS])
def test_more_plans_cost_no_more_queries(
    signed_in, clinic, plans, path, django_assert_max_num_queries
):
    found = []
    for _ in range(2):
        with django_assert_max_num_queries(16) as queries:
            body(signed_in, path)
        found.append(len(queries))
        for key in ("prp", "physical_therapy"):
            diagnosed(made(clinic, key), 3)
    assert found[0] == found[1]


def test_long_lists_have_pages(signed_in, plans, monkeypatch):
    monkeypatch.setattr("plans.reports.listed.PAGE_SIZE", 2)
    assert "1 to 2 of 3" in body(signed_in, LISTS[0])
    assert "3 to 3 of 3" in body(signed_in, LISTS[0], page="2")


def test_the_api_gives_the_figures(admin, plans):
    found = with_token(admin).get(API).json()
    assert found["total"] == 3
    assert {g["label"]: g["total"] for g in found["providers"]} == {
        "=Okafor": 2,
        "Nobody in particular": 1,
    }
    assert found["providers"][-1]["id"] is None
    line = found["sessions"][0]
    assert (line["due"], line["attended"], line["percent"]) == (8, 6, None)
    wait = found["diagnosis_to_treatment"]
    assert (wait["n"], wait["untreated"], wait["median"]) == (1, 2, None)
    prp = next(m for m in found["interventions"] if m["modality"] == "prp")
    assert prp["by_status"]["performed"] == 1


@pytest.mark.parametrize(
    ("asked", "field"), [("provider=x", "provider"), ("sort=n", "sort")]
)
def test_the_api_refuses_what_it_does_not_know(admin, asked, field):
    response = with_token(admin).get(f"{API}?{asked}")
    assert response.status_code == 400
    assert list(response.json()) == [field]
