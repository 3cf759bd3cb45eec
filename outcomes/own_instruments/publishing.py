"""Publishes a clinic's own questionnaire: an act, with the statement of a licence."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max

from clinic import audit
from clinic.audit import By
from outcomes.instruments import enabling, installation, reading
from outcomes.instruments.definition import (
    InstrumentDefinition,
    MeasureDefinition,
    in_language,
)
from outcomes.instruments.own_scores import OwnScore
from outcomes.models import Instrument, InstrumentDraft, Measure
from outcomes.own_instruments import drafts
from plans.protocols import measures as vocabulary

LONGEST_LICENCE, LONGEST_HOLDER = 800, 200
GONE = "This draft was published or discarded already."


@transaction.atomic
def publish(
    draft: InstrumentDraft,
    *,
    holder: str,
    licence: str,
    is_licensed: bool,
    by: By,
) -> Instrument:
    """Make it the next version of its key; it and its measures never change again.

    `holder` is who holds the rights, `licence` on what ground the clinic uses the
    text, and `is_licensed` the tick of whoever states it.
    """
    holder, licence = holder.strip(), licence.strip()
    _check_statement(holder, licence, is_licensed=is_licensed)
    content = drafts.read(draft)
    if content.definition is None or content.refusals:
        raise ValidationError([str(each) for each in content.refusals])
    if not enabling.enabled(content.definition.items, {}):
        raise ValidationError("No question of it is asked of anybody.")
    definition = _versioned(draft, content.definition, holder, licence)
    _keep_measures(draft, content.scores)
    instrument = _keep(draft, definition, f"{holder}: {licence}", by)
    if not InstrumentDraft.objects.filter(pk=draft.pk).delete()[0]:
        raise ValidationError(GONE)
    audit.record(
        by=by,
        action="instrument.published",
        about=instrument,
        key=instrument.key,
        version=instrument.version,
        sha256=instrument.sha256,
        holder=holder,
        licence=licence,
        is_licensed=True,
        noted=len(content.notices),
    )
    return instrument


def _check_statement(holder: str, licence: str, *, is_licensed: bool) -> None:
    wrong = {}
    if not 0 < len(holder) <= LONGEST_HOLDER:
        wrong["holder"] = f"Say who holds the rights, in {LONGEST_HOLDER} characters."
    if not 0 < len(licence) <= LONGEST_LICENCE:
        wrong["licence"] = (
            "Say on what ground the clinic uses it: a licence and its date, or that "
            f"the text is free, in {LONGEST_LICENCE} characters."
        )
    if not is_licensed:
        wrong["is_licensed"] = "State that the clinic may use this text."
    if wrong:
        raise ValidationError(wrong)


def _versioned(
    draft: InstrumentDraft, found: InstrumentDefinition, holder: str, licence: str
) -> InstrumentDefinition:
    definition = replace(
        found,
        version=next_version(draft),
        licence=licence,
        copyright=found.copyright or holder,
    )
    # Read back as answers will read it, for as long as they are kept.
    if reading.stored(definition.to_json()) != definition:
        raise ValidationError("It cannot be stored as it is; please report this.")
    return definition


def next_version(draft: InstrumentDraft) -> int:
    held = Instrument.objects.filter(clinic=draft.clinic_id, key=draft.key)
    return (held.aggregate(newest=Max("version"))["newest"] or 0) + 1


def _keep(
    draft: InstrumentDraft, definition: InstrumentDefinition, licence: str, by: By
) -> Instrument:
    try:
        with transaction.atomic():
            return Instrument.objects.create(
                clinic_id=draft.clinic_id,
                key=definition.key,
                version=definition.version,
                title=in_language(definition.title, "en"),
                definition=definition.to_json(),
                sha256=definition.sha256,
                origin=Instrument.Origin.CLINIC,
                licence=licence,
                published_by=drafts.person(by),
            )
    except IntegrityError:
        raise ValidationError("Another version was published just now.") from None


def _keep_measures(draft: InstrumentDraft, scores: Iterable[OwnScore]) -> None:
    held = {
        measure.key: measure
        for measure in Measure.objects.filter(
            clinic=draft.clinic_id, key__in=[one.scale.measure for one in scores]
        )
    }
    for place, one in enumerate(scores):
        measure = one.measure
        _check_slot(measure)
        if measure.key in held:
            _check_same(held[measure.key], measure)
            continue
        row = installation.measure_row(
            draft.clinic_id, measure, installation.AFTER_SHIPPED + place
        )
        row.origin = Measure.Origin.CLINIC
        row.save()


def _check_slot(measure: MeasureDefinition) -> None:
    """A score called as a slot is what protocols and goals take that slot to be."""
    known = vocabulary.known().get(measure.key)
    if known is None:
        return
    stated = (measure.minimum, measure.maximum, measure.better_is)
    if stated != (known.minimum, known.maximum, known.better_is):
        raise ValidationError(
            f"{measure.key} goes from {known.minimum} to {known.maximum}, "
            f"{known.better_is} is better. Choose another key for this score."
        )


def _check_same(held: Measure, measure: MeasureDefinition) -> None:
    """Old values and new ones stand in one chart."""
    stated = (measure.minimum, measure.maximum, measure.better_is)
    if stated != (Decimal(held.minimum), Decimal(held.maximum), held.better_is):
        raise ValidationError(
            f"The clinic's measure {held.key} goes from {held.minimum.normalize():f} "
            f"to {held.maximum.normalize():f}, {held.better_is} is better. Choose "
            "another key for this score."
        )
