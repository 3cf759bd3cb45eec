"""What a patient's answers before a visit change: each is kept as it is given."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit
from outcomes.follow_ups.planning import calendar
from outcomes.intake import reading, urgency
from outcomes.intake.reading import AnswerError, Reading
from outcomes.intake.steps import Step, Target
from outcomes.models import Intake, SurveyRequest
from outcomes.survey import holding, order, sealing
from outcomes.survey.order import Stamp
from patients import rows
from patients.catalogue import regions
from patients.catalogue.red_flags import Tier
from patients.models import Evaluation, Finding
from patients.triage import cells, evaluations
from patients.triage.cells import Entries, Entry
from patients.triage.origin_items import Cell

# The site and side of a pain.
Place = tuple[str, str]
PATIENT = Finding.Informant.PATIENT


@transaction.atomic
def save(
    request: SurveyRequest,
    step: Step,
    read: Reading,
    *,
    language: str,
    at: datetime,
    stamp: Stamp | None = None,
) -> Tier | None:
    """Keep what a screen was answered with, in every intake that asks it.

    Flags rise in this very transaction; returns how urgent the answer is. AnswerError
    where it cannot be true, such as a pain from before the patient was born.
    """
    intakes = _held(request, step.targets, at)
    order.note(request, step.key, stamp)
    today = calendar.local_day(at, request.person.time_zone)
    pains = {_place(intake) for intake, _ in intakes}
    is_again = stamp is not None and stamp.is_again
    found = [
        _keep(intake, target, step, read, pains, today, is_again=is_again)
        for intake, target in intakes
    ]
    for intake, _ in intakes:
        _remember(intake, step, read, language, at)
    order.keep(request, stamp)
    return min(filter(None, found), default=None)


def _held(
    request: SurveyRequest, targets: Sequence[Target], at: datetime
) -> list[tuple[Intake, Target]]:
    """The intakes that still take answers, with all that they write to.

    Complaints are held before the patient, as staff hold them who save the same
    evaluation.
    """
    by_id = {target.intake_id: target for target in targets}
    wanted = Intake.objects.filter(pk__in=by_id).select_related(
        "evaluation__complaint__patient__clinic"
    )
    for intake in wanted.order_by("evaluation__complaint_id"):
        rows.lock_complaint(intake.evaluation.complaint)
    holding.hold(request, at)
    still_open = wanted.filter(
        request=request,
        state__in=Intake.OPEN,
        closes_at__gt=at,
        evaluation__state=Evaluation.State.DRAFT,
    )
    held = [(intake, by_id[intake.pk]) for intake in still_open]
    if not held:
        raise sealing.NotOpenError
    return held


def _keep(
    intake: Intake,
    target: Target,
    step: Step,
    read: Reading,
    pains: Collection[Place],
    today: date,
    *,
    is_again: bool,
) -> Tier | None:
    evaluation = intake.evaluation
    before = reading.read_again(step, intake.answers.get(step.key, {}), today)
    others = {*pains} - {_place(intake)}
    read, before = _own_places(read, others), _own_places(before, others)
    fresh = reading.changed(read, before)
    # A mere repetition undoes nothing that staff have changed since.
    told = fresh | reading.repeated_flags(read)
    _record(evaluation, _own(evaluation, target, step, told))
    # Said once is enough: confirming the rest of the boxes is no new emergency. But
    # who sends again had no reply, and so may not have been told.
    news = read.entries if is_again else fresh
    # What was said counts, also beside what staff have entered.
    said = {cell: entry.value for cell, entry in news.items() if entry}
    return urgency.of(evaluations.values(evaluation) | said, news)


def _place(intake: Intake) -> Place:
    complaint = intake.evaluation.complaint
    return complaint.pain_site, complaint.side


def _own_places(read: Reading, others: Collection[Place]) -> Reading:
    """Of a body map what is this pain's, and not another's that is asked about too.

    A place of none of them stays with all: nothing that was marked is lost.
    """
    if not read.raw.get("regions"):
        return read
    chosen = [r for r in read.raw["regions"] if regions.site_of(r) not in others]
    worst = [r for r in read.raw["worst_region"] if r in chosen] or chosen[:1]
    return reading.of_map(chosen, worst)


def _own(
    evaluation: Evaluation,
    target: Target,
    step: Step,
    told: Mapping[Cell, Entry | None],
) -> dict[Cell, Entry | None]:
    """What this intake asks; "not sure" takes back nothing that staff have entered."""
    asked = {found.key for found in step.asks}
    foreign = asked - set(target.codes)
    standing = evaluations.standing(evaluation)
    return {
        cell: entry
        for cell, entry in told.items()
        if cell[0] not in foreign
        and (entry is not None or _is_patients(standing.get(cell)))
    }


def _is_patients(finding: Finding | None) -> bool:
    return finding is not None and finding.informant == PATIENT


def _record(evaluation: Evaluation, entries: Entries) -> None:
    _, faults = cells.sort_out(evaluation, entries)
    if faults:
        raise AnswerError("before_born")
    try:
        evaluations.record(
            evaluation, by=audit.PATIENT, entries=entries, informant=PATIENT
        )
    except ValidationError as error:
        # Signed in this very moment.
        raise sealing.NotOpenError from error


def _remember(
    intake: Intake, step: Step, read: Reading, language: str, at: datetime
) -> None:
    intake.answers = {**intake.answers, step.key: read.raw}
    intake.state = Intake.State.BEGUN
    intake.language, intake.answered_at, intake.state_reason = language, at, ""
    intake.save(
        update_fields=["answers", "state", "language", "answered_at", "state_reason"]
    )
