"""What stands around every page."""

from django.contrib.auth import SESSION_KEY
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
