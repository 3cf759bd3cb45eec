import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from clinic import access
from clinic.models import ApiToken, AuditEvent, Clinic, Membership, User
from plans.models import Protocol
from tests import factories


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def open_clinic(*arguments):
    return run("open_clinic", "Lake View", "--admin-email", "A@example.org", *arguments)


def test_a_clinic_opens_with_protocols_and_an_admin(db):
    said = open_clinic("--zone", "America/Denver", "--admin-name", "Ada")
    clinic = Clinic.objects.get(slug="lake-view")
    assert clinic.zone == "America/Denver"
    assert Protocol.objects.filter(clinic=clinic).count() == 14
    held = Membership.objects.get(clinic=clinic)
    assert (held.user.email, held.roles) == ("a@example.org", ["admin"])
    password = re.search(r"^ {4}(\S+)$", said, re.MULTILINE)[1]
    assert held.user.check_password(password)
    assert AuditEvent.objects.filter(action="clinic.opened").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--zone", "Mars/X"], "--zone: 'Mars/X' is not a time zone"),
        (["--slug", "not a slug"], "--slug: "),
        (["--admin-email", "nobody"], "--admin-email: Enter a valid"),
    ],
)
def test_a_slip_names_the_option_and_opens_nothing(db, arguments, message):
    with pytest.raises(CommandError, match=message):
        open_clinic(*arguments)
    assert not Clinic.objects.exists()
    assert not User.objects.exists()


def test_a_slug_is_used_once(db):
    open_clinic()
    with pytest.raises(CommandError, match="--slug"):
        open_clinic()


def test_a_member_gets_roles_and_a_password_once(clinic):
    arguments = ("add_member", "b@example.org", "--clinic", clinic.slug)
    assert "shown only now" in run(*arguments, "--role", "front_desk", "--name", "Bo")
    said = run(*arguments, "--role", "provider", "--role", "admin")
    assert "keeps its password" in said
    held = Membership.objects.get(user__email="b@example.org")
    assert held.roles == ["admin", "provider"]
    event = AuditEvent.objects.filter(action="member.added").first()
    assert event.facts["before"] == ["front_desk"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--clinic", "nix", "--role", "admin"], "No clinic has the slug 'nix'"),
        (["--clinic", "", "--role", "king"], "invalid choice"),
    ],
)
def test_an_unknown_clinic_or_role_is_said(clinic, arguments, message):
    with pytest.raises(CommandError, match=message):
        run("add_member", "b@example.org", *arguments)


def test_a_token_is_shown_once_and_works(client, clinic, admin):
    said = run("api_token", admin.email.upper())
    key = re.search(r"^ {4}(\S+)$", said, re.MULTILINE)[1]
    assert ApiToken.objects.get().digest == ApiToken.digest_of(key)
    assert AuditEvent.objects.filter(action="token.issued").exists()
    assert f"Authorization: Token {key}" in said
    run("api_token", admin.email)
    assert ApiToken.objects.filter(revoked_at=None).count() == 2


def key_of(user, *arguments):
    said = run("api_token", user.email, *arguments)
    return re.search(r"^ {4}(\S+)$", said, re.MULTILINE)[1]


def status(client, key):
    shown = client.get("/api/v1/patients/", headers={"authorization": f"Token {key}"})
    return shown.status_code


def test_one_token_or_each_one_is_revoked(client, clinic, admin, clerk):
    first, second, third = key_of(admin), key_of(admin), key_of(clerk)
    assert "Revoked tokens" in run("api_token", admin.email, "--revoke", first)
    assert [status(client, key) for key in (first, second)] == [401, 200]
    User.objects.filter(pk=admin.pk).update(is_active=False)
    key_of(clerk)
    said = run("api_token", clerk.email, "--revoke", "all", "--clinic", clinic.slug)
    assert f"in {clinic.slug}: 2" in said
    run("api_token", admin.email, "--revoke", "all")
    assert [status(client, key) for key in (second, third)] == [401, 401]
    assert AuditEvent.objects.filter(action="token.revoked").count() == 4


def test_a_token_of_somebody_else_is_not_revoked(client, admin, clerk):
    key = key_of(admin)
    for wrong in (key, "all", "x"):
        with pytest.raises(CommandError, match="no such token in use"):
            run("api_token", clerk.email, "--revoke", wrong)
    assert status(client, key) == 200


def test_tokens_of_two_clinics_are_revoked_one_clinic_at_a_time(admin, other_clinic):
    factories.clinics.add_member(
        other_clinic,
        email=admin.email,
        name="",
        roles=[access.Role.ADMIN],
        by=factories.audit.SYSTEM,
    )
    for held in admin.memberships.all():
        key_of(admin, "--clinic", held.clinic.slug)
    with pytest.raises(CommandError, match="--clinic"):
        run("api_token", admin.email, "--revoke", "all")
    run("api_token", admin.email, "--revoke", "all", "--clinic", other_clinic.slug)
    assert ApiToken.objects.get(revoked_at=None).clinic != other_clinic


def test_a_token_needs_a_member_and_one_clinic(admin, other_clinic):
    with pytest.raises(CommandError, match="Nobody signs in"):
        run("api_token", "x@example.org")
    with pytest.raises(CommandError, match="does not work in the clinic"):
        run("api_token", admin.email, "--clinic", other_clinic.slug)
    factories.clinics.add_member(
        other_clinic,
        email=admin.email,
        name="",
        roles=[access.Role.ADMIN],
        by=factories.audit.SYSTEM,
    )
    with pytest.raises(CommandError, match="--clinic"):
        run("api_token", admin.email)
    assert "shown only now" in run(
        "api_token", admin.email, "--clinic", other_clinic.slug
    )


def test_an_account_that_is_switched_off_gets_no_token(admin):
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="switched off"):
        run("api_token", admin.email)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["short", "short"], "too short"),
        (["long enough to use", "another"], "differ"),
    ],
)
def test_an_asked_password_is_checked(db, monkeypatch, typed, message):
    answers = iter(typed)
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    with pytest.raises(CommandError, match=message):
        open_clinic("--ask-password")


def test_an_asked_password_is_not_printed(db, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda _: factories.PASSWORD)
    assert factories.PASSWORD not in open_clinic("--ask-password")
    assert User.objects.get().check_password(factories.PASSWORD)
