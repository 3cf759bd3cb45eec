"""Drafts of a clinic's own questionnaires: brought, given scores, discarded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from clinic import audit, clock
from clinic.audit import By
from clinic.models import Clinic, User
from clinic.reference_data import ReferenceDataError
from outcomes.instruments import brought, findings, library, own_scores, reading
from outcomes.instruments.brought import LONGEST_KEY, LONGEST_TITLE, Brought
from outcomes.instruments.definition import InstrumentDefinition, in_language
from outcomes.instruments.findings import Finding
from outcomes.instruments.own_scores import OwnScore, Spec
from outcomes.models import InstrumentDraft
from outcomes.own_instruments import files
from plans.protocols import measures as vocabulary

# A page would list no more, and nobody works on more at once.
MOST_DRAFTS = 200


@dataclass(frozen=True, slots=True)
class Content:
    """What a draft holds, read: with the scores that can be reckoned."""

    definition: InstrumentDefinition | None
    scores: Sequence[OwnScore]
    findings: Sequence[Finding]

    @property
    def refusals(self) -> list[Finding]:
        return [each for each in self.findings if each.is_refusal]

    @property
    def notices(self) -> list[Finding]:
        return [each for each in self.findings if not each.is_refusal]


class NothingReadError(ValidationError):
    """The file is no questionnaire, or nothing of it could be made into one."""

    def __init__(self, found: Sequence[Finding]) -> None:
        super().__init__([str(each) for each in found])
        self.found = found


@transaction.atomic
def bring(
    clinic: Clinic,
    content: bytes,
    *,
    file_name: str,
    by: By,
    form: str = "",
    key: str = "",
    language: str = "en",
) -> list[InstrumentDraft]:
    """A draft for each questionnaire in the file, whatever is wrong with it.

    A file that holds none leaves no row: there is nothing to look at, only to discard.
    """
    if not content:
        raise ValidationError({"file": "The file is empty."})
    if InstrumentDraft.objects.filter(clinic=clinic).count() >= MOST_DRAFTS:
        raise ValidationError(
            f"There are {MOST_DRAFTS} drafts already; publish or discard some."
        )
    name = brought.clean(PurePath(file_name).name)[:120] or "file"
    found = []
    read = list(files.read(content, form=form, key=key, language=language))
    if not any(one.definition for _, one in read):
        wrong = dict.fromkeys(each for _, one in read for each in one.findings)
        raise NothingReadError(list(wrong))
    for form_name, one in read:
        draft = _draft(clinic, content, one, name, form_name or key, by)
        draft.save()
        audit.record(
            by=by,
            action="instrument_draft.brought",
            about=draft,
            key=draft.key,
            file=name,
            refused=len(one.refusals),
            noted=len(one.notices),
        )
        found.append(draft)
    return found


def _draft(
    clinic: Clinic, content: bytes, one: Brought, name: str, called: str, by: By
) -> InstrumentDraft:
    definition = one.definition
    title = in_language(definition.title, "en") if definition else called or name
    key = definition.key if definition else called or title
    return InstrumentDraft(
        clinic=clinic,
        key=own_key(key),
        title=brought.clean(title)[:LONGEST_TITLE] or "Questionnaire",
        source=files.source_of(content),
        file_name=name,
        definition=definition.to_json() if definition else {},
        findings=findings.to_json(one.findings),
        scores=list(one.scores),
        changed_by=person(by),
    )


def own_key(name: str) -> str:
    """What ships keeps its keys to itself."""
    key = brought.key_of(name) or "questionnaire"
    taken = key in library.instruments() or key in vocabulary.vocabulary()
    return f"own_{key}"[:LONGEST_KEY] if taken else key


def person(by: By) -> User | None:
    return None if isinstance(by, audit.Actor) else by


def read(draft: InstrumentDraft) -> Content:
    """Its definition under its own key, and what is wrong with it and its scores."""
    told = list(draft.found)
    if not draft.definition:
        return Content(None, (), told)
    definition = reading.stored({**draft.definition, "key": draft.key})
    scores, wrong = own_scores.read(draft.scores, definition, vocabulary.slots())
    return Content(own_scores.with_scores(definition, scores), scores, [*told, *wrong])


@transaction.atomic
def set_scores(
    draft: InstrumentDraft, specs: Sequence[Spec], *, by: By, revision: int
) -> InstrumentDraft:
    """Replace all its scores; what is wrong with them is among its findings."""
    if len(specs) > own_scores.MOST:
        raise ValidationError({"scores": f"At most {own_scores.MOST} scores."})
    kept = InstrumentDraft.objects.filter(pk=draft.pk, revision=revision).update(
        scores=list(specs),
        revision=F("revision") + 1,
        changed_at=clock.now(),
        changed_by=person(by),
    )
    if not kept:
        raise ValidationError(
            "Somebody changed this draft since you opened it. Open it again."
        )
    draft.refresh_from_db()
    audit.record(
        by=by,
        action="instrument_draft.scored",
        about=draft,
        key=draft.key,
        scores=[str(spec.get("key", "")) for spec in specs],
    )
    return draft


def set_scores_of_file(
    draft: InstrumentDraft, content: bytes, *, by: By, revision: int
) -> InstrumentDraft:
    try:
        specs = own_scores.parse(content)
    except ReferenceDataError as error:
        raise ValidationError({"file": str(error)}) from None
    return set_scores(draft, specs, by=by, revision=revision)


def set_score(
    draft: InstrumentDraft, spec: Mapping[str, Any], *, by: By, revision: int
) -> InstrumentDraft:
    """Put in one score, in the place of the one with the same key."""
    others = [each for each in draft.scores if each.get("key") != spec["key"]]
    return set_scores(draft, [*others, dict(spec)], by=by, revision=revision)


def remove_score(
    draft: InstrumentDraft, key: str, *, by: By, revision: int
) -> InstrumentDraft:
    kept = [each for each in draft.scores if each.get("key") != key]
    return set_scores(draft, kept, by=by, revision=revision)


@transaction.atomic
def discard(draft: InstrumentDraft, *, by: By) -> None:
    """Throw it away; what is published stays."""
    audit.record(by=by, action="instrument_draft.discarded", about=draft, key=draft.key)
    InstrumentDraft.objects.filter(pk=draft.pk).delete()
