"""Drafts of the next version: begun, saved, published once, or discarded.

A draft is one document that may be wrong while it is worked on; publishing makes rows
of it that never change.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.text import slugify

from clinic import audit, clock
from clinic.models import User
from plans.models import Protocol, ProtocolDraft
from plans.protocols import checks, comparison, documents, library, offered, stored
from plans.protocols.documents import Reading

TITLE_LENGTH, NOTE_LENGTH, KEY_LENGTH = 120, 300, 40
# More than any protocol says, and less than a database refuses.
MOST_CHARACTERS = 200_000
ALREADY_GONE = "This draft was published or discarded already."


@transaction.atomic
def begin(protocol: Protocol | None, *, by: User, title: str = "") -> ProtocolDraft:
    """A draft of the protocol's next version, or of a new one with that title.

    A protocol has one draft: where it has one already, that one goes on.
    """
    if by.membership is None:
        raise ValidationError("You belong to no clinic yet.")
    clinic_id = by.membership.clinic_id
    if protocol is not None:
        key, content = protocol.key, documents.write(stored.definition_of(protocol))
    else:
        key, content = _new(clinic_id, title)
    draft, is_new = ProtocolDraft.objects.get_or_create(
        clinic_id=clinic_id,
        key=key,
        defaults={"based_on": protocol, "content": content, "changed_by": by},
    )
    if is_new:
        based_on = str(protocol) if protocol else ""
        audit.record(
            by=by, action="protocol_draft.begun", about=draft, key=key, of=based_on
        )
    return draft


def _new(clinic_id: Any, title: str) -> tuple[str, dict[str, Any]]:
    title = title.strip()
    if not title or len(title) > TITLE_LENGTH:
        words = f"Give a title of at most {TITLE_LENGTH} characters."
        raise ValidationError({"title": words})
    used = {
        key
        for model in (Protocol, ProtocolDraft)
        for key in model.objects.filter(clinic_id=clinic_id).values_list(
            "key", flat=True
        )
    }
    key = _unused(slugify(title) or "protocol", used)
    return key, {"title": title, "rungs": library.ladder()}


@transaction.atomic
def save(
    draft: ProtocolDraft, content: Mapping[str, Any], *, revision: int, by: User
) -> ProtocolDraft:
    """Keep what was typed, also where it is not right yet.

    `revision` is the one it was read at: what somebody saved since is not overwritten.
    """
    kept = _named(_shaped(content))
    is_saved = ProtocolDraft.objects.filter(pk=draft.pk, revision=revision).update(
        content=kept,
        revision=F("revision") + 1,
        changed_at=clock.now(),
        changed_by=by,
    )
    if not is_saved:
        raise ValidationError({"revision": _lost(draft)})
    draft.refresh_from_db()
    audit.record(
        by=by,
        action="protocol_draft.saved",
        about=draft,
        key=draft.key,
        before=revision,
        after=draft.revision,
    )
    return draft


def _lost(draft: ProtocolDraft) -> str:
    now = ProtocolDraft.objects.filter(pk=draft.pk).select_related("changed_by").first()
    if now is None:
        return ALREADY_GONE
    return (
        f"{now.changed_by or 'Somebody'} saved this draft since you opened it. Open it "
        "again, and enter your change there."
    )


@transaction.atomic
def discard(draft: ProtocolDraft, *, by: User) -> None:
    """Throw it away; published versions stay as they are."""
    _take(draft, draft.revision)
    audit.record(
        by=by,
        action="protocol_draft.discarded",
        about=draft,
        key=draft.key,
        content=draft.content,
    )


@transaction.atomic
def publish(
    draft: ProtocolDraft, *, change_note: str, by: User, revision: int | None = None
) -> Protocol:
    """Make it the next version, for plans to come; those that run keep theirs.

    `revision` is the one whose differences were looked at, else the draft's as it is.
    """
    note = change_note.strip()
    if not note or len(note) > NOTE_LENGTH:
        words = f"Say what changed and why, in at most {NOTE_LENGTH} characters."
        raise ValidationError({"change_note": words})
    reading = read(draft)
    problems = checks.problems(reading)
    if problems:
        raise ValidationError([str(problem) for problem in problems])
    _check_news(draft, reading)
    _take(draft, draft.revision if revision is None else revision)
    try:
        with transaction.atomic():
            protocol = stored.publish(
                draft.clinic_id, reading.definition, published_by=by, change_note=note
            )
    except IntegrityError:
        raise ValidationError(ALREADY_GONE) from None
    audit.record(
        by=by,
        action="protocol.published",
        about=protocol,
        key=protocol.key,
        version=protocol.version,
        sha256=protocol.sha256,
        change_note=note,
        draft=str(draft.pk),
    )
    return protocol


def read(draft: ProtocolDraft) -> Reading:
    """What it would say as the next version."""
    last = Protocol.objects.filter(clinic=draft.clinic_id, key=draft.key).aggregate(
        last=Max("version")
    )["last"]
    return documents.read(draft.content, key=draft.key, version=(last or 0) + 1)


def _check_news(draft: ProtocolDraft, reading: Reading) -> None:
    if draft.based_on is None:
        return
    newest = offered.newest_of(draft.based_on)
    if newest.version != draft.based_on.version:
        raise ValidationError(
            f"This draft was begun from version {draft.based_on.version}, and "
            f"version {newest.version} was published since. Begin again from that one."
        )
    if not comparison.differences(stored.definition_of(newest), reading.definition):
        raise ValidationError(
            f"This draft says the same as version {newest.version}; there is nothing "
            "to publish."
        )


def _take(draft: ProtocolDraft, revision: int) -> None:
    """Once only, also when two people press at once, and as it was read."""
    taken, _ = ProtocolDraft.objects.filter(pk=draft.pk, revision=revision).delete()
    if not taken:
        raise ValidationError(_lost(draft))


@transaction.atomic
def retire(protocol: Protocol, *, by: User) -> Protocol:
    """Offer it no more for new plans; those that run go on with it."""
    return _set_retired(protocol, True, by)


@transaction.atomic
def bring_back(protocol: Protocol, *, by: User) -> Protocol:
    return _set_retired(protocol, False, by)


def _set_retired(protocol: Protocol, retired: bool, by: User) -> Protocol:
    newest = offered.newest_of(protocol)
    if newest.version != protocol.version:
        raise ValidationError(
            f"Version {protocol.version} is offered no more anyway; open version "
            f"{newest.version}."
        )
    stands = Protocol.objects.filter(pk=protocol.pk, retired_at__isnull=retired)
    if not stands.update(retired_at=clock.now() if retired else None):
        words = "retired" if retired else "offered"
        raise ValidationError(f"This protocol is {words} already.")
    protocol.refresh_from_db(fields=["retired_at"])
    audit.record(
        by=by,
        action="protocol.retired" if retired else "protocol.brought_back",
        about=protocol,
        key=protocol.key,
        version=protocol.version,
    )
    return protocol


def _shaped(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a draft can keep; what is wrong in it is told beside the field later."""
    if not isinstance(content, Mapping):
        raise ValidationError({"content": "Give an object with the protocol's parts."})
    known = {field.name for field in documents.HEAD} | set(documents.SECTIONS)
    unknown = sorted(set(content) - known)
    if unknown:
        names = ", ".join(sorted(known))
        words = f"{unknown[0]!r} is no part of a protocol; its parts are {names}."
        raise ValidationError({"content": words})
    for section, (_, _, most) in documents.SECTIONS.items():
        _check_rows(section, content.get(section, []), most)
    _check_text(content)
    return dict(content)


def _check_text(content: Mapping[str, Any]) -> None:
    """PostgreSQL stores neither a NUL nor half of a surrogate pair."""
    words = "A text holds a character that cannot be stored; type it anew."
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:
        raise ValidationError({"content": words}) from None
    if "\\u0000" in text:
        raise ValidationError({"content": words})
    if len(text) > MOST_CHARACTERS:
        raise ValidationError({"content": "This is longer than a protocol can be."})


def _check_rows(section: str, rows: Any, most: int) -> None:
    if not isinstance(rows, list) or not all(isinstance(r, Mapping) for r in rows):
        raise ValidationError({"content": f"{section} must be a list of objects."})
    if len(rows) > most:
        words = f"{section}: at most {most} are taken; remove {len(rows) - most}."
        raise ValidationError({"content": words})


def _named(content: dict[str, Any]) -> dict[str, Any]:
    """Gives a key to the steps and time points that have none, from their names."""
    named = dict(content)
    for section, source in (("steps", "title"), ("timepoints", "label")):
        used = {str(row.get("key", "")) for row in content.get(section, [])}
        rows = []
        for row in content.get(section, []):
            if not row.get("key") and isinstance(row.get(source), str):
                key = _unused(slugify(row[source]), used)
                used.add(key)
                row = {**row, "key": key}
            rows.append(row)
        if section in content:
            named[section] = rows
    return named


def _unused(wanted: str, used: Collection[str]) -> str:
    if not wanted:
        return ""
    wanted = wanted[: KEY_LENGTH - 3].strip("-")
    candidates = [wanted, *(f"{wanted}-{n}" for n in range(2, 100))]
    return next(key for key in candidates if key not in used)
