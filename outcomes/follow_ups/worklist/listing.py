"""Who is asked and has not answered, and what staff are to do about it.

A list is ranked on a bounded set: of a filter, the 300 rows that close first are found
along an index by the day their window closes, and those are put in the order of
`ranking`. What closes later follows in the order of closing. So a page costs the same
however many follow-ups wait.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import IntegerField, Q, QuerySet, Subquery

from clinic import clock
from clinic.models import Clinic, User
from outcomes.follow_ups import labels
from outcomes.follow_ups.worklist import contacts, filters, ranking
from outcomes.follow_ups.worklist.filters import LIVE, Filter, of_person
from outcomes.models import Episode, FollowUp, StaffTask
from outcomes.models.messages import Channel
from patients.models import ContactPoint, Patient
from plans.models import Timepoint

Messages = Mapping[UUID | None, Sequence[contacts.Sent]]
PAGE_SIZE = 100
RANKED = 3 * PAGE_SIZE
# A larger number says no more to anybody, and takes time to count.
COUNTED = 100
SHOWN_WITH = (
    *("patient", "patient__merged_into", "episode__plan", "episode__complaint"),
    "request",
)

# What a row shows; the rest of so many tables would be read for nothing.
_ROW = (
    *("label", "timepoint_key", "state", "state_reason", "next_action_at"),
    *("opens_on", "due_on", "closes_on", "asked_at", "who", "answered_at"),
)
_PERSON = ("given_name", "family_name", "zone", "hold_until")
COLUMNS = (
    *_ROW,
    *(f"patient__{name}" for name in _PERSON),
    *(f"patient__merged_into__{name}" for name in _PERSON),
    *("episode__is_provisional", "episode__plan__treatment_label"),
    *("episode__complaint__pain_site", "episode__complaint__side"),
    "request__birth_date_tries",
)


@dataclass(frozen=True, slots=True)
class Line:
    follow_up: FollowUp
    label: labels.Label
    days_left: int
    tried: str = ""
    tasks: Sequence[StaffTask] = ()
    # The call that was logged last, which a form about the row names.
    last_call: UUID | None = None

    @property
    def state_word(self) -> str:
        """What the row ends in."""
        if self.label != labels.Label.CLOSING_SOON:
            return self.label.value
        return "closes today" if not self.days_left else f"closes in {self._days}"

    @property
    def note(self) -> str:
        """How long there is left, where the word does not say so."""
        row = self.follow_up
        if self.label in (labels.Label.UPCOMING, labels.Label.WAITING):
            return f"due {clock.in_words(row.due_on)}"
        is_said = self.label == labels.Label.CLOSING_SOON or self.days_left < 0
        return "" if is_said else f"{self._days} left"

    @property
    def _days(self) -> str:
        return f"{self.days_left} day{'' if self.days_left == 1 else 's'}"

    @property
    def choice(self) -> str:
        """What a form names the row by: with the call it was shown with."""
        row = str(self.follow_up.pk)
        return f"{row}.{self.last_call}" if self.last_call else row

    @property
    def patient(self) -> Patient:
        return self.follow_up.patient.kept

    @property
    def patient_name(self) -> str:
        person = self.patient
        return ", ".join(filter(None, (person.family_name, person.given_name)))

    @property
    def is_locked(self) -> bool:
        request = self.follow_up.request
        return request is not None and request.is_locked

    @property
    def is_for_patient(self) -> bool:
        row = self.follow_up
        return row.who != Timepoint.Who.CLINICIAN and not row.is_answered

    @property
    def call(self) -> StaffTask | None:
        """The one that is due first."""
        calls = (task for task in self.tasks if task.kind == StaffTask.Kind.CALL)
        return next(calls, None)

    @property
    def is_to_examine(self) -> bool:
        return any(task.kind == StaffTask.Kind.EXAMINE for task in self.tasks)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list; `total` is None where it is larger than anybody counts."""

    ids: list[UUID]
    number: int
    total: int | None
    has_next: bool
    # What was sent in the surveys of the rows, read for their rank.
    messages: Messages

    @property
    def previous_number(self) -> int:
        return self.number - 1

    @property
    def next_number(self) -> int:
        return self.number + 1

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def start_index(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def end_index(self) -> int:
        return self.start_index + len(self.ids) - 1

    @property
    def of(self) -> str:
        return f"more than {RANKED}" if self.total is None else str(self.total)


@dataclass(frozen=True, slots=True)
class Row:
    """What of a follow-up its rank hangs on, as it is stored."""

    id: UUID
    closes_on: date
    offset_days: int
    is_safety: bool
    is_baseline: bool
    request_id: UUID | None
    asked_at: datetime | None
    # Whether the patient may and can be written to there.
    has_email: bool
    has_phone: bool


class CountUpTo(Subquery):
    """How many rows a sliced queryset has, as a column."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def rows(user: User) -> QuerySet[FollowUp]:
    """Whose answer is not there yet, of patients in follow-up; imports have ended."""
    return _live(user).filter(FollowUp.WAITS_FOR_PATIENT)


def _live(user: User) -> QuerySet[FollowUp]:
    """Also where only the clinic's part is not there yet."""
    found: QuerySet[FollowUp] = FollowUp.objects.visible_to(user)
    return found.filter(
        of_person(withdrawn_on__isnull=True, deceased_on__isnull=True),
        state__in=LIVE,
        episode__status=Episode.Status.ACTIVE,
    )


def open_tasks(user: User) -> QuerySet[StaffTask]:
    visible: QuerySet[StaffTask] = StaffTask.objects.visible_to(user)
    return visible.filter(state=StaffTask.State.OPEN)


def found(user: User, chosen: Filter, today: date) -> QuerySet[FollowUp]:
    return _live(user).filter(_wanted(user, today)[chosen])


def _wanted(user: User, today: date) -> dict[Filter, Q]:
    """What the patient owes, and what tasks of staff are open for."""
    tasks = open_tasks(user).order_by()
    by_answer = {
        name: FollowUp.WAITS_FOR_PATIENT & wanted
        for name, wanted in filters.conditions(today).items()
    }
    return by_answer | {
        name: Q(pk__in=tasks.filter(wanted).values("follow_up"))
        for name, wanted in filters.task_conditions(today, user.pk).items()
    }


def counts(
    user: User, today: date, names: Iterable[Filter] = Filter
) -> dict[Filter, int]:
    """How many rows filters show, up to COUNTED and one more; one query."""
    if user.membership is None:
        return dict.fromkeys(names, 0)
    all_rows, wanted = _live(user).order_by().values("pk"), _wanted(user, today)
    counted: dict[str, Any] = {
        str(name): CountUpTo(all_rows.filter(wanted[name])[: COUNTED + 1])
        for name in names
    }
    clinic = Clinic.objects.filter(pk=user.membership.clinic_id)
    held: dict[str, Any] = dict(clinic.values(**counted).get())
    return {Filter(name): count for name, count in held.items()}


def count_in_words(count: int) -> str:
    return f"{COUNTED}+" if count > COUNTED else str(count)


def page_rows(user: User, chosen: Filter, today: date) -> QuerySet[FollowUp]:
    """All of a filter, in the order in which their windows close."""
    related = found(user, chosen, today).select_related(*SHOWN_WITH)
    return related.order_by("closes_on", "pk")


def page(user: User, clinic: Clinic, chosen: Filter, today: date, number: int) -> Page:
    """The most pressing first; a page that does not exist gives way to the last."""
    in_order = found(user, chosen, today).order_by("closes_on", "pk")
    first = _first(in_order)
    total = None if len(first) > RANKED else len(first)
    if total is not None:
        number = min(number, max(-(-total // PAGE_SIZE), 1))
    start = (number - 1) * PAGE_SIZE
    if start >= RANKED:
        return _beyond(user, in_order, number)
    messages = contacts.sent(user, {row.request_id for row in first})
    in_rank = ranked(clinic, first[:RANKED], messages, today)
    ids = in_rank[start : start + PAGE_SIZE]
    return Page(ids, number, total, start + PAGE_SIZE < len(first), messages)


def _beyond(user: User, in_order: QuerySet[FollowUp], number: int) -> Page:
    """What is not ranked, as its windows close."""
    start = (number - 1) * PAGE_SIZE
    rest = in_order.values_list("pk", "request")[start : start + PAGE_SIZE + 1]
    found = list(rest)
    messages = contacts.sent(user, {request for _, request in found})
    ids = [pk for pk, _ in found][:PAGE_SIZE]
    return Page(ids, number, None, len(found) > PAGE_SIZE, messages)


def _first(in_order: QuerySet[FollowUp]) -> list[Row]:
    """What is ranked, and one more if there is any."""
    reached = in_order.annotate(
        has_email=contacts.is_open(ContactPoint.System.EMAIL),
        has_phone=contacts.is_open(ContactPoint.System.PHONE),
    )
    return [Row(*one) for one in reached.values_list(*Row.__slots__)[: RANKED + 1]]


def ranked(
    clinic: Clinic, rows: Sequence[Row], messages: Messages, today: date
) -> list[UUID]:
    candidates = [
        ranking.Candidate(
            id=row.id,
            closes_on=row.closes_on,
            offset_days=row.offset_days,
            is_safety=row.is_safety,
            is_baseline=row.is_baseline,
            untried=len(
                _open_channels(clinic, row)
                - _used(messages.get(row.request_id, ()), row)
            ),
        )
        for row in rows
    ]
    return [one.id for one in ranking.ranked(candidates, today)]


def _open_channels(clinic: Clinic, row: Row) -> set[str]:
    found = {Channel.EMAIL.value} if row.has_email else set()
    return found | (
        {Channel.SMS.value} if row.has_phone and clinic.sms_sender else set()
    )


def _used(messages: Sequence[contacts.Sent], row: Row) -> set[str]:
    return {one.channel for one in contacts.about(messages, row.asked_at)}


def lines(user: User, clinic: Clinic, shown: Page, today: date) -> list[Line]:
    """The rows of a page in their order, with what was tried and who has them."""
    ids = shown.ids
    related = FollowUp.objects.visible_to(user).select_related(*SHOWN_WITH)
    held = {row.pk: row for row in related.only(*COLUMNS).filter(pk__in=ids)}
    calls = contacts.attempts(user, ids)
    tasks = tasks_of(user, ids)
    made = []
    for row in (held[one] for one in ids if one in held):
        row.patient.clinic = row.patient.kept.clinic = clinic
        about = contacts.about(shown.messages.get(row.request_id, ()), row.asked_at)
        tried = contacts.history(about, calls.get(row.pk, []))
        made.append(
            Line(
                follow_up=row,
                label=row.label_on(today),
                days_left=(row.closes_on - today).days,
                tried=contacts.in_words(tried, clinic.zone),
                tasks=tasks.get(row.pk, ()),
                last_call=calls[row.pk][-1].pk if row.pk in calls else None,
            )
        )
    return made


def tasks_of(user: User, follow_up_ids: list[UUID]) -> dict[UUID, list[StaffTask]]:
    """What is open for each of these, with who has it; one query."""
    found: dict[UUID, list[StaffTask]] = {}
    tasks = open_tasks(user).filter(follow_up__in=follow_up_ids)
    for task in tasks.select_related("assigned_to").order_by("due_on", "pk"):
        found.setdefault(task.follow_up_id, []).append(task)
    return found


def line(follow_up: FollowUp, today: date) -> Line:
    days_left = (follow_up.closes_on - today).days
    return Line(follow_up, follow_up.label_on(today), days_left)
