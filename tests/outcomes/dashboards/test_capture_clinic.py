"""The clinic's own part of follow-ups on the report of who answers."""

from collections import Counter
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from clinic import clock
from outcomes.dashboards.capture import clinic_figures, listing
from outcomes.dashboards.capture import page as capture_page
from outcomes.dashboards.capture.choices import ALL, CellForm, Choices, ChoicesForm
from outcomes.models import FollowUp
from tests.api_client import with_token
from tests.outcomes.dashboards import capture_world

pytestmark = pytest.mark.django_db
PAGE, LIST = "/outcomes/capture/", "/outcomes/capture/list/"


@pytest.fixture
def world(clinic, physician):
    """Every second follow-up with a part of the clinic's is examined, if it can be."""
    capture_world.make(clinic, physician, follow_ups=300, seed=11)
    theirs = FollowUp.objects.exclude(who="patient").order_by("pk")
    for number, row in enumerate(theirs):
        if row.state == "completed" or (row.state == "started" and number % 2):
            row.examined_at = clock.now() - timedelta(days=1)
            row.save(update_fields=["examined_at"])


def fate(row):
    """Written from the words on the page; None where it is not counted."""
    kept = row.patient.kept
    today = clock.today(row.clinic.zone)
    if row.who == "patient" or row.state in ("superseded", "cancelled"):
        return None
    if row.patient.origin != "care" or row.closes_on > today:
        return None
    if row.examined_at:
        return "done"
    left = [day for day in (kept.deceased_on, kept.withdrawn_on) if day]
    was_there = all(day > row.closes_on for day in left)
    was_asked = row.state_reason not in ("never asked", "on hold")
    return "missed" if row.state == "expired" and was_there and was_asked else None


def test_each_number_is_what_counting_one_by_one_gives(world, clinic, physician):
    found = clinic_figures.report(
        physician, Choices(period=ALL), clock.today(clinic.zone)
    )
    rows = FollowUp.objects.select_related("patient__merged_into", "episode__plan")
    counted = Counter((row.label, fate(row)) for row in rows if fate(row))
    assert {fate for _, fate in counted} == {"done", "missed"}
    for row in found.tables["timepoint"]:
        assert row.counts.answered == counted[row.key, "done"]
        assert row.counts.missed == counted[row.key, "missed"]
    assert found.total.eligible == counted.total()
    by_provider = [row.counts.eligible for row in found.tables["provider"]]
    assert sum(by_provider) == counted.total()


def test_each_number_leads_to_as_many(client, world, physician):
    client.force_login(physician)
    page = client.get(PAGE).context["page"]
    for line in page.clinic_tables[0].lines:
        for number in line.numbers.values():
            if number.n:
                listed = client.get(LIST + number.address).context["page"]
                assert len(listed.listed.rows) == number.n
    assert "The clinic’s own part" in client.get(PAGE).content.decode()


def figures(page):
    """Every number of the page that leads to a list."""
    lines = [page.total, page.clinic_total]
    for table in (*page.tables, *page.clinic_tables):
        lines += table.lines
    numbers = [number for line in lines if line for number in line.numbers.values()]
    numbers += [number for _, number in page.apart]
    numbers += [n for step in page.steps for n in (step.silent, step.answered)]
    return [number for number in numbers if number.address]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"period": "all"},
        {"period": "all", "language": "es"},
        {"period": "all", "channel": "sms"},
        {"period": "all", "provider": "none"},
        {"period": "all", "timepoint": "3 months"},
        {"period": "all", "protocol": "none"},
    ],
)
def test_every_number_is_the_length_of_its_list(clinic, world, physician, asked):
    today = clock.today(clinic.zone)
    form = ChoicesForm(asked)
    assert form.is_valid()
    found = figures(capture_page.build(physician, clinic, form.chosen, today))
    assert found
    for number in found:
        cell = CellForm(dict(parse_qsl(number.address[1:])))
        assert cell.is_valid(), number
        listed = listing.listed(physician, cell, today)
        assert listed.count() == number.n, number


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"fate": "missed"}, "fate"),
        ({"channel": "email"}, "channel"),
        ({"delivery": "sent"}, "delivery"),
        ({"step": "call"}, "answered after"),
        ({"silent": "call", "fate": "missed"}, "fate, silent at"),
    ],
)
def test_what_no_number_of_the_clinics_part_is_of_is_refused(
    client, world, physician, more, named
):
    client.force_login(physician)
    reply = client.get(LIST, {"clinic": "missed"} | more)
    assert reply.status_code == 400
    assert f"messages; leave out {named}." in reply.content.decode()
    path = "/api/v1/outcomes/capture/follow-ups/"
    reply = with_token(physician).get(path, {"clinic": "missed"} | more)
    assert reply.status_code == 400


def test_a_missed_examination_changes_no_share_of_answers(client, world, physician):
    client.force_login(physician)
    before = client.get(PAGE).context["page"].total.counts
    FollowUp.objects.filter(who="clinician").update(examined_at=None, state="expired")
    assert client.get(PAGE).context["page"].total.counts == before


def test_one_query_whatever_there_is(
    world, clinic, physician, django_assert_num_queries
):
    with django_assert_num_queries(1):
        clinic_figures.report(physician, Choices(), clock.today(clinic.zone))


def test_a_channel_has_no_part_of_the_clinics(client, world, physician):
    client.force_login(physician)
    page = client.get(PAGE, {"channel": "email"}).context["page"]
    assert not page.has_clinic_part


def test_the_api_says_the_same_and_lists_them(client, world, physician):
    client.force_login(physician)
    shown = client.get(PAGE).context["page"].clinic_total.counts
    api = with_token(physician)
    path = "/api/v1/outcomes/capture/"
    own = api.get(path).json()["clinic"]
    assert own["total"]["missed"] == shown.missed > 0
    behind = api.get(f"{path}follow-ups/", {"clinic": "missed"}).json()
    assert behind["count"] == shown.missed


def test_a_researcher_sees_no_small_count_of_examinations(client, researcher, world):
    client.force_login(researcher)
    page = client.get(PAGE).context["page"]
    for table in page.clinic_tables:
        for line in table.lines:
            assert line.counts is None or not line.counts.has_small_part
