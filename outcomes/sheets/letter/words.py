"""The words of a letter to a clinician, in both languages."""

import functools
from collections.abc import Mapping
from pathlib import Path

from outcomes.dashboards.one_patient import course
from outcomes.models import Measure
from outcomes.survey import texts
from patients.models import Complaint, SourceHypothesis
from plans.models import Modality

DATA = Path(__file__).parent / "data" / "words.toml"
LANGUAGES = texts.LANGUAGES
day = texts.day


@functools.cache
def read() -> Mapping[str, tuple[str, ...]]:
    return texts.read(DATA)


def say(key: str, language: str, **values: object) -> str:
    return read()[key][LANGUAGES.index(language)].format(**values)


def treatment(modality: str, title: str, language: str) -> str:
    """As it was recorded; in Spanish by its kind, for titles are written in English."""
    if language == "en":
        return title
    known = modality if modality in Modality.values else Modality.OTHER
    return say(f"modality_{known}", language)


def source(hypothesis: SourceHypothesis, language: str) -> str:
    name = say(f"source_{hypothesis.source}", language)
    if hypothesis.side == "none":
        return name
    return f"{name}, {say(f'side_{hypothesis.side}', language)}"


def measure(measured: Measure, complaint: Complaint, language: str) -> str:
    """As clinicians call it; a clinic's own measure keeps the name it came with."""
    key = f"measure_{measured.key}"
    if language == "en" or key not in read():
        return course.title_of(complaint, measured)
    return say(key, language, site=complaint.site_phrase(language))
