"""Every setting is documented, and a bad value is named."""

import ast
import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import environment

READERS = {"str", "list", "db_url", "email_url"}
HELPERS = {"secret", "positive", "whole", "flag", "one_of"}
HELPERS |= {"data_folder", "database", "http_address", "mail_provider", "mail_server"}


def names_read() -> set[str]:
    """The environment variables that config/settings.py asks for."""
    tree = ast.parse((settings.BASE_DIR / "config" / "settings.py").read_text())
    found = set()
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        function, first = call.func, call.args[0]
        is_read = (isinstance(function, ast.Name) and function.id in HELPERS) or (
            isinstance(function, ast.Attribute) and function.attr in READERS
        )
        if is_read and isinstance(first, ast.Constant):
            found.add(str(first.value))
            if isinstance(function, ast.Name) and function.id == "secret":
                found.add(f"{first.value}_FILE")
    return found


def test_the_known_settings_are_found() -> None:
    assert {"PORT", "DATABASE_URL", "SECRET_KEY_FILE", "LOG_LEVEL"} <= names_read()


def test_every_setting_is_in_the_example() -> None:
    example = (settings.BASE_DIR / ".env.example").read_text()
    assert set(re.findall(r"^# ([A-Z_]+)=", example, re.MULTILINE)) == names_read()


def test_every_setting_is_in_the_operators_table() -> None:
    page = (settings.BASE_DIR / "docs" / "operating.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)) == names_read()


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("PORT", "eighty", "PORT must be a whole number, not 'eighty'"),
        ("PORT", "70000", "PORT must be at most 65535, not 70000"),
        ("DEBUG", "perhaps", "DEBUG must be true or false, not 'perhaps'"),
        ("TICK_SECONDS", "0", "TICK_SECONDS must be a whole number above 0, not 0"),
        ("TRUSTED_PROXY_COUNT", "-1", "TRUSTED_PROXY_COUNT must be a whole number, 0"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of"),
        ("MENDLINE_URL", "outcomes", "MENDLINE_URL must be a whole address"),
        ("EMAIL_PROVIDER", "pigeon", "EMAIL_PROVIDER must be one of brevo"),
        ("DATABASE_URL", "mysql://db/x", "DATABASE_URL must start with"),
        ("DATABASE_URL", "foo", "DATABASE_URL must start with"),
        ("EMAIL_URL", "ftp://x", "EMAIL_URL must start with smtp://"),
        ("SMS_PROVIDER", "pigeon", "SMS_PROVIDER must be one of CONSOLE, TWILIO"),
        ("SMS_PROVIDER", "twilio", "SMS_PROVIDER=twilio needs SMS_ACCOUNT"),
        ("SMS_API_URL", "twilio", "SMS_API_URL must be a whole address"),
        ("MENDLINE_DATA", "/proc/x", "MENDLINE_DATA must be a folder"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str, complaint: str) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "config.run"],
        cwd=settings.BASE_DIR,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert started.returncode == 1
    assert started.stderr.startswith(complaint)
    assert started.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "complaint"), [(None, "cannot be read"), ("\n", "is empty")]
)
@pytest.mark.parametrize("name", ["SECRET_KEY_FILE", "LINK_KEY_FILE"])
def test_a_secret_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    text: str | None,
    complaint: str,
) -> None:
    file = tmp_path / "secret"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv(name, str(file))
    with pytest.raises(ImproperlyConfigured, match=f"{name} names .*{complaint}"):
        environment.secret(name.removesuffix("_FILE"))


def test_a_secret_is_read_from_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert environment.secret("SECRET_KEY") == "from the file"


def test_all_who_start_at_once_have_one_key(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(environment.kept_key, [folder] * 24))
    assert len(keys) == 1
    assert [file.name for file in folder.iterdir()] == ["secret_key"]
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


def test_a_kept_key_that_was_emptied_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(ImproperlyConfigured, match="secret_key is empty"):
        environment.kept_key(tmp_path)


def test_the_development_lock_holds_all_of_the_other() -> None:
    folder: Path = settings.BASE_DIR / "requirements"

    def pins(lock: str) -> set[str]:
        text = (folder / lock).read_text()
        return set(re.findall(r"^[a-z0-9-]+==\S+", text, re.MULTILINE))

    assert pins("run.txt") <= pins("dev.txt")
