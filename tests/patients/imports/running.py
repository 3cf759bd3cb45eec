"""Imports as the pages and the worker do them, without either."""

import json
from pathlib import Path

from clinic import audit
from patients.models import PatientImport
from patients.record.imports import files, person, runs, work
from patients.record.imports.mapping import Mapping

MRN_SYSTEM = "http://lakeview.example/mrn"
HEADER = "MRN,First name,Last name,Date of birth,Sex,Email,Phone,Language\n"
ROWS = (
    "A1,Rosa,Delgado,1961-07-02,F,rosa@example.org,312-555-0101,Spanish\n"
    "A2,Wilhelm,Tannen,1949-11-30,male,,312 555 0102,en\n"
    "A3,Mei,Okonjo,1990-02-28,2,mei@example.org,,English\n"
)
LIST = HEADER + ROWS.replace(",2,mei", ",female,mei")


def receive(clinic, text: str | bytes, *, by=audit.SYSTEM, name="list.csv"):
    """An uploaded file, not confirmed yet."""
    content = text if isinstance(text, bytes) else text.encode()
    upload = files.folder() / "upload-test"
    upload.write_bytes(content)
    return runs.receive(clinic, by=by, upload=Path(upload), file_name=name)


def mapping_of(run: PatientImport, **changes) -> Mapping:
    return Mapping.from_json({**Mapping(**run.mapping).as_json(), **changes})


def bring_in(clinic, text: str | bytes, *, by=audit.SYSTEM, **changes) -> PatientImport:
    """Received, confirmed as guessed but for the changes, and worked off."""
    run = receive(clinic, text, by=by)
    runs.confirm(run, by=by, chosen=mapping_of(run, **changes))
    assert not work.work_off(run.pk)
    run.refresh_from_db()
    return run


def counts(run: PatientImport, of: str = "patients") -> dict[str, int]:
    return run.counts.get(of, {})


def why(run: PatientImport) -> dict[int, str]:
    """What was refused: row -> reason."""
    return {row.number: row.why for row in run.refused_rows.all()}


def bundle(*resources: dict, urls: bool = False) -> str:
    entries = []
    for number, resource in enumerate(resources):
        entry = {"resource": resource}
        if urls:
            entry = {"fullUrl": f"urn:uuid:{number}", **entry}
        entries.append(entry)
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": entries}
    )


def lines(*resources: dict) -> str:
    return "\n".join(map(json.dumps, resources)) + "\n"


def fhir_patient(number: int = 1, **more) -> dict:
    return {
        "resourceType": "Patient",
        "id": f"p{number}",
        "identifier": [{"system": MRN_SYSTEM, "value": f"F{number}"}],
        "name": [{"use": "official", "family": f"Tannen{number}", "given": ["Ida"]}],
        "birthDate": "1961-07-02",
        "gender": "female",
        **more,
    }


def fhir_condition(code: str = "M54.16", subject: str = "Patient/p1", **more) -> dict:
    return {
        "resourceType": "Condition",
        "id": f"c-{code}",
        "subject": {"reference": subject},
        "code": {
            "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]
        },
        **more,
    }


__all__ = [
    "HEADER",
    "LIST",
    "MRN_SYSTEM",
    "ROWS",
    "bring_in",
    "bundle",
    "counts",
    "fhir_condition",
    "fhir_patient",
    "lines",
    "mapping_of",
    "person",
    "receive",
    "why",
]
