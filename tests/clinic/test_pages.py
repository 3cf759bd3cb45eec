"""What stands around every page."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from pytest_django.asserts import assertContains, assertNotContains

from clinic.models import Clinic
from tests.api_client import with_token

NAVIGATION = 'class="site-nav"'


def test_whoever_is_refused_keeps_the_way_back(client, researcher):
    client.force_login(researcher)
    assertContains(client.get("/nothing/"), NAVIGATION, status_code=404)
    assertContains(client.get("/patients/"), NAVIGATION, status_code=403)


def test_a_stranger_sees_no_navigation_on_a_missing_page(client):
    assertNotContains(client.get("/nothing/"), NAVIGATION, status_code=404)


def test_the_demo_strip_links_the_mailbox_for_those_who_may(client, researcher, admin):
    Clinic.objects.update(is_demo=True)
    for user, links in ((researcher, 0), (admin, 1)):
        client.force_login(user)
        assertContains(client.get("/clinics/"), 'href="/demo/mailbox/"', count=links)


def test_no_browser_keeps_what_it_showed_to_staff(signed_in, patient):
    for address in (f"/patients/{patient.pk}/", "/patients/", "/nothing/"):
        assert signed_in.get(address)["Cache-Control"] == "no-store", address
    signed_in.post("/sign-out/")
    assert SESSION_KEY not in signed_in.session
    assert "Cache-Control" not in signed_in.get(f"/patients/{patient.pk}/").headers


def test_no_proxy_keeps_what_it_passed_to_a_program(admin, patient):
    reply = with_token(admin).get(f"/api/v1/patients/{patient.pk}/")
    assert reply["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("number", "linked", "said"),
    [
        (1, ["?kind=mri&amp;page=2"], "1 to 2 of 5"),
        (2, ["?kind=mri&amp;page=1", "?kind=mri&amp;page=3"], "3 to 4 of 5"),
        (3, ["?kind=mri&amp;page=2"], "5 to 5 of 5"),
    ],
)
def test_the_other_pages_of_a_list_are_of_the_same_choice(rf, number, linked, said):
    page = Paginator(range(5), 2).page(number)
    request = rf.get("/", {"kind": "mri", "page": number})
    shown = render_to_string("clinic/_pages.html", {"page": page}, request)
    assert [f'href="{address}"' in shown for address in linked] == [True] * len(linked)
    assert shown.count("href=") == len(linked) and said in shown


def test_a_list_of_one_page_leads_to_no_other(rf):
    page = Paginator(range(5), 5).page(1)
    assert not render_to_string(
        "clinic/_pages.html", {"page": page}, rf.get("/")
    ).strip()


def test_the_way_to_other_pages_is_written_out_once():
    again = "querystring page=page.previous_page_number"
    templates = Path(settings.BASE_DIR).glob("*/templates/**/*.html")
    assert [p.name for p in templates if again in p.read_text()] == ["_pages.html"]
