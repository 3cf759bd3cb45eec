"""What the record says already of the clinic's part of a follow-up, with its day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from clinic import clock
from outcomes.clinician_parts import catalogue
from outcomes.clinician_parts.catalogue import How, Part
from outcomes.in_clinic import diaries, diary_curve
from outcomes.in_clinic.diary_curve import Tap
from outcomes.models import FollowUp
from patients.catalogue import findings
from patients.models import Evaluation, Finding
from plans.models import (
    NEEDLE,
    AdverseEvent,
    Intervention,
    LifestyleMeasurement,
    Modality,
    ProtocolStep,
)
from plans.procedures import catalogue as fields

MARROW_COUNTS = ("tnc_per_ml", "platelets", "cfu_f", "viability")
Status = Intervention.Status
Window = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Known:
    """In words with its day; a number also as such."""

    words: str
    on: date
    # The page that shows it, by its name: the tick reads records and no pages.
    page: tuple[str, UUID]
    value: Decimal | None = None

    @property
    def url(self) -> str:
        name, row = self.page
        return reverse(name, args=[row])


def read(follow_up: FollowUp, parts: Sequence[Part], today: date) -> dict[str, Known]:
    """By the key of the part; at most one query for each kind of record."""
    found: dict[str, Known] = {}
    if any(part.blocks or part.codes for part in parts):
        found |= _of_findings(follow_up, parts)
    keys = {part.key for part in parts}
    if keys & {catalogue.PRODUCT, catalogue.PAIN_AFTER_BLOCK, catalogue.EVENTS}:
        found |= _of_procedures(follow_up, keys)
    if any(part.how == How.EVENTS for part in parts):
        found |= _of_events(follow_up, parts)
    if catalogue.WEIGHT in keys:
        found |= _of_weights(follow_up)
    if catalogue.SESSIONS in keys:
        found |= _of_sessions(follow_up, today)
    return found


def window_of(follow_up: FollowUp) -> Window:
    return follow_up.opens_on, follow_up.closes_on


def _of_findings(follow_up: FollowUp, parts: Sequence[Part]) -> dict[str, Known]:
    rows = list(_findings(follow_up))
    found: dict[str, Known] = {}
    for part in parts:
        latest = next((row for row in rows if _shows(row, part)), None)
        if latest is not None:
            found[part.key] = _examined(latest, part)
    return found


def _findings(follow_up: FollowUp) -> QuerySet[Finding]:
    """The newest first; what a patient has typed at home is no examination."""
    return (
        Finding.objects.filter(
            evaluation__complaint=follow_up.episode.complaint_id,
            evaluation__examined_on__range=window_of(follow_up),
            replaced_in=None,
        )
        .exclude(evaluation__state=Evaluation.State.ENTERED_IN_ERROR)
        .exclude(informant=Finding.Informant.PATIENT)
        .select_related("evaluation")
        .order_by("-evaluation__examined_on", "-pk")
    )


def _shows(row: Finding, part: Part) -> bool:
    definition = findings.definitions().get(row.code)
    block = definition.block if definition else ""
    return row.code in part.codes or block in part.blocks


def _examined(row: Finding, part: Part) -> Known:
    day = clock.in_words(row.evaluation.examined_on)
    value = Decimal(row.value) if part.how == How.NUMBER else None
    said = f"{row.value}, " if value is not None else "examined, "
    return Known(
        f"{said}recorded in the evaluation of {day}",
        row.evaluation.examined_on,
        ("patients:evaluation", row.evaluation_id),
        value,
    )


def procedures(follow_up: FollowUp) -> QuerySet[Intervention]:
    """The needles of its course that were done in its window, the last first."""
    return (
        Intervention.objects.filter(
            plan=follow_up.episode.plan_id,
            course=follow_up.episode.course,
            modality__in=NEEDLE,
            status=Status.PERFORMED,
            performed_on__range=window_of(follow_up),
        )
        .select_related("procedure", "prp", "marrow", "block_diary")
        .prefetch_related("block_diary__taps")
        .order_by("-performed_on", "-pk")
    )


def _of_procedures(follow_up: FollowUp, keys: Iterable[str]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for row in procedures(follow_up):
        for key, known in _of_procedure(row):
            if key in keys:
                found.setdefault(key, known)
    return found


def _of_procedure(row: Intervention) -> Iterator[tuple[str, Known]]:
    if row.performed_on is None:
        return
    on, page = row.performed_on, ("plans:intervention", row.pk)
    told = f"recorded with the procedure of {clock.in_words(on)}"
    procedure = getattr(row, "procedure", None)
    tapped = _tapped(row)
    if procedure is not None and procedure.pain_after_30min is not None:
        pain = Decimal(procedure.pain_after_30min)
        yield catalogue.PAIN_AFTER_BLOCK, Known(f"{pain}, {told}", on, page, pain)
    elif tapped is not None:
        said = f"{tapped.value}, tapped in the block diary {tapped.minutes} min after"
        yield catalogue.PAIN_AFTER_BLOCK, Known(said, on, page, Decimal(tapped.value))
    if procedure is not None and procedure.complications:
        field = fields.by_column(row.modality)["complications"]
        said = fields.in_words(field, procedure.complications)
        yield catalogue.EVENTS, Known(f"{said}, {told}", on, page)
    if _is_characterized(row):
        yield catalogue.PRODUCT, Known(told, on, page)


def _tapped(row: Intervention) -> Tap | None:
    """The patient's own tap, where one came when the form would have asked."""
    diary = getattr(row, "block_diary", None)
    return None if diary is None else diary_curve.after(diaries.taps_of(diary))


def _is_characterized(row: Intervention) -> bool:
    """Also where somebody recorded that nothing was counted."""
    prp, marrow = getattr(row, "prp", None), getattr(row, "marrow", None)
    if prp is not None and prp.count_source:
        return True
    return any(getattr(marrow, name, None) is not None for name in MARROW_COUNTS)


def _of_events(follow_up: FollowUp, parts: Sequence[Part]) -> dict[str, Known]:
    event = (
        AdverseEvent.objects.standing()
        .filter(
            complaint=follow_up.episode.complaint_id,
            onset_on__range=window_of(follow_up),
        )
        .first()
    )
    if event is None:
        return {}
    words = f"on the ledger since {clock.in_words(event.onset_on)}"
    page = ("plans:adverse_event", event.pk)
    known = Known(words, event.onset_on, page)
    return {part.key: known for part in parts if part.how == How.EVENTS}


def _of_weights(follow_up: FollowUp) -> dict[str, Known]:
    row = (
        LifestyleMeasurement.objects.filter(
            intervention__plan=follow_up.episode.plan_id,
            measured_on__range=window_of(follow_up),
            weight_kg__isnull=False,
        )
        .order_by("-measured_on")
        .first()
    )
    if row is None or row.weight_kg is None:
        return {}
    weight = f"{row.weight_kg.normalize():f} kg"
    words = f"{weight}, measured on {clock.in_words(row.measured_on)}"
    page = ("plans:intervention", row.intervention_id)
    return {catalogue.WEIGHT: Known(words, row.measured_on, page, row.weight_kg)}


def _of_sessions(follow_up: FollowUp, today: date) -> Mapping[str, Known]:
    """As the courses of therapy count them; one without a count is one session."""
    began, until = follow_up.episode.anchor_on, min(today, follow_up.closes_on)
    rows = list(
        Intervention.objects.filter(
            plan=follow_up.episode.plan_id, modality=Modality.PHYSICAL_THERAPY
        )
        .exclude(status__in=[Status.CANCELLED, Status.ENTERED_IN_ERROR])
        .exclude(step__key__in=ProtocolStep.REVIEWS)
        .select_related("therapy")
    )
    counts = [_sessions(row, began, until) for row in rows]
    told = [count for count in counts if count is not None]
    if not told:
        return {}
    return {
        catalogue.SESSIONS: Known(
            f"{sum(told)} by {clock.in_words(until)}, counted in the record",
            until,
            ("outcomes:plan", follow_up.episode.plan_id),
            Decimal(sum(told)),
        )
    }


def _sessions(row: Intervention, began: date, until: date) -> int | None:
    therapy = getattr(row, "therapy", None)
    if therapy is not None and therapy.sessions_attended is not None:
        return int(therapy.sessions_attended)
    is_within = row.performed_on is not None and began <= row.performed_on <= until
    return 1 if is_within else None
