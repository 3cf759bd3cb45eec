"""Opening a clinic and adding the people who work in it."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from clinic import access, audit, clinical_words, consequences
from clinic.models import Clinic, Membership, User


@transaction.atomic
def open_clinic(*, name: str, slug: str, by: audit.By, **settings: Any) -> Clinic:
    """A clinic with everything it starts with, such as the starter protocols."""
    # Whoever sees the sender of a message must not learn what a patient is treated for.
    sender = clinical_words.neutral(name)
    clinic = Clinic(name=name, slug=slug, **{"sender_name": sender, **settings})
    clinic.full_clean()
    clinic.save()
    consequences.apply("clinic.opened", clinic, by=by)
    audit.record(by=by, action="clinic.opened", about=clinic)
    return clinic


@transaction.atomic
def add_member(
    clinic: Clinic,
    *,
    email: str,
    name: str,
    roles: Sequence[access.Role],
    by: audit.By,
    password: str | None = None,
) -> Membership:
    """Give a person roles here; the account is made where there is none yet."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        # Checked first, so that a slip is an error that names the field.
        person = User(email=email.strip().lower(), name=name)
        person.full_clean(exclude=["password"])
        user = User.objects.create_user(email, password, name=name)
    held = Membership.objects.filter(user=user, clinic=clinic).first()
    before = held.roles if held else []
    held = held or Membership(user=user, clinic=clinic)
    held.roles = sorted(role.value for role in roles)
    held.full_clean()
    held.save()
    audit.record(
        by=by, action="member.added", about=held, before=before, after=held.roles
    )
    return held


def providers(clinic: Clinic) -> QuerySet[User]:
    return _with_role(clinic, {access.Role.PROVIDER})


def who_may(clinic: Clinic, act: access.Act) -> QuerySet[User]:
    """The members whose roles carry an act, such as those who can own a task."""
    return _with_role(clinic, {r for r in access.Role if act in access.CAPABILITIES[r]})


def _with_role(clinic: Clinic, roles: set[access.Role]) -> QuerySet[User]:
    members = Membership.objects.filter(clinic=clinic, user__is_active=True)
    ids = [m.user_id for m in members if roles & set(m.roles)]
    return User.objects.filter(pk__in=ids)
