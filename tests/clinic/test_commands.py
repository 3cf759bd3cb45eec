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
    assert Protocol.objects.filter(clinic=clinic).count() == 5
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
