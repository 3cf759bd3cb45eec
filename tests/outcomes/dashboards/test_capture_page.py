"""Who answers: the page, its chart, the lists behind it and the same over the API."""

import re

import pytest
from django.urls import reverse

from clinic.access import Role
from clinic.models import AuditEvent
from outcomes.models import FollowUp
from tests import factories
from tests.api_client import with_token
from tests.outcomes.dashboards import capture_world

pytestmark = pytest.mark.django_db
PAGE, LIST = "/outcomes/capture/", "/outcomes/capture/list/"
REPORT = "/api/v1/outcomes/capture/"
BEHIND = f"{REPORT}follow-ups/"


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def world(clinic, physician):
    capture_world.make(clinic, physician, follow_ups=150, seed=8)


def body(client, path=PAGE, **asked):
    reply = client.get(path, asked)
    assert reply.status_code == 200, reply.content
    return reply.content.decode()


def test_an_empty_clinic_is_told_when_numbers_come(at_work):
    html = body(at_work)
    assert "No window of this choice has closed" in html
    assert "How this is counted" in html


def test_the_page_says_what_the_target_lacks(at_work, world):
    html = body(at_work)
    total = at_work.get(PAGE).context["page"].total.counts
    wanted = total.wanted(80)
    share = round(100 * total.answered / total.eligible)
    assert (
        f"{share} % of {total.eligible}, target 80 %: {wanted} more answers would "
        "reach it." in html
    )


def test_the_chart_draws_the_numbers_of_the_table(at_work, world):
    reply = at_work.get(PAGE)
    steps = reply.context["page"].steps
    drawn = re.findall(
        r'lift-step[^>]*data-answered="(\d+)" data-cumulative="(\d+)"',
        reply.content.decode(),
    )
    listed = [(str(step.answered.n), str(step.cumulative)) for step in steps]
    # A wide and a compact drawing of the same.
    assert drawn == listed * 2
    assert len(listed) > 3


def test_every_number_leads_to_a_list_of_as_many(at_work, world):
    html = body(at_work)
    links = set(re.findall(rf'href="{LIST}([^"]*)">(\d+)<', html))
    assert len(links) > 60
    for address, n in sorted(links)[::12]:
        page = at_work.get(LIST + address.replace("&amp;", "&")).context["page"]
        assert len(page.listed.rows) + 50 * page.listed.has_more >= min(int(n), 51)
        assert page.listed.has_more or len(page.listed.rows) == int(n)


def test_a_list_is_put_on_record_with_whom_it_showed(at_work, world):
    page = at_work.get(LIST, {"fate": "missed", "page": 1}).context["page"]
    event = AuditEvent.objects.get(action="follow_ups.listed")
    shown = event.subjects.values_list("patient_id", flat=True)
    assert set(shown) == {row.patient_id for row in page.listed.rows}
    assert event.facts["asked"] == "?period=quarter&fate=missed"


def test_pages_of_a_list_do_not_overlap(at_work, world):
    pages = [
        [row.pk for row in at_work.get(LIST, {"page": n}).context["page"].listed.rows]
        for n in (1, 2, 3)
    ]
    assert len(set(sum(pages, []))) == sum(map(len, pages)) > 50


def test_the_queries_do_not_grow_with_the_rows(
    at_work, clinic, physician, world, django_assert_max_num_queries
):
    capture_world.make(clinic, physician, follow_ups=150, seed=9)
    with django_assert_max_num_queries(15):
        at_work.get(PAGE)
    with django_assert_max_num_queries(14):
        at_work.get(LIST)


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-05-01", "until": "2026-04-30"},
        {"from": "yesterday"},
        {"period": "century"},
        {"provider": "x' or 1=1"},
        {"language": "fr"},
        {"timepoint": "x" * 61},
        {"protocol": "\x00"},
    ],
)
def test_what_is_asked_wrongly_is_refused_and_said(at_work, asked):
    reply = at_work.get(PAGE, asked)
    assert reply.status_code == 400
    assert 'role="alert"' in reply.content.decode()


def test_a_list_of_an_unknown_step_or_group_is_empty(at_work, world):
    gone = "reminder|letter|day-99"
    for asked in ({"step": gone}, {"silent": gone}, {"protocol": "nothing"}):
        reply = at_work.get(LIST, asked)
        assert reply.status_code == 200
        assert reply.context["page"].listed.rows == []


@pytest.mark.parametrize("step", ["x|y|z", "reminder", "reminder|sms", "a|b|c|d"])
def test_a_list_of_what_is_no_step_is_refused(at_work, step):
    assert at_work.get(LIST, {"step": step}).status_code == 400
    assert at_work.get(LIST, {"silent": step}).status_code == 400


def test_typed_days_count_whatever_the_period_says(at_work, world):
    day = str(factories.days_ago(FollowUp.objects.first().clinic, 30))
    page = at_work.get(PAGE, {"period": "year", "from": day}).context["page"]
    assert page.choices.period == "custom"
    assert str(page.choices.begins_on) == day


def test_the_front_desk_is_not_told_who_had_which_treatment(client, clerk, world):
    client.force_login(clerk)
    tables = client.get(PAGE).context["page"].tables
    assert "protocol" not in {table.name for table in tables}
    whole = client.get(LIST).context["page"].listed.rows
    narrowed = client.get(LIST, {"protocol": "prp"})
    assert [row.pk for row in narrowed.context["page"].listed.rows] == [
        row.pk for row in whole
    ]
    assert "Plan" not in re.findall(r"<th scope=\"col\">(\w+)", str(narrowed.content))


def test_a_researcher_sees_one_fixed_table_without_a_way_to_anybody(
    client, researcher, world
):
    client.force_login(researcher)
    html = body(client)
    assert LIST not in html
    assert "hidden, so that fewer than 10" in html
    for asked in ({"period": "quarter"}, {"language": "es"}, {"from": "2026-01-01"}):
        assert client.get(PAGE, asked).status_code == 400
    assert client.get(LIST).status_code == 403


def test_a_researcher_sees_no_count_of_one_to_nine(
    client, clinic, physician, researcher
):
    capture_world.make(clinic, physician, follow_ups=900, seed=8)
    client.force_login(researcher)
    page = client.get(PAGE).context["page"]
    lines = [page.total, *(line for table in page.tables for line in table.lines)]
    for line in lines:
        assert line.counts is None or not line.counts.has_small_part
    assert any(line.counts for line in lines)


def test_the_api_says_the_same(at_work, physician, world):
    page = at_work.get(PAGE, {"period": "year"}).context["page"]
    found = with_token(physician).get(REPORT, {"period": "year"}).json()
    assert found["total"]["answered"] == page.total.counts.answered
    assert found["target"] == 80
    assert {name: len(rows) for name, rows in found["tables"].items()} == {
        table.name: len(table.lines) for table in page.tables
    }
    shown = [(step["label"], step["answered"]) for step in found["lift"]["steps"]]
    assert shown == [
        (step.label, step.answered.n)
        for step in page.steps
        if step.label != "Before any message"
    ]


def test_the_api_lists_those_behind_a_number(physician, world):
    api = with_token(physician)
    total = api.get(REPORT).json()["total"]
    assert api.get(BEHIND, {"fate": "late"}).json()["count"] == total["late"]
    assert api.get(BEHIND, {"fate": "asleep"}).status_code == 400
    assert api.get(REPORT, {"shape": "round"}).status_code == 400


def test_the_api_hides_small_counts_from_a_researcher(researcher, world):
    api = with_token(researcher)
    found = api.get(REPORT).json()
    assert found["follow_ups"] is None
    assert any(row["counts"] is None for row in found["tables"]["provider"]) or (
        found["total"] is None
    )
    assert api.get(REPORT, {"language": "es"}).status_code == 400
    assert api.get(BEHIND).status_code == 403


def test_another_clinics_provider_names_nobody(at_work, outsider, world):
    page = at_work.get(PAGE, {"provider": str(outsider.pk)}).context["page"]
    assert page.is_empty
    assert outsider.name not in str(page.narrowed)


def test_who_may_read_capture_reads_it_on_record(client, clinic):
    for role in Role:
        person = factories.make_user(clinic, role)
        client.force_login(person)
        assert client.get(reverse("outcomes:capture")).status_code == 200
        assert AuditEvent.objects.filter(action="capture.read", actor=person).exists()
