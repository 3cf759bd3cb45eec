"""What is due in a few clinics, and whether all of it went, and went once."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.guard import reconcile
from outcomes.models import FollowUp, Message, SendingForecast, SurveyRequest
from tests import copies, factories

UNDECIDED = (*Message.CLAIMABLE, Message.State.SENDING)


@transaction.atomic
def make_due(clinic: Clinic, number: int) -> list[UUID]:
    """So many patients with a follow-up due today, as the calendar foresaw.

    The first is made by the product itself, and the others are like that one. A tick
    sees all of them or none: copies of one that it has asked already are never asked.
    """
    complaint = factories.make_complaint(factories.make_patient(clinic))
    plan = factories.make_plan(complaint, started_days_ago=40)
    factories.make_performed(plan, days=30)
    patients = [complaint.patient_id]
    patients += copies.of_patient(complaint.patient, number - 1)
    today = SendingForecast.objects.filter(clinic=clinic, day=clock.today(clinic.zone))
    if not today.update(expected=_due(clinic)):
        SendingForecast.objects.create(
            clinic=clinic, day=clock.today(clinic.zone), expected=_due(clinic)
        )
    return patients


def _due(clinic: Clinic) -> int:
    return FollowUp.objects.filter(
        clinic=clinic, state="planned", next_action_at__lte=clock.now()
    ).count()


def clinics_with(number: int, *, clinics: int) -> list[Clinic]:
    made = [factories.make_clinic() for _ in range(clinics)]
    for clinic in made:
        make_due(clinic, number // clinics)
    return made


def is_over(clinics: Sequence[Clinic]) -> bool:
    """Everybody due was asked, and no message waits or hangs."""
    waiting = Message.objects.filter(clinic__in=clinics, state__in=UNDECIDED)
    return not any(map(_due, clinics)) and not waiting.exists()


def are_sent(patients: Sequence[UUID]) -> bool:
    sent = Message.objects.filter(request__patient__in=patients, state="accepted")
    return sent.count() == len(patients)


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Whether it became so in time."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@dataclass(frozen=True, slots=True)
class Verdict:
    messages: int
    # Neither in the sink nor shown to staff as not delivered, and the latter. Nobody
    # can know of those whose worker died twice while it sent them.
    lost: int
    for_staff: int
    # Copies beyond the first, as the sink counted them.
    twice: int
    # Rows that stand for something that stands already.
    doubled_rows: int
    # What the checks of Operations count that must not be.
    broken: int

    @property
    def is_whole(self) -> bool:
        return not (self.lost or self.doubled_rows or self.broken)

    def __str__(self) -> str:
        return (
            f"{self.messages} due: {self.lost} lost, {self.for_staff} told to staff, "
            f"{self.twice} sent twice, {self.doubled_rows} rows doubled, "
            f"{self.broken} invariants broken"
        )


def judge(clinics: Sequence[Clinic], accepted: Sequence[str]) -> Verdict:
    """Holds what the mail server took against what the outbox says."""
    ours = Message.objects.filter(clinic__in=clinics).exclude(state="cancelled")
    names = {f"<{pk}@localhost>": pk for pk in ours.values_list("pk", flat=True)}
    copies = Counter(accepted)
    missing = [pk for name, pk in names.items() if not copies[name]]
    told = _told(missing)
    patients = FollowUp.objects.filter(clinic__in=clinics, timepoint_key="m1").count()
    return Verdict(
        messages=len(names),
        lost=len(missing) - told + max(0, patients - len(names)),
        for_staff=told,
        twice=sum(number - 1 for name, number in copies.items() if name in names),
        doubled_rows=_doubled(clinics),
        broken=sum(
            reconcile.count(one, clock.now(), is_full=True).broken for one in clinics
        ),
    )


def _told(missing: Sequence[UUID]) -> int:
    """Of how many the worklist says that the message did not arrive."""
    failed = Message.objects.filter(pk__in=missing, state=Message.State.FAILED)
    shown = failed.exclude(request__follow_ups__state_reason="")
    return shown.distinct().count()


def _doubled(clinics: Sequence[Clinic]) -> int:
    """Further messages and links of one survey, and further surveys of one patient."""
    surveys = (
        SurveyRequest.objects.filter(clinic__in=clinics)
        .annotate(
            letters=Count("messages", distinct=True), ways=Count("links", distinct=True)
        )
        .values_list("patient", "letters", "ways")
    )
    again = sum(max(letters, ways, 1) - 1 for _, letters, ways in surveys)
    return again + len(surveys) - len({patient for patient, _, _ in surveys})
