"""The patient's texts around the questions, in both languages."""

import functools
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data"
FILES = ("texts.toml", "intake.toml", "in_clinic.toml", "own_page.toml")
LANGUAGES = ("en", "es")


@functools.cache
def phrases(language: str) -> Mapping[str, str]:
    """Every text of the language; English for a language that is not known."""
    position = LANGUAGES.index(language) if language in LANGUAGES else 0
    found = {key: pair for file in FILES for key, pair in read(DATA / file).items()}
    return {key: pair[position] for key, pair in found.items()}


def say(key: str, language: str, **values: object) -> str:
    return phrases(language)[key].format(**values)


def in_all(key: str, **values: object) -> dict[str, str]:
    """The text in every language, as questions hold theirs."""
    return {language: say(key, language, **values) for language in LANGUAGES}


def day(on: date, language: str) -> str:
    """As people write it: March 3, 2024, or 3 de marzo de 2024."""
    month = phrases(language)[f"month_{on.month}"]
    if language == "es":
        return f"{on.day} de {month} de {on.year}"
    return f"{month} {on.day}, {on.year}"


def other_language(language: str) -> str:
    return "en" if language == "es" else "es"


def read(path: Path) -> dict[str, tuple[str, ...]]:
    """The texts of a file by key, each in the order of LANGUAGES."""
    found: dict[str, tuple[str, ...]] = {}
    for key, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        entry = reference_data.Entry(f"{path.name}, {key}", table)
        found[key] = tuple(entry.text(language) for language in LANGUAGES)
        entry.finish()
    return found
