"""What stands around every page."""

from pytest_django.asserts import assertContains, assertNotContains

from clinic.models import Clinic

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
