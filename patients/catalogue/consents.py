"""The words that patients agree to, by version; a consent names the one it was."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data" / "consents.toml"
LANGUAGES = ("en", "es")
SCOPES = (
    *("email", "sms", "phone", "letter"),
    *("treatment", "registry", "research"),
    "procedure",
)
# Of a consent from before wordings were kept.
UNKNOWN = "unknown"
# Fits the column that a consent names its version in.
VERSION_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Version:
    """One set of wordings: by scope, then by language."""

    version: str
    since: date
    wordings: Mapping[str, Mapping[str, str]]


@functools.cache
def versions() -> dict[str, Version]:
    """Oldest first."""
    return read_versions(DATA)


def current_version() -> str:
    return list(versions())[-1]


def wording(version: str, scope: str, language: str) -> str:
    """What was agreed to, else in English; nothing where the version is unknown."""
    known = versions().get(version)
    if known is None:
        return ""
    texts = known.wordings[scope]
    return texts.get(language, texts["en"])


def read_versions(path: Path) -> dict[str, Version]:
    file = reference_data.read_toml(path)
    found: dict[str, Version] = {}
    for entry in file.tables("versions"):
        made = _version(entry, found)
        last = max((one.since for one in found.values()), default=date.min)
        if made.since < last:
            raise entry.error("since", f"must not lie before {last}, the one above.")
        found[made.version] = made
    file.finish()
    if not found:
        raise file.error("versions", "is missing or empty.")
    return found


def _version(entry: reference_data.Entry, used: Mapping[str, Version]) -> Version:
    version = entry.unique_text("version", used)
    if version == UNKNOWN or len(version) > VERSION_LENGTH:
        raise entry.error("version", f"must be a name of up to {VERSION_LENGTH} signs.")
    made = Version(
        version=version,
        since=entry.day("since"),
        wordings={scope: _texts(entry.table(scope)) for scope in SCOPES},
    )
    entry.finish()
    return made


def _texts(table: reference_data.Entry) -> dict[str, str]:
    texts = {language: table.text(language) for language in LANGUAGES}
    table.finish()
    return texts
