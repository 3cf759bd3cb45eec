import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from clinic import access, audit, clinics
from clinic.models import AuditEvent, Membership, User
from tests import factories


def sign_in(client, user, password=factories.PASSWORD):
    return client.post("/sign-in/", {"login": user.email, "password": password})


def test_signing_in_and_out_is_on_record(client, clerk):
    assertRedirects(sign_in(client, clerk), "/", fetch_redirect_response=False)
    client.post("/sign-out/")
    said = AuditEvent.objects.filter(action__startswith="user.").order_by("id")
    assert [e.action for e in said] == ["user.signed_in", "user.signed_out"]
    assert {e.clinic_id for e in said} == {clerk.membership.clinic_id}


def test_a_wrong_password_says_nothing_about_the_account(client, admin):
    page = sign_in(client, admin, "wrong")
    assertContains(page, "Staff only")
    assert page.context["form"].errors
    assert not page.wsgi_request.user.is_authenticated


def test_nobody_signs_up(client, db):
    assertContains(client.get("/sign-up/"), "Accounts are made by your clinic")


def test_forms_are_accepted_from_our_pages_only(admin):
    careful = Client(enforce_csrf_checks=True)
    page = sign_in(careful, admin)
    assert page.status_code == 403
    assertContains(page, "This form is too old", status_code=403)


def test_pages_let_browsers_name_their_origin(client, db):
    """Under no-referrer a browser posts with a null Origin, which CSRF refuses."""
    assert client.get("/sign-in/")["Referrer-Policy"] == "same-origin"


def test_who_works_nowhere_is_sent_to_the_clinics_and_told_why(client, db):
    nobody = User.objects.create_user("n@example.org", factories.PASSWORD, name="N")
    client.force_login(nobody)
    page = client.get("/patients/", follow=True)
    assertRedirects(page, reverse("clinic:choose"))
    assertContains(page, "You belong to no clinic yet")
    assert client.post("/sign-out/").status_code == 302


def test_a_lost_membership_leads_to_the_choice(client, admin, other_clinic):
    clinics.add_member(
        other_clinic,
        email=admin.email,
        name="",
        roles=[access.Role.ADMIN],
        by=audit.SYSTEM,
    )
    client.force_login(admin)
    client.post(reverse("clinic:enter", args=[other_clinic.pk]))
    Membership.objects.get(user=admin, clinic=other_clinic).delete()
    assertRedirects(client.get("/patients/"), reverse("clinic:choose"))
    assertContains(client.get(reverse("clinic:choose")), "Work here")


def test_entering_a_clinic_is_kept_and_on_record(client, admin, other_clinic):
    clinics.add_member(
        other_clinic,
        email=admin.email,
        name="",
        roles=[access.Role.FRONT_DESK],
        by=audit.SYSTEM,
    )
    factories.make_patient(other_clinic, mrn="THERE-1")
    client.force_login(admin)
    client.post(reverse("clinic:enter", args=[other_clinic.pk]))
    assertContains(client.get("/patients/"), "THERE-1")
    assert AuditEvent.objects.filter(action="clinic.entered").exists()


def test_a_clinic_without_membership_cannot_be_entered(signed_in, other_clinic):
    page = signed_in.post(reverse("clinic:enter", args=[other_clinic.pk]))
    assert page.status_code == 404


@pytest.mark.parametrize("page", ["/patients/", "/protocols/", "/icd10/", "/clinics/"])
def test_strangers_are_asked_to_sign_in(client, db, page):
    assertRedirects(client.get(page), f"/sign-in/?next={page}")
