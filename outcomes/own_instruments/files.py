"""Which kind of file it is, the questionnaires in it, and one as a file again."""

import codecs
from collections.abc import Iterator
from typing import Any

from outcomes.instruments import definitions
from outcomes.instruments.brought import LARGEST, Brought
from outcomes.instruments.fhir import reading as fhir
from outcomes.instruments.fhir import writing
from outcomes.instruments.findings import Finding
from outcomes.instruments.redcap import reading as redcap
from outcomes.models import Instrument, InstrumentDraft, Measure

Source = InstrumentDraft.Source
ZIPPED = b"PK\x03\x04"
BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
AS_TEXT = "Save it as text in UTF-8; Excel calls that “CSV UTF-8”."
# One file makes so many drafts at most.
MOST_FORMS = 30


def source_of(content: bytes) -> Source:
    """JSON and XML are FHIR; all else is read as a data dictionary."""
    start = content[:200].decode("utf-8-sig", "ignore").lstrip()
    return Source.FHIR if start[:1] in ("{", "[", "<") else Source.REDCAP


def _not_read(content: bytes) -> tuple[str, str]:
    """What it is, where it is not worth reading, and what to do."""
    if len(content) > LARGEST:
        return f"it is larger than {LARGEST // 1024 // 1024} MB", ""
    if content.startswith(ZIPPED):
        return "it is a spreadsheet or another packed file", AS_TEXT
    start = content[:200]
    # Every other byte of plain letters is empty.
    if start.startswith(BOMS) or start.count(0) * 3 > len(start):
        return "it is written in UTF-16", AS_TEXT
    return "", ""


def written(row: Instrument) -> dict[str, Any]:
    """A published version as a FHIR R4 Questionnaire, its scores with their names."""
    definition = definitions.of(row)
    measures = Measure.objects.filter(
        clinic_id=row.clinic_id, key__in=definition.measures
    )
    return writing.questionnaire(definition, {each.key: each for each in measures})


def read(
    content: bytes, *, form: str = "", key: str = "", language: str = "en"
) -> Iterator[tuple[str, Brought]]:
    """Each questionnaire by the name of its form, which FHIR has none of."""
    problem, remedy = _not_read(content)
    if problem:
        yield "", Brought(None, (Finding("The file", problem, remedy),))
    elif source_of(content) == Source.FHIR:
        yield "", fhir.read(content, key=key)
    else:
        yield from _forms(content, form, key, language)


def _forms(
    content: bytes, form: str, key: str, language: str
) -> Iterator[tuple[str, Brought]]:
    names = [form] if form else redcap.forms(content)
    if len(names) > MOST_FORMS:
        many = f"it holds {len(names)} forms; at most {MOST_FORMS} at a time"
        yield "", Brought(None, (Finding("The file", many, "Name one of them."),))
        return
    for name in names or [""]:
        own_key = key if len(names) < 2 else ""
        yield (
            name,
            redcap.read(content, form=name, key=own_key, language=language),
        )
