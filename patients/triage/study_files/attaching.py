"""Reports attached to a study: the bytes first, then the row that names them."""

import hashlib
import logging

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic import audit
from clinic.audit import By
from clinic.models import User
from patients.models import Study, StudyFile
from patients.triage.study_files import file_store, file_types

MOST_FILES = 20
TWICE = "This file is attached already."
OUT_OF_USE = (Study.State.CANCELLED, Study.State.ENTERED_IN_ERROR)

logger = logging.getLogger(__name__)


def attach(study: Study, *, by: By, name: str, content: bytes) -> StudyFile:
    """Kept as it came, if it is what it may be; refused in words otherwise.

    Outermost on purpose: an outer transaction that fails later would leave the bytes.
    """
    kind = file_types.sniff(content)
    file = StudyFile(
        clinic_id=study.clinic_id,
        study=study,
        name=file_types.safe_name(name, kind),
        content_type=kind.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by if isinstance(by, User) else None,
    )
    file_store.write(study.clinic_id, file.pk, content)
    try:
        with transaction.atomic(durable=True):
            _add(file, by=by)
    except BaseException as error:
        file_store.remove(study.clinic_id, file.pk)
        if isinstance(error, IntegrityError) and "sha256" in str(error):
            raise file_types.refusal(TWICE) from error
        raise
    return file


def content_of(file: StudyFile) -> bytes | None:
    """The bytes as they came; None, and a line in the log, where they are not there."""
    content = file_store.read(file.clinic_id, file.pk)
    if content is None or hashlib.sha256(content).hexdigest() != file.sha256:
        logger.error("The attachment %s is missing or not as it came", file.pk)
        return None
    return content


def _add(file: StudyFile, *, by: By) -> None:
    study = Study.objects.select_for_update(no_key=True).get(pk=file.study_id)
    if study.state in OUT_OF_USE:
        word = study.get_state_display()
        raise ValidationError(f"The study is {word}; nothing is attached to it.")
    if study.files.count() >= MOST_FILES:
        raise file_types.refusal(f"A study takes {MOST_FILES} files at most.")
    if study.files.filter(sha256=file.sha256).exists():
        raise file_types.refusal(TWICE)
    file.full_clean(exclude=["uploaded_by", "study"])
    file.save()
    audit.record(
        by=by,
        action="study_file.attached",
        about=file,
        study=str(study.pk),
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
    )
