"""How the clinic writes to its patients: when, under which name, from which number."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clinical_words, consequences, reference_data
from clinic.audit import By
from clinic.consequences import Effect
from clinic.models import Clinic

FIELDS = (
    "name",
    "sender_name",
    "phone",
    "sms_sender",
    "zone",
    "sends_from",
    "sends_until",
    "emergency_en",
    "emergency_es",
    "capture_target",
)
ONE_LINE = ("name", "sender_name", "emergency_en", "emergency_es")
_PHONE = re.compile(r"[+(]?\d[\d\s().x-]{5,31}")
# A number, a short code, or the id of a messaging service.
_SMS_SENDER = re.compile(r"\+\d{8,15}|\d{5,6}|MG[0-9a-f]{32}")


def stamp(clinic: Clinic) -> str:
    """Names the settings as they stand, so that a later save knows what it saw."""
    return reference_data.fingerprint({name: _fact(clinic, name) for name in FIELDS})


def changed_fields(clinic: Clinic, changes: dict[str, Any]) -> list[str]:
    named = [name for name in FIELDS if name in changes]
    return [name for name in named if getattr(clinic, name) != changes[name]]


def foresee(clinic: Clinic, *, by: By, **changes: Any) -> Effect:
    """What `update` with the same changes would do to those above; changes nothing."""
    changed = changed_fields(clinic, changes)
    if not changed:
        return Effect()
    becomes = _with(clinic, changes)
    return consequences.foresee("clinic.updated", becomes, by=by, changed=changed)


@transaction.atomic
def update(
    clinic: Clinic, *, by: By, seen: str | None = None, **changes: Any
) -> Clinic:
    """`seen` is the stamp of the settings that the changes were made upon.

    ValidationError names the field, or says that somebody else has changed them.
    """
    # Not its key: whoever writes a row of the clinic would wait, holding patients.
    standing = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    if seen is not None and seen != stamp(standing):
        raise ValidationError(
            "Somebody else has changed the settings since you opened this page. "
            "Nothing was saved; look at what stands now, and save again.",
            code="changed",
        )
    changed = changed_fields(standing, changes)
    becomes = _with(standing, changes)
    _check(becomes)
    if changed:
        becomes.save(update_fields=changed)
        consequences.apply("clinic.updated", becomes, by=by, changed=changed)
        audit.record(
            by=by,
            action="clinic.updated",
            about=becomes,
            before={name: _fact(standing, name) for name in changed},
            after={name: _fact(becomes, name) for name in changed},
        )
    return becomes


def _with(clinic: Clinic, changes: dict[str, Any]) -> Clinic:
    becomes = copy.copy(clinic)
    for name in changed_fields(clinic, changes):
        setattr(becomes, name, changes[name])
    return becomes


def _fact(clinic: Clinic, name: str) -> str | int:
    value = getattr(clinic, name)
    return value if isinstance(value, int) else str(value)


def _check(clinic: Clinic) -> None:
    """Each fault at its field, in words; the database holds the same rules."""
    faults = dict([*_spelling_faults(clinic), *_number_faults(clinic)])
    if faults:
        raise ValidationError(faults)
    clinic.full_clean()


def _spelling_faults(clinic: Clinic) -> Iterator[tuple[str, str]]:
    for name in ONE_LINE:
        if not getattr(clinic, name).isprintable():
            yield name, "Write it in one line."
    for name in ("emergency_en", "emergency_es"):
        # It stands in messages, which whoever holds the phone can read.
        for word in clinical_words.find(getattr(clinic, name), [clinic.name]):
            yield name, f"“{word.word}” is a {word.group}; say it without."


def _number_faults(clinic: Clinic) -> Iterator[tuple[str, str]]:
    if clinic.phone and not _PHONE.fullmatch(clinic.phone):
        yield "phone", "Give a phone number such as 312 555 0100, or none."
    if clinic.sms_sender and not _SMS_SENDER.fullmatch(clinic.sms_sender):
        yield (
            "sms_sender",
            "Give a number such as +13125550100, a short code, or the id of a "
            "messaging service, which begins with MG.",
        )
    if clinic.sends_from >= clinic.sends_until:
        yield "sends_until", "The window closes before it opens: choose a later time."
    if clinic.capture_target > 100:
        yield "capture_target", "Give a percentage from 0 to 100."
