"""What the commands that make clinics and accounts share at a terminal."""

import getpass
import secrets
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from clinic.models import Clinic, User


def add_password_option(parser: CommandParser) -> None:
    parser.add_argument(
        "--ask-password",
        action="store_true",
        help="ask for the password of a new account instead of making one",
    )


def new_password(email: str, *, ask: bool) -> str | None:
    """A password for an account that is made now; None where one exists."""
    if User.objects.filter(email=email.strip().lower()).exists():
        return None
    if not ask:
        return secrets.token_urlsafe(15)
    password = getpass.getpass(f"Password for {email}: ")
    try:
        password_validation.validate_password(password)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    if getpass.getpass("The same again: ") != password:
        raise CommandError("The two passwords differ; nothing was changed.")
    return password


def account_lines(email: str, password: str | None, *, asked: bool) -> list[str]:
    if password is None:
        return [f"{email} has an account already and keeps its password."]
    if asked:
        return [f"{email} can sign in with the password you gave."]
    return [
        f"{email} can sign in with this password, shown only now:",
        "",
        f"    {password}",
        "",
    ]


def find_clinic(slug: str) -> Clinic:
    clinic = Clinic.objects.filter(slug=slug).first()
    if clinic is None:
        known = ", ".join(Clinic.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"No clinic has the slug {slug!r}; there are: {known}.")
    return clinic


def refusal(
    error: ValidationError, names: dict[str, str] | None = None
) -> CommandError:
    """The errors of a verb, each after the option it is about."""
    if not hasattr(error, "error_dict"):
        return CommandError(" ".join(error.messages))
    found: dict[str, Any] = error.message_dict
    options = names or {}
    return CommandError(
        " ".join(
            f"{options.get(field, field)}: {' '.join(messages)}"
            for field, messages in found.items()
        )
    )
