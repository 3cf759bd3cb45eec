"""Red flags of a patient: raised as an answer is saved, acted on, closed, kept.

A flag never becomes less urgent and is never deleted: a later "no" is noted beside it.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients import rows
from patients.catalogue import findings
from patients.catalogue import red_flags as catalogue
from patients.models import (
    Complaint,
    Evaluation,
    Finding,
    Patient,
    RedFlag,
    RedFlagEvent,
)
from patients.models.patient import years_between
from patients.models.red_flag import MERGED
from patients.triage import flag_baselines, flag_reasons, reasons, red_flags
from patients.triage.origin_items import Cell
from patients.triage.red_flags import Answer

Values = Mapping[Cell, str]
Kind = RedFlagEvent.Kind
NOTE_LENGTH = 1000


@transaction.atomic
def report_findings(
    evaluation: Evaluation,
    *,
    before: Values,
    after: Values,
    by: By,
    informant: str,
    insisted: Collection[str] = (),
) -> list[RedFlag]:
    """Raise what a save of an evaluation brought; returns flags that are new or more
    urgent now.

    `insisted` are flags and details whose yes counts although it changed nothing.
    """
    patient = evaluation.complaint.patient
    rows.hold_patient(patient.kept)
    earlier, dated = earlier_measures(evaluation), flag_baselines.standing(patient)
    before, after = as_dated(before, dated), as_dated(after, dated)
    legs = (
        legs_elsewhere(evaluation)
        if flag_reasons.legs(before) | flag_reasons.legs(after)
        else set()
    )
    site = evaluation.complaint.pain_site
    reasons = derived(after, earlier, site=site, legs=legs)
    reasons_before = derived(before, earlier, site=site, legs=legs)
    was, now = answers(before, reasons_before), answers(after, reasons)
    if age := _age(patient, evaluation.examined_on):
        reasons, now = {**reasons, "RF24": age}, {**now, "RF24": Answer.PRESENT}
    of_person = RedFlag.objects.of_person(patient)
    standing = {f.flag: f for f in of_person.exclude(state="closed")}
    carried = dict.fromkeys(standing, Answer.PRESENT)
    tiers_before = red_flags.raised({**was, **carried}, details(before))
    tiers = red_flags.raised({**now, **carried}, details(after))
    source = _Source(patient, evaluation.complaint, evaluation, by, informant)
    raised = [
        _raise(source, flag, tier, standing, reasons.get(flag, ""))
        for flag, tier in tiers.items()
        if tiers_before.get(flag) != tier
        or flag in insisted
        or reasons.get(flag) != reasons_before.get(flag)
    ]
    for flag, held in standing.items():
        reason = reasons.get(flag, "")
        is_news = was.get(flag) != now.get(flag) or flag in insisted
        if now.get(flag) == Answer.PRESENT and is_news:
            _repeat(held, by, reason)
        elif now.get(flag) == Answer.ABSENT and is_news:
            _log(held, Kind.DENIED, by, "")
        elif reason and reason != reasons_before.get(flag):
            _log(held, Kind.REPEATED, by, reason)
    return [flag for flag in raised if flag is not None]


@transaction.atomic
def report_answers(
    patient: Patient,
    told: Mapping[str, Answer],
    *,
    complaint: Complaint | None = None,
    by: By = audit.PATIENT,
    informant: str = RedFlag.Informant.PATIENT,
) -> list[RedFlag]:
    """Raise what a questionnaire was answered with; returns what is new or more urgent.

    What stands already is no less an emergency when the patient speaks of it again.
    """
    kept = patient.kept
    rows.hold_patient(kept)
    of_person = RedFlag.objects.of_person(kept)
    standing = {f.flag: f for f in of_person.exclude(state=RedFlag.State.CLOSED)}
    carried = dict.fromkeys(standing, Answer.PRESENT)
    said = {flag: answer for flag, answer in told.items() if answer == Answer.PRESENT}
    tiers = red_flags.raised({**carried, **said}, set())
    source = _Source(kept, complaint, None, by, informant)
    raised = [_raise(source, flag, tiers[flag], standing, "") for flag in tiers]
    for flag, held in standing.items():
        if told.get(flag) == Answer.PRESENT:
            _repeat(held, by, "")
        elif told.get(flag) == Answer.ABSENT:
            _log(held, Kind.DENIED, by, "")
    return [flag for flag in raised if flag is not None]


@transaction.atomic
def weigh_together(kept: Patient, *, by: By) -> list[RedFlag]:
    """Raise what stands to what two merged records say together; lowers nothing."""
    rows.hold_patient(kept)
    standing = RedFlag.objects.of_person(kept).exclude(state=RedFlag.State.CLOSED)
    found = Finding.objects.filter(
        evaluation__in=standing.values("evaluation"),
        code__in=catalogue.details(),
        value=findings.PRESENT,
        replaced_in=None,
    )
    flags = list(standing)
    said = dict.fromkeys((flag.flag for flag in flags), Answer.PRESENT)
    tiers = red_flags.raised(said, set(found.values_list("code", flat=True)))
    return [
        _raise_tier(flag, tiers[flag.flag], by, MERGED)
        for flag in flags
        if red_flags.is_more_urgent(tiers[flag.flag], flag.tier)
    ]


def as_dated(values: Values, dated: Collection[str]) -> dict[Cell, str]:
    """An "as before" whose baseline has ended is a plain yes."""
    return {
        cell: findings.PRESENT
        if value == findings.UNCHANGED and cell[0] not in dated
        else value
        for cell, value in values.items()
    }


def answers(values: Values, reasons: Iterable[str]) -> dict[str, Answer]:
    """What was said to each flag; what an examination shows counts above a "no"."""
    known = catalogue.red_flags()
    said = {code: Answer(value) for (code, _), value in values.items() if code in known}
    return {**said, **dict.fromkeys(reasons, Answer.PRESENT)}


def details(values: Values) -> set[str]:
    known = catalogue.details()
    return {
        code
        for (code, _), value in values.items()
        if code in known and value == findings.PRESENT
    }


def derived(
    values: Values,
    earlier: Mapping[Cell, int],
    *,
    site: str = "",
    legs: Collection[str] = (),
) -> dict[str, str]:
    """Flags that other findings raise, each with its reason in words.

    `legs` are the sides into which the person's other pains radiate.
    """
    found = {
        "RF02": flag_reasons.retention(values, earlier),
        "RF05": flag_reasons.both_legs(values, legs),
        "RF06": flag_reasons.weakness(values, earlier),
        "RF07": flag_reasons.cord(values, site),
    }
    return {flag: reason for flag, reason in found.items() if reason}


def legs_elsewhere(evaluation: Evaluation) -> set[str]:
    """The sides into which the person's other open pains radiate; costs a query.

    Pain in both legs makes a complaint and a sheet for each, and neither sheet alone
    shows it. The newest word of each complaint counts, however old: while it is open
    the other leg has become the second one. A "no" for that side on the sheet of this
    pain is about this pain, and does not speak for the other.
    """
    kept = evaluation.complaint.patient.kept_id
    of_person = Q(evaluation__complaint__patient=kept) | Q(
        evaluation__complaint__patient__merged_into=kept
    )
    rows = (
        Finding.objects.filter(
            of_person,
            code="radiating_pain",
            replaced_in=None,
            evaluation__complaint__closed_on=None,
        )
        .exclude(evaluation__complaint=evaluation.complaint_id)
        .exclude(evaluation__state=Evaluation.State.ENTERED_IN_ERROR)
        .order_by("evaluation__examined_on", "pk")
        .values_list("evaluation__complaint", "side", "value")
    )
    newest = {(complaint, side): value for complaint, side, value in rows}
    return {side for (_, side), said in newest.items() if said == findings.PRESENT}


def earlier_measures(evaluation: Evaluation) -> dict[Cell, int]:
    """The last grade of each muscle, and the last residual volume, before this visit.

    Over all signed evaluations of the person.
    """
    muscles = [
        d.key for d in findings.definitions().values() if d.kind == findings.Kind.GRADE
    ]
    rows = Finding.objects.filter(
        evaluation__complaint__patient__in=evaluation.complaint.patient.kept.record_ids,
        evaluation__state=Evaluation.State.SIGNED,
        evaluation__examined_on__lte=evaluation.examined_on,
        code__in=[*muscles, flag_reasons.RESIDUAL[0]],
        replaced_in=None,
    ).order_by("evaluation__examined_on", "pk")
    return {(row.code, row.side): int(row.value) for row in rows}


def _age(patient: Patient, day: date) -> str:
    """Raised once: nobody gets younger, and closing it settles it."""
    if patient.birth_date is None:
        return ""
    reason = red_flags.age_reason(years_between(patient.birth_date, day))
    if reason and RedFlag.objects.of_person(patient).filter(flag="RF24").exists():
        return ""
    return reason


class _Source(NamedTuple):
    """Where a flag comes from."""

    patient: Patient
    complaint: Complaint | None
    evaluation: Evaluation | None
    by: By
    informant: str


def _raise(
    source: _Source,
    flag: str,
    tier: str,
    standing: Mapping[str, RedFlag],
    reason: str,
) -> RedFlag | None:
    held = standing.get(flag)
    if held is None:
        return _open(source, flag, tier, reason)
    if not red_flags.is_more_urgent(tier, held.tier):
        return None
    return _raise_tier(held, tier, source.by, reason)


def _raise_tier(held: RedFlag, tier: str, by: By, reason: str) -> RedFlag:
    before, held.tier = held.tier, tier
    held.save(update_fields=["tier"])
    _reopen(held)
    _log(held, Kind.TIER_RAISED, by, reason)
    audit.record(
        by=by,
        action="red_flag.tier_raised",
        about=held,
        flag=held.flag,
        before=before,
        after=tier,
    )
    return held


def _open(source: _Source, flag: str, tier: str, reason: str) -> RedFlag:
    made = RedFlag.objects.create(
        clinic_id=source.patient.clinic_id,
        patient=source.patient,
        complaint=source.complaint,
        evaluation=source.evaluation,
        flag=flag,
        tier=tier,
        informant=source.informant,
    )
    _log(made, Kind.RAISED, source.by, reason)
    audit.record(
        by=source.by, action="red_flag.raised", about=made, flag=flag, tier=tier
    )
    return made


def _repeat(held: RedFlag, by: By, reason: str) -> None:
    """A new yes to what somebody has acted on already: it is acted on once more."""
    if _reopen(held):
        audit.record(by=by, action="red_flag.reopened", about=held, flag=held.flag)
    _log(held, Kind.REPEATED, by, reason)


def _reopen(held: RedFlag) -> bool:
    """Whether somebody had acted on it; what they did stays among its events."""
    if held.state != RedFlag.State.ACKNOWLEDGED:
        return False
    held.state, held.action = RedFlag.State.OPEN, ""
    held.acknowledged_at = held.acknowledged_by = None
    held.save(update_fields=["state", "action", "acknowledged_at", "acknowledged_by"])
    return True


def _log(flag: RedFlag, kind: str, by: By, note: str) -> RedFlagEvent:
    event = RedFlagEvent.objects.create(
        clinic_id=flag.clinic_id,
        red_flag=flag,
        kind=kind,
        tier=flag.tier,
        by=by if isinstance(by, User) else None,
        note=note[:NOTE_LENGTH],
    )
    consequences.apply("red_flag.changed", flag, event=event, by=by)
    return event


@transaction.atomic
def acknowledge(flag: RedFlag, *, by: User, action: str) -> RedFlag:
    """A clinician has seen it and says what was done; opens the checklist again."""
    action = reasons.typed(
        action,
        "Say what was done, such as: sent to the ER.",
        field="action",
        most=NOTE_LENGTH,
    )
    rows.hold_patient(flag.patient)
    changed = RedFlag.objects.filter(pk=flag.pk, state=RedFlag.State.OPEN).update(
        state=RedFlag.State.ACKNOWLEDGED,
        acknowledged_at=clock.now(),
        acknowledged_by=by,
        action=action,
    )
    flag.refresh_from_db()
    if not changed:
        who = flag.acknowledged_by or "somebody"
        raise ValidationError(f"{who} has acted on this flag already: {flag.action}")
    _log(flag, Kind.ACKNOWLEDGED, by, action)
    audit.record(by=by, action="red_flag.acknowledged", about=flag, flag=flag.flag)
    consequences.apply("red_flag.acknowledged", flag, by=by)
    return flag


@transaction.atomic
def close(flag: RedFlag, *, by: User, note: str) -> RedFlag:
    """Nothing is left to do; only once somebody has acted on it."""
    note = reasons.typed(
        note,
        "Say how it ended, such as: MRI clear, seen by Dr Ng.",
        field="note",
        most=NOTE_LENGTH,
    )
    rows.hold_patient(flag.patient)
    changed = RedFlag.objects.filter(
        pk=flag.pk, state=RedFlag.State.ACKNOWLEDGED
    ).update(state=RedFlag.State.CLOSED, closed_at=clock.now(), closed_by=by)
    flag.refresh_from_db()
    if not changed:
        raise ValidationError(
            "This flag is closed already."
            if flag.state == RedFlag.State.CLOSED
            else "Acknowledge it first, with the action that was taken."
        )
    _log(flag, Kind.CLOSED, by, note)
    audit.record(by=by, action="red_flag.closed", about=flag, flag=flag.flag)
    return flag


@transaction.atomic
def add_note(flag: RedFlag, *, by: User, note: str) -> RedFlag:
    """What else was done or heard while the flag stands."""
    note = reasons.typed(
        note, "Say what else was done or heard.", field="note", most=NOTE_LENGTH
    )
    rows.hold_patient(flag.patient)
    flag.refresh_from_db()
    if flag.state == RedFlag.State.CLOSED:
        raise ValidationError("This flag is closed already.")
    _log(flag, Kind.NOTED, by, note)
    audit.record(by=by, action="red_flag.noted", about=flag, flag=flag.flag)
    return flag
