"""Phrases that a patient is offered, to know our messages by."""

import functools
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data" / "phrases.toml"
LANGUAGES = ("en", "es")


def offered(language: str) -> tuple[str, ...]:
    return _read(DATA)[language if language in LANGUAGES else "en"]


@functools.cache
def _read(path: Path) -> dict[str, tuple[str, ...]]:
    file = reference_data.read_toml(path)
    file.integer("version")
    file.text("source")
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for entry in file.tables("phrases"):
        for language in LANGUAGES:
            found[language].append(entry.unique_text(language, found[language]))
        entry.finish()
    file.finish()
    return {language: tuple(each) for language, each in found.items()}
