"""Values from the environment; one that cannot be right is named."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
# Those of django-anymail that need no further package.
MAIL_PROVIDERS = {
    *("brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "mandrill", "postal"),
    *("postmark", "resend", "scaleway", "sendgrid", "sparkpost", "unisender_go"),
}
DATABASES = {"sqlite", "postgres", "postgresql"}


def secret(name: str, default: str = "") -> str:
    """A value from NAME, or from the file that NAME_FILE points to."""
    file = env.str(f"{name}_FILE", default="")
    if not file:
        return env.str(name, default=default)
    try:
        value = Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {file!r}, which cannot be read: {error}"
        ) from error
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE names {file!r}, which is empty")
    return value


def positive(name: str, default: int) -> int:
    value = whole(name, default)
    if value <= 0:
        raise ImproperlyConfigured(
            f"{name} must be a whole number above 0, not {value}"
        )
    return value


def whole(name: str, default: int) -> int:
    value = env.str(name, default=str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must be a whole number, not {value!r}"
        ) from error


def flag(name: str, default: bool) -> bool:
    value = env.str(name, default=str(default)).lower()
    if value not in {"true", "1", "yes", "on", "false", "0", "no", "off"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")
    return value in {"true", "1", "yes", "on"}


def one_of(name: str, default: str, allowed: set[str]) -> str:
    value = env.str(name, default=default).upper()
    if value not in allowed:
        raise ImproperlyConfigured(
            f"{name} must be one of {', '.join(sorted(allowed))}, not {value!r}"
        )
    return value


def http_address(name: str, default: str) -> str:
    """Without the slash at its end."""
    value = env.str(name, default=default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} must be a whole address such as https://outcomes.example.org, "
            f"not {value!r}"
        )
    return value


def data_folder(name: str, default: Path) -> Path:
    """Made where it is not there yet."""
    folder = Path(env.str(name, default=str(default))).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} must be a folder we can write to, not {str(folder)!r}: "
            f"{error.strerror}"
        ) from error
    return folder


def database(name: str, default: str) -> dict[str, Any]:
    # The value itself may hold a password, and is not repeated.
    scheme = urlsplit(env.str(name, default=default)).scheme
    if scheme not in DATABASES:
        raise ImproperlyConfigured(
            f"{name} must start with sqlite:/// or postgres://, not {scheme or 'that'}"
        )
    return dict(env.db_url(name, default=default))


def mail_server(name: str) -> dict[str, Any]:
    address = urlsplit(env.str(name))
    if address.scheme not in env.EMAIL_SCHEMES:
        raise ImproperlyConfigured(
            f"{name} must start with smtp://, smtp+tls:// or smtp+ssl://, "
            f"not {address.scheme or 'that'}"
        )
    return dict(env.email_url(name))


def mail_provider(name: str) -> str:
    """The provider whose web service takes mail, or nothing."""
    given = env.str(name, default="").lower()
    if given and given not in MAIL_PROVIDERS:
        raise ImproperlyConfigured(
            f"{name} must be one of {', '.join(sorted(MAIL_PROVIDERS))}, not {given!r}"
        )
    return given


def secrets_beginning(prefix: str) -> dict[str, str]:
    """All that begin so, without that beginning; each also from a file."""
    names = {name.removesuffix("_FILE") for name in env.ENVIRON}
    wanted = sorted(name for name in names if name.startswith(prefix))
    return {name.removeprefix(prefix): secret(name) for name in wanted}


def kept_key(folder: Path) -> str:
    """The machine's own secret key: made once, readable by its owner only."""
    file = folder / "secret_key"
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_key(file)
    key = file.read_text().strip()
    if not key:
        raise ImproperlyConfigured(
            f"{file} is empty; put the key back, or remove the file to have a new one"
        )
    return key


def make_key(file: Path) -> None:
    """Whole or not at all; of two processes that start at once the first one's."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix="secret_key.")
    try:
        with open(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(50))
            out.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        os.unlink(draft)
