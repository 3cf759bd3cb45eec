"""Brings database, page files and demo clinic up to date; prints who can sign in."""

import contextlib
import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import CommandError, call_command
from django.db import OperationalError


def say(text: str) -> None:
    """Progress; the standard output is for the list of those who can sign in."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def page_files_fingerprint() -> str:
    """Changes whenever a static file of ours or of a package does."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_page_files(stamp: Path) -> None:
    fingerprint = page_files_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    call_command(
        "collectstatic",
        interactive=False,
        clear=True,
        ignore_patterns=["redoc"],
        verbosity=0,
    )
    stamp.write_text(fingerprint)


def prepare() -> None:
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    say(f"2/5 database      {database_name()}")
    call_command("migrate", interactive=False, verbosity=0)
    say("3/5 page files")
    collect_page_files(settings.DATA_DIR / "static.stamp")
    say("4/5 demo clinic")
    # Its progress bar belongs on the terminal, not in the list of logins.
    with contextlib.redirect_stdout(sys.stderr):
        call_command("demo", if_empty=True)
    tell_who_signs_in()


def tell_who_signs_in() -> None:
    try:
        call_command("demo", who=True)
    except CommandError:
        # No demo here: a clinic of its own, whose people know their passwords.
        sys.stdout.write("Sign in with an account of your clinic.\n")


def database_name() -> str:
    """Where the rows are, without the password."""
    database = settings.DATABASES["default"]
    host = database.get("HOST")
    return f"{database['NAME']} on {host}" if host else str(database["NAME"])


def main() -> int:
    django.setup()
    try:
        prepare()
    except OperationalError as error:
        say(f"The database {database_name()} cannot be used: {error}")
        return 1
    except CommandError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
