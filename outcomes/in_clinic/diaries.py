"""The diary after a block: opened by staff, tapped by the patient, then it ends."""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from clinic import audit, clock
from clinic.audit import By
from clinic.models import User
from outcomes.follow_ups.channels import tokens
from outcomes.in_clinic import diary_curve
from outcomes.in_clinic.diary_curve import Summary, Tap
from outcomes.models import BlockDiary, BlockTap
from outcomes.survey import birth_dates
from outcomes.survey.identity import Check, Outcome
from patients.models import Patient
from plans.models import Intervention

OPEN_FOR = timedelta(hours=8)
# Nobody taps so often; whoever does is no patient.
MOST_TAPS = 200
WORST = 10
DIAGNOSTIC = ("diagnostic", "both")
BLOCK = "nerve_block_diagnostic"
UNTRIED = {"birth_date_tries": 0, "is_swap_forgiven": False}
RELATED = (
    "clinic",
    "intervention__procedure",
    "intervention__plan__complaint__patient__clinic",
    "intervention__plan__complaint__patient__merged_into__clinic",
)


def is_block(intervention: Intervention) -> bool:
    """Whether its response is read at once: a question as well as a treatment."""
    injection = getattr(intervention, "injection", None)
    is_question = injection is not None and injection.purpose in DIAGNOSTIC
    return intervention.is_needle and (is_question or intervention.kind == BLOCK)


def refusal(intervention: Intervention, at: datetime) -> str:
    """Why no diary is opened for it; empty where one is."""
    if not is_block(intervention):
        return "Only a diagnostic injection has a diary. Record its purpose first."
    zone = intervention.plan.complaint.patient.kept.time_zone
    if intervention.status != Intervention.Status.PERFORMED:
        return "Record the injection as done first."
    if intervention.performed_on != clock.day_of(at, zone):
        return "A diary is opened on the day of the injection."
    if intervention.plan.complaint.patient.kept.birth_date is None:
        return "The record has no date of birth to know the patient by."
    return ""


@transaction.atomic
def start(
    intervention: Intervention,
    *,
    by: User,
    injected_at: time,
    pain_before: int | None = None,
) -> str:
    """The address of the QR code; one that was given before leads nowhere any more.

    Opening it again keeps what was tapped; what was said of the needle counts anew.
    """
    now = clock.now()
    held = Intervention.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=intervention.pk
    )
    reason = refusal(held, now)
    if reason:
        raise ValidationError(reason)
    person = held.plan.complaint.patient.kept
    needle = _moment(injected_at, clock.day_of(now, person.time_zone), person.time_zone)
    if needle > now:
        raise ValidationError({"injected_at": "This time is still to come."})
    if now >= needle + OPEN_FOR:
        raise ValidationError({"injected_at": "Its eight hours are over."})
    if pain_before is not None and not 0 <= pain_before <= WORST:
        raise ValidationError({"pain_before": f"Give a number from 0 to {WORST}."})
    token = secrets.token_urlsafe(tokens.TOKEN_BYTES)
    diary, is_new = BlockDiary.objects.update_or_create(
        intervention=held,
        defaults={
            "clinic_id": held.clinic_id,
            "token_sha256": tokens.sha256_of(token),
            "opened_by": by,
            "language": person.language,
            "injected_at": needle,
            "ends_at": needle + OPEN_FOR,
            "pain_before": pain_before,
            "closed_at": None,
            "closed_by": None,
            **UNTRIED,
        },
    )
    _sum_up(diary)
    action = "block_diary.opened" if is_new else "block_diary.renewed"
    audit.record(by=by, action=action, about=diary, ends_at=diary.ends_at.isoformat())
    return f"{settings.SITE_URL}{reverse('outcomes:diary_enter', args=[token])}"


def _moment(at: time, day: date, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone))


@transaction.atomic
def close(diary: BlockDiary, *, by: User) -> BlockDiary:
    now = clock.now()
    if BlockDiary.objects.filter(pk=diary.pk, closed_at=None, ends_at__gt=now).update(
        closed_at=now, closed_by=by
    ):
        audit.record(by=by, action="block_diary.closed", about=diary)
    return diary


def find(token: str, at: datetime) -> BlockDiary | None:
    """The diary that can be tapped now by whoever has the QR code and the date."""
    rows = BlockDiary.objects.filter(token_sha256=tokens.sha256_of(token))
    diary = rows.select_related(*RELATED).first()
    return diary if diary is not None and diary.is_open(at) else None


@transaction.atomic
def check(diary: BlockDiary, birth_date: date) -> Check:
    """As for a survey: the try is taken before it is compared, and given back."""
    row = BlockDiary.objects.filter(pk=diary.pk)
    tries = BlockDiary.TRIES
    if not row.filter(birth_date_tries__lt=tries).update(
        birth_date_tries=F("birth_date_tries") + 1
    ):
        audit.record(by=audit.PATIENT, action="block_diary.refused", about=diary)
        return Check(Outcome.LOCKED, 0)
    given_back = F("birth_date_tries") - 1
    if birth_date == diary.person.birth_date:
        row.update(birth_date_tries=given_back)
        audit.record(by=audit.PATIENT, action="block_diary.entered", about=diary)
        return Check(Outcome.CONFIRMED, tries)
    audit.record(by=audit.PATIENT, action="block_diary.refused", about=diary)
    left = tries - row.values_list("birth_date_tries", flat=True).get()
    is_swapped = birth_dates.swapped(birth_date) == diary.person.birth_date
    if is_swapped and row.filter(is_swap_forgiven=False).update(
        birth_date_tries=given_back, is_swap_forgiven=True
    ):
        return Check(Outcome.SWAPPED, left + 1)
    return Check(Outcome.WRONG if left else Outcome.LOCKED, left)


def patient_updated(
    patient: Patient, *, by: By, changed: list[str] | None = None, **_: Any
) -> None:
    """A date of birth that was wrong in the record has its misses forgiven."""
    if "birth_date" not in (changed or []):
        return
    misses = BlockDiary.objects.filter(
        Q(birth_date_tries__gt=0) | Q(is_swap_forgiven=True),
        intervention__plan__complaint__patient__in=patient.record_ids,
    )
    for diary in misses.order_by("pk"):
        BlockDiary.objects.filter(pk=diary.pk).update(**UNTRIED)
        audit.record(
            by=by,
            action="block_diary.unlocked",
            about=diary,
            tries_before=diary.birth_date_tries,
        )


@transaction.atomic
def tap(diary: BlockDiary, *, value: int, is_numb: bool, page: str) -> bool:
    """Keep one tap at this moment; False where its page was tapped on before."""
    held = (
        BlockDiary.objects.select_for_update(no_key=True, of=("self",))
        .select_related(*RELATED)
        .get(pk=diary.pk)
    )
    now = clock.now()
    if not held.is_open(now):
        raise ValidationError("The diary is over.")
    if not 0 <= value <= WORST:
        raise ValidationError({"pain": f"Give a number from 0 to {WORST}."})
    if held.taps.filter(page=page).exists() or held.taps.count() >= MOST_TAPS:
        return False
    BlockTap.objects.create(
        clinic_id=held.clinic_id,
        diary=held,
        at=now,
        value=value,
        is_numb=is_numb,
        page=page,
    )
    _sum_up(held)
    audit.record(by=audit.PATIENT, action="block_diary.tapped", about=held)
    return True


def _sum_up(diary: BlockDiary) -> None:
    found = summed(diary)
    BlockDiary.objects.filter(pk=diary.pk).update(
        lowest=found.lowest, held_minutes=found.held_minutes
    )


def summed(diary: BlockDiary) -> Summary:
    return diary_curve.summary(pain_before(diary), taps_of(diary))


def taps_of(diary: BlockDiary) -> list[Tap]:
    return [
        Tap(
            max(int((row.at - diary.injected_at).total_seconds() // 60), 0),
            row.value,
            row.is_numb,
        )
        for row in diary.taps.all()
    ]


def pain_before(diary: BlockDiary) -> int | None:
    """As recorded with the procedure; else as it was said when the diary opened."""
    procedure = getattr(diary.intervention, "procedure", None)
    recorded = None if procedure is None else procedure.pain_before
    return diary.pain_before if recorded is None else recorded
