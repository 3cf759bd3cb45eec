"""Follow-ups of every fate, made at random, and their counts, one by one in Python.

The counting is written from the words on the page and shares no code with the report.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from clinic import clock
from clinic.models import Clinic, User
from outcomes.models import (
    Answer,
    ContactAttempt,
    Episode,
    FollowUp,
    Message,
    Response,
    SurveyRequest,
)
from patients.models import Complaint, Patient
from plans.models import Anchor, Plan, Protocol
from tests import factories

State = FollowUp.State
LABELS = {"Baseline": 0, "2 weeks": 14, "3 months": 90, "Day 7": 7}
ENDS = (
    *((State.COMPLETED, ""),) * 5,
    *((State.EXPIRED, "no answer"),) * 4,
    (State.EXPIRED, "not finished"),
    (State.EXPIRED, "never asked"),
    (State.EXPIRED, "on hold"),
    (State.EXPIRED, "never reached"),
    (State.CANCELLED, "the plan was entered in error"),
    (State.SUPERSEDED, "moved"),
    (State.OPEN, ""),
    (State.PLANNED, ""),
)
MESSAGES = (
    ("invitation", "email", "invite"),
    ("invitation", "email", "invite-2"),
    ("reminder", "sms", "day-3"),
    ("reminder", "email", "day-7"),
    ("rescue", "sms", "rescue"),
    ("new_link", "email", "manual-4"),
)


@dataclass
class World:
    """Rows of one clinic, held until all of a kind can be written at once."""

    clinic: Clinic
    caller: User
    rng: Random
    today: date
    rows: dict[type, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def add(self, model: type, **fields: Any) -> Any:
        row = model(**fields)
        self.rows[model].append(row)
        return row

    def save(self) -> None:
        for model in (Plan, Episode, SurveyRequest, FollowUp, Message, Response):
            model.objects.bulk_create(self.rows[model])
        Answer.objects.bulk_create(self.rows[Answer])
        ContactAttempt.objects.bulk_create(self.rows[ContactAttempt])


def make(clinic: Clinic, caller: User, *, follow_ups: int, seed: int) -> None:
    world = World(clinic, caller, Random(seed), clock.today(clinic.zone))
    rng = world.rng
    complaints = [_complaint(world) for _ in range(12)]
    protocols = [*Protocol.objects.filter(clinic=clinic)[:3], None]
    providers = [caller, factories.make_user(clinic), None]
    courses = [
        _course(world, complaint, rng.choice(protocols), rng.choice(providers))
        for complaint in complaints
        for _ in range(3)
    ]
    for number in range(follow_ups):
        _follow_up(world, rng.choice(courses), number)
    world.save()


def _complaint(world: World) -> Complaint:
    rng = world.rng
    patient = factories.make_patient(world.clinic, language=rng.choice(["en", "es"]))
    complaint = factories.make_complaint(patient)
    changes: dict[str, Any] = {}
    left_on = world.today - timedelta(days=rng.randrange(100))
    match rng.randrange(8):
        case 0:
            changes = {"deceased_on": left_on}
        case 1:
            changes = {"withdrawn_on": left_on}
        case 2:
            kept = factories.make_patient(
                world.clinic, language="es", withdrawn_on=left_on
            )
            changes = {"merged_into": kept}
        case 3:
            changes = {"origin": "import"}
    Patient.objects.filter(pk=patient.pk).update(**changes)
    return complaint


def _course(
    world: World, complaint: Complaint, protocol: Protocol | None, provider: User | None
) -> Episode:
    plan = world.add(
        Plan,
        clinic=world.clinic,
        complaint=complaint,
        protocol=protocol,
        provider=provider,
        title="x",
        modality="other",
        treatment_key="x",
        treatment_label="X",
        started_on=world.today,
    )
    return world.add(
        Episode,
        clinic=world.clinic,
        patient=complaint.patient,
        complaint=complaint,
        plan=plan,
        anchor=Anchor.PLAN_START,
        anchor_on=world.today,
    )


def _follow_up(world: World, episode: Episode, number: int) -> None:
    rng, whose = world.rng, {"clinic": world.clinic, "patient": episode.patient}
    label = rng.choice(list(LABELS))
    state, reason = rng.choice(ENDS)
    closes_on = world.today - timedelta(days=rng.randrange(-2, 120))
    asked_at = _at(closes_on, rng, -20, -12)
    request = None
    if rng.random() < 0.85:
        request = world.add(
            SurveyRequest,
            **whose,
            state=SurveyRequest.State.CLOSED,
            language="en",
            closes_at=asked_at,
            created_at=asked_at - timedelta(days=rng.choice([0, 0, 9])),
            is_rescue=rng.random() < 0.1,
        )
    answered_at = _at(closes_on, rng, -12, 0)
    is_done = state == State.COMPLETED
    is_half_done = not is_done and rng.random() < 0.1
    row = world.add(
        FollowUp,
        **whose,
        episode=episode,
        timepoint_key=f"t{number}",
        label=label,
        offset_days=LABELS[label],
        **{"open_day": 0, "close_day": 0, "ask_day": 0},
        opens_on=closes_on - timedelta(days=20),
        due_on=closes_on - timedelta(days=10),
        closes_on=closes_on,
        state=state,
        state_reason=reason,
        who=rng.choice(["patient", "patient", "both", "clinician"]),
        request=request,
        asked_at=rng.choice([asked_at, asked_at, None]),
        # Rows from before the parts were told apart have the one moment only.
        answered_at=answered_at
        if is_half_done or (is_done and rng.random() < 0.8)
        else None,
        completed_at=answered_at if is_done else None,
    )
    if request:
        _messages(world, request, asked_at)
    _responses(world, row, answered_at)
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        world.add(
            ContactAttempt,
            **whose,
            follow_up=row,
            outcome=rng.choice(["no_answer", "answered"]),
            at=asked_at + timedelta(days=rng.randrange(25), minutes=rng.randrange(60)),
            by=world.caller,
        )


def _at(day: date, rng: Random, earliest: int, latest: int) -> datetime:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=clock.now().tzinfo)
    days = rng.randrange(earliest, latest)
    return noon + timedelta(days=days, minutes=rng.randrange(300))


def _messages(world: World, request: SurveyRequest, asked_at: datetime) -> None:
    rng = world.rng
    for kind, channel, rung in rng.sample(MESSAGES, rng.randrange(4)):
        is_accepted = rng.random() < 0.85
        accepted_at = asked_at + timedelta(
            days=rng.randrange(-12, 20), minutes=rng.randrange(60)
        )
        world.add(
            Message,
            clinic=world.clinic,
            request=request,
            **{"kind": kind, "channel": channel, "rung": rung},
            idempotency_key=f"{request.pk}:{rung}",
            state=rng.choice(["accepted", "delivered", "bounced"])
            if is_accepted
            else rng.choice(["failed", "cancelled", "queued"]),
            accepted_at=accepted_at if is_accepted else None,
        )


def _responses(world: World, row: FollowUp, answered_at: datetime) -> None:
    rng = world.rng
    whose = {"clinic": world.clinic, "patient": row.patient, "follow_up": row}
    if row.completed_at or row.answered_at or rng.random() < 0.15:
        is_late = row.completed_at is None and rng.random() < 0.7
        days_after = rng.randrange(1, 9) if is_late else -rng.randrange(3)
        world.add(
            Response,
            **whose,
            state="sealed",
            sealed_at=answered_at,
            answered_on=row.closes_on + timedelta(days=days_after),
            provenance=rng.choice(["patient", "phone", "kiosk", "paper", "proxy"]),
            language="en",
        )
    elif rng.random() < 0.4:
        begun = world.add(
            Response, **whose, state="open", provenance="patient", language="en"
        )
        if rng.random() < 0.6:
            world.add(Answer, clinic=world.clinic, response=begun, link_id="q", value=3)


@dataclass(frozen=True)
class Seen:
    """What one follow-up counts as."""

    row: FollowUp
    fate: str
    groups: dict[str, str]
    receipts: set[str]
    # Keys of the steps that found it silent, and the last of them.
    steps: set[str]
    last: str


def look(clinic: Clinic, first: date, last: date) -> list[Seen]:
    rows = FollowUp.objects.filter(
        clinic=clinic, closes_on__gte=first, closes_on__lte=last
    )
    return [
        _seen(row)
        for row in rows
        if row.state != State.SUPERSEDED
        and row.who != "clinician"
        and row.patient.origin == "care"
    ]


def _seen(row: FollowUp) -> Seen:
    answer_at = row.answered_at or row.completed_at
    asked_at = row.asked_at or (row.request and row.request.created_at)
    sent = [
        message
        for message in (row.request.messages.all() if row.request else ())
        if message.accepted_at
        and (not answer_at or message.accepted_at <= answer_at)
        and (not asked_at or message.accepted_at >= asked_at - timedelta(days=7))
    ]
    sent.sort(key=lambda message: message.accepted_at)
    calls = [
        attempt.at
        for attempt in row.contact_attempts.all()
        if not answer_at or attempt.at <= answer_at or attempt.outcome == "answered"
    ]
    said = _step(sent[-1]) if sent else ""
    is_call_last = answer_at and any(
        not sent or at >= sent[-1].accepted_at for at in calls
    )
    return Seen(
        row=row,
        fate=_fate(row),
        groups=_groups(row, sent),
        receipts={message.state for message in sent},
        steps={_step(message) for message in sent} | ({"call"} if calls else set()),
        last="call" if is_call_last else said,
    )


def _step(message: Message) -> str:
    is_once = message.kind in ("invitation", "new_link", "intake")
    return f"{message.kind}|{message.channel}|{'' if is_once else message.rung}"


def _groups(row: FollowUp, sent: list[Message]) -> dict[str, str]:
    plan = row.episode.plan
    channel = "none"
    sealed = [each for each in row.responses.all() if each.state == "sealed"]
    if sent:
        channel = sent[-1].channel
    elif row.state in (State.COMPLETED, State.EXPIRED):
        ways = [each.provenance for each in sealed]
        channel = next((w for w in ways if w in ("phone", "kiosk", "paper")), "none")
    return {
        "timepoint": row.label,
        "protocol": plan.protocol.key if plan.protocol else "none",
        "provider": str(plan.provider_id) if plan.provider_id else "none",
        "language": row.patient.kept.language,
        "channel": channel,
    }


def _fate(row: FollowUp) -> str:
    person, responses = row.patient.kept, list(row.responses.all())
    is_late = any(r.answered_on and r.answered_on > row.closes_on for r in responses)
    is_done = row.state == State.COMPLETED
    if row.state == State.EXPIRED and row.state_reason in ("never asked", "on hold"):
        return row.state_reason.replace(" ", "_")
    if is_done or row.answered_at:
        if is_late and not is_done:
            return "late"
        return "partial" if row.request and row.request.is_rescue else "answered"
    for left_on, how in (
        (person.deceased_on, "died"),
        (person.withdrawn_on, "withdrew"),
    ):
        if left_on and left_on <= row.closes_on:
            return how
    if row.state != State.EXPIRED:
        return "cancelled" if row.state == State.CANCELLED else "not_over"
    is_begun = any(r.state == "open" and r.answers.exists() for r in responses)
    unanswered = "partial" if is_begun else "missed"
    return "late" if is_late else unanswered


FATES = ("answered", "partial", "late", "missed")


def count(seen: Iterable[Seen]) -> dict[str, int]:
    """As the report's counts are named."""
    found: Counter[str] = Counter()
    for each in seen:
        if each.fate not in FATES:
            continue
        is_delivered = "delivered" in each.receipts
        found.update(["eligible", each.fate])
        found.update(["sent"] if each.receipts else [])
        found.update(["delivered"] if is_delivered else [])
        is_unknown = "accepted" in each.receipts and not is_delivered
        found.update(["no_receipt"] if is_unknown else [])
    names = ("eligible", "sent", "delivered", "no_receipt", *FATES)
    return {name: found[name] for name in names}
