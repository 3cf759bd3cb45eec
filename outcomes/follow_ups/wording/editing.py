"""Writing the clinic's own words, and going back to ours: the only code that does."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic import audit, clock
from clinic.audit import By
from clinic.models import Clinic
from outcomes.follow_ups.wording import defaults, rungs, texts
from outcomes.follow_ups.wording.choosing import values_for, words_of
from outcomes.follow_ups.wording.defaults import Key
from outcomes.follow_ups.wording.texts import Objection, Text
from outcomes.models.messages import Wording

# As long as a patient's token, and nobody's.
DEAD_TOKEN = "TEST-link-not-a-survey"  # noqa: S105  it opens nothing
OURS = ""


def dead_link() -> str:
    return f"{settings.SITE_URL}{reverse('outcomes:enter', args=[DEAD_TOKEN])}"


def find(clinic: Clinic, key: Key) -> Wording | None:
    channel, kind, language = key
    rows = Wording.objects.select_related("changed_by").filter(clinic=clinic)
    return rows.filter(channel=channel, kind=kind, language=language).first()


def text_of(row: Wording | None, key: Key) -> Text:
    """`row` is the clinic's own of that key, or what stands in its place."""
    if row:
        return Text(row.subject, row.body)
    return defaults.load().texts[rungs.whole(key)]


def in_its_place(clinic: Clinic, key: Key) -> Wording | None:
    """Of a rung the clinic's words for the reminder; else there are only ours."""
    whole = rungs.whole(key)
    return None if whole == key else find(clinic, whole)


def stamp(row: Wording | None) -> str:
    """Names the words as they stand, so that a later save knows what it saw."""
    return row.changed_at.isoformat() if row else OURS


def objections(clinic: Clinic, key: Key, text: Text) -> list[Objection]:
    """All that stands against a text of this clinic, with its values in it."""
    channel, kind, language = key
    names = [clinic.name, clinic.sender_name]
    found = texts.objections(text, channel, language, names)
    values = values_for(clinic, kind=kind, language=language, link=dead_link())
    sent = words_of(text, values, channel=channel, language=language)
    return [*found, *texts.length_objections(sent.text, channel)]


def check(clinic: Clinic, key: Key, text: Text) -> None:
    """ValidationError with every objection at its field."""
    faults: dict[str, list[str]] = {}
    for one in objections(clinic, key, text):
        faults.setdefault(one.field, []).append(one.reason)
    if faults:
        raise ValidationError(faults)


@transaction.atomic
def save(
    clinic: Clinic, *, key: Key, subject: str = "", body: str, seen: str, by: By
) -> Wording:
    """`seen` is the stamp of the words that the new ones were written over."""
    text = Text(texts.tidy(subject), texts.tidy(body))
    check(clinic, key, text)
    standing = find(clinic, key)
    if stamp(standing) != seen:
        raise _changed_meanwhile(standing)
    before = text_of(standing or in_its_place(clinic, key), key)
    if text == before:
        raise ValidationError("Nothing was saved: these words stand already.")
    written = _write(clinic, key, text, standing, by)
    _record("wording.changed", written, before, text, by=by)
    return written


def _write(
    clinic: Clinic, key: Key, text: Text, standing: Wording | None, by: By
) -> Wording:
    """Only over what was read: of two who save at once the second is told."""
    channel, kind, language = key
    changes = {
        "subject": text.subject,
        "body": text.body,
        "changed_at": clock.now(),
        "changed_by": by if not isinstance(by, audit.Actor) else None,
    }
    if standing is None:
        whose = {"clinic": clinic, "channel": channel, "kind": kind}
        try:
            with transaction.atomic():
                return Wording.objects.create(**whose, language=language, **changes)
        except IntegrityError:
            raise _changed_meanwhile(find(clinic, key)) from None
    mine = Wording.objects.filter(pk=standing.pk, changed_at=standing.changed_at)
    if not mine.update(**changes):
        raise _changed_meanwhile(find(clinic, key))
    standing.refresh_from_db()
    return standing


@transaction.atomic
def reset(clinic: Clinic, *, key: Key, seen: str, by: By) -> None:
    """Back to our words; ValidationError where others stand than were seen."""
    standing = find(clinic, key)
    if standing is None:
        raise ValidationError("Our words stand there already.")
    mine = Wording.objects.filter(pk=standing.pk, changed_at=standing.changed_at)
    if stamp(standing) != seen or not mine.delete()[0]:
        raise _changed_meanwhile(standing)
    before, after = text_of(standing, key), text_of(in_its_place(clinic, key), key)
    _record("wording.reset", standing, before, after, by=by)


def _changed_meanwhile(standing: Wording | None) -> ValidationError:
    who = standing.changed_by if standing else None
    return ValidationError(
        f"{who or 'Somebody else'} has changed these words since you opened the page. "
        "Nothing was saved. What stands now is shown below; save again to replace it.",
        code="changed",
    )


def _record(action: str, row: Wording, before: Text, after: Text, *, by: By) -> None:
    audit.record(
        by=by,
        action=action,
        about=row,
        channel=row.channel,
        kind=row.kind,
        language=row.language,
        before=before.fields,
        after=after.fields,
        default_version=defaults.load().version,
    )
