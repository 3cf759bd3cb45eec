"""Where a clinic's own questionnaire is asked: which slot it fills, at which sites."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic import audit, clock
from clinic.audit import By
from clinic.models import Clinic
from outcomes.models import FollowUp, Instrument, InstrumentUse
from patients.catalogue import places
from plans.models import Timepoint
from plans.protocols import measures as vocabulary

ALREADY = "This questionnaire fills that slot already. End that first."


def wanted_by(follow_ups: Sequence[FollowUp]) -> dict[Instrument, list[FollowUp]]:
    """The newest version of each that a time point asks for, and who is asked it.

    One query where the clinic has brought none.
    """
    clinics = {row.clinic_id for row in follow_ups}
    uses = list(InstrumentUse.objects.filter(clinic__in=clinics, ended_at=None))
    if not uses:
        return {}
    slots = _slots_of(follow_ups)
    instruments = _newest({(use.clinic_id, use.instrument_key) for use in uses})
    found: dict[Instrument, list[FollowUp]] = defaultdict(list)
    for use in uses:
        instrument = instruments.get((use.clinic_id, use.instrument_key))
        if instrument is None:
            continue
        for row in follow_ups:
            if _is_asked(use, row, slots) and row not in found[instrument]:
                found[instrument].append(row)
    return {instrument: rows for instrument, rows in found.items() if rows}


def _is_asked(
    use: InstrumentUse, row: FollowUp, slots: dict[tuple[UUID | None, str], set[str]]
) -> bool:
    place = (row.episode.plan.protocol_id, row.timepoint_key)
    return (
        use.clinic_id == row.clinic_id
        and use.slot in slots.get(place, ())
        and use.is_at(row.episode.complaint.pain_site)
    )


def _slots_of(
    follow_ups: Sequence[FollowUp],
) -> dict[tuple[UUID | None, str], set[str]]:
    """What each time point asks for, also what it asks only if the slot is filled."""
    protocols = {row.episode.plan.protocol_id for row in follow_ups} - {None}
    keys = {row.timepoint_key for row in follow_ups}
    points = Timepoint.objects.filter(protocol__in=protocols, key__in=keys)
    return {
        (protocol_id, key): {*asked, *optional}
        for protocol_id, key, asked, optional in points.values_list(
            "protocol_id", "key", "measures", "optional_measures"
        )
    }


def _newest(
    wanted: Collection[tuple[UUID, str]],
) -> dict[tuple[UUID, str], Instrument]:
    rows = Instrument.objects.filter(
        clinic__in={clinic for clinic, _ in wanted}, key__in={key for _, key in wanted}
    )
    return {(row.clinic_id, row.key): row for row in rows.order_by("version")}


@transaction.atomic
def begin(
    instrument: Instrument, *, slot: str, sites: Iterable[str] = (), by: By
) -> InstrumentUse:
    """From now on it is asked wherever a time point asks for the slot.

    Surveys that are begun already ask what they asked.
    """
    kept = sorted(set(sites))
    if slot not in vocabulary.slots():
        known = ", ".join(vocabulary.slots())
        raise ValidationError({"slot": f"{slot!r} is no slot; there are {known}."})
    unknown = [site for site in kept if site not in places.body_sites()]
    if unknown:
        raise ValidationError({"sites": f"{unknown[0]!r} is no body site."})
    if instrument.origin != Instrument.Origin.CLINIC:
        raise ValidationError("Only a questionnaire of the clinic fills a slot.")
    try:
        with transaction.atomic():
            use = InstrumentUse.objects.create(
                clinic_id=instrument.clinic_id,
                instrument_key=instrument.key,
                slot=slot,
                sites=kept,
                begun_by=by if not isinstance(by, audit.Actor) else None,
            )
    except IntegrityError:
        raise ValidationError({"slot": ALREADY}) from None
    audit.record(
        by=by,
        action="instrument.used",
        about=use,
        key=instrument.key,
        slot=slot,
        sites=kept,
    )
    return use


@transaction.atomic
def end(use: InstrumentUse, *, by: By) -> None:
    """It is asked no more; what was answered stays, and what is begun goes on."""
    is_ended = InstrumentUse.objects.filter(pk=use.pk, ended_at=None).update(
        ended_at=clock.now(),
        ended_by=by if not isinstance(by, audit.Actor) else None,
    )
    if not is_ended:
        raise ValidationError("It was ended already.")
    audit.record(
        by=by,
        action="instrument.use_ended",
        about=use,
        key=use.instrument_key,
        slot=use.slot,
    )


def of(clinic: Clinic) -> list[InstrumentUse]:
    return list(InstrumentUse.objects.filter(clinic=clinic, ended_at=None))
