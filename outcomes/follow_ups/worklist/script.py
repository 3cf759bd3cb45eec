"""What to say on the phone, in the patient's language."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.models import User
from outcomes.survey import texts
from patients.models import Patient

FILE = Path(__file__).parent / "data" / "call_script.toml"


@dataclass(frozen=True, slots=True)
class Script:
    """Sentences to read out; those to a machine or others tell nothing of health."""

    language: str
    greeting: str
    identity: str
    reason: str
    later: str
    somebody_else: str
    voicemail: str


@functools.cache
def sentences() -> Mapping[str, tuple[str, ...]]:
    return texts.read(FILE)


def of(patient: Patient, caller: User) -> Script:
    clinic, language = patient.clinic, patient.language
    position = texts.LANGUAGES.index(language)
    say = {key: pair[position] for key, pair in sentences().items()}
    if clinic.phone:
        say["voicemail"] = say["voicemail_with_number"]
    facts = {
        "clinic": clinic.name,
        "sender": clinic.sender_name or clinic.name,
        "caller": caller.name,
        "name": str(patient),
        "phone": clinic.phone,
    }
    names = ("greeting", "identity", "reason", "later", "somebody_else", "voicemail")
    return Script(language, *(say[name].format(**facts) for name in names))
