"""What the ladder made of each asking: reminders and calls, as the engine would have.

Up to the answer, or to now; what is left of it the engine climbs from here on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from outcomes.demo.surveys import Asked, Subject
from outcomes.follow_ups import staff_tasks
from outcomes.follow_ups.engine import ladder
from outcomes.follow_ups.engine.asking import INVITE
from outcomes.follow_ups.engine.ladder import Reminder, Rung
from outcomes.follow_ups.planning.calendar import SendingHours, local_day
from outcomes.models import ContactAttempt, FollowUp, StaffTask

State, Reason = FollowUp.State, StaffTask.Reason
# Between the moment of a step and the provider's yes.
SENT_AFTER = timedelta(seconds=34)
# Calls are made when the day's first patients are seen to.
CALLED_AFTER = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Climber:
    """One patient's asking, until a moment."""

    subject: Subject
    hours: SendingHours
    now: datetime

    def rungs(self, each: Asked) -> tuple[Rung, ...]:
        return ladder.rungs_of(
            (rung.after_days, rung.channel)
            for rung in each.rows.protocol.rungs.all()
            if rung.is_safety == each.row.is_safety
        )

    def steps(self, each: Asked) -> list[Reminder]:
        """All that follows its invitation, passed and to come."""
        if each.fate.asked_at is None:
            return []
        return ladder.reminders(
            self.rungs(each),
            asked_at=each.fate.asked_at,
            closes_on=each.row.closes_on,
            hours=self.hours,
            seed=str(self.subject.patient.pk),
        )

    def passed(self, each: Asked) -> list[Reminder]:
        """Those that found the patient silent."""
        return [one for one in self.steps(each) if one.at <= self._until(each)]

    def _until(self, each: Asked) -> datetime:
        ends = [self.now - CALLED_AFTER]
        if each.fate.answered is not None:
            ends.append(each.fate.answered.at - CALLED_AFTER)
        left_on = self.subject.story.left_on
        if left_on is not None:
            ends.append(self.hours.spread(left_on, "") - timedelta(days=1))
        return min(ends)

    def stand(self, each: Asked) -> None:
        """Where the row stands on its ladder at this moment."""
        row = each.row
        row.asked_at = each.fate.asked_at
        is_waiting = row.state in FollowUp.ASKED and not row.is_answered
        if row.asked_at is None or not is_waiting:
            return
        row.reminded_until = self.now
        later = (one.at for one in self.steps(each) if one.at > self.now)
        row.next_action_at = min([each.fate.desired.close_at, *later])

    def by_people(self, each: Asked) -> Iterator[StaffTask | ContactAttempt]:
        """Calls that were to be made of it, and that were."""
        if each.row.state == State.UNREACHABLE:
            yield self._handed_over(each)
        for one in self.passed(each):
            if one.rung.is_call:
                yield from self._call(each, one)
        answered = each.fate.answered
        is_by_phone = answered is not None and answered.provenance == "phone"
        if answered and is_by_phone and each.fate.asked_at is not None:
            yield _attempt(each, answered.at, ContactAttempt.Outcome.ANSWERED)

    def _handed_over(self, each: Asked) -> StaffTask:
        """Nothing could be written; their landline rings."""
        kinds, rings = StaffTask.Kind, self.subject.story.person.phone
        return staff_tasks.made(
            each.row,
            kind=kinds.CALL if rings else kinds.REACH,
            reason=Reason.UNREACHABLE,
            due_on=each.row.due_on,
            rung=INVITE,
        )

    def _call(self, each: Asked, one: Reminder) -> Iterator[StaffTask | ContactAttempt]:
        task = staff_tasks.made(
            each.row,
            kind=StaffTask.Kind.CALL,
            reason=Reason.SAFETY if each.row.is_safety else Reason.SILENT,
            due_on=local_day(one.at, self.hours.zone),
            rung=one.rung.name,
        )
        task.created_at = one.at
        yield task
        if each.row.state in FollowUp.ASKED and not each.row.is_answered:
            return
        # Nobody was there; what came later came by itself.
        at = one.at + CALLED_AFTER
        attempt = _attempt(each, at, ContactAttempt.Outcome.NO_ANSWER)
        attempt.task = task
        task.state, task.ended_at, task.ended_by = StaffTask.State.DONE, at, attempt.by
        task.end_reason = ContactAttempt.Outcome.NO_ANSWER.label
        yield attempt


def _attempt(
    each: Asked, at: datetime, outcome: ContactAttempt.Outcome
) -> ContactAttempt:
    return ContactAttempt(
        clinic_id=each.row.clinic_id,
        patient=each.row.patient,
        follow_up=each.row,
        outcome=outcome,
        at=at,
        by=each.rows.plan.provider,
        created_at=at,
    )


def by_people(
    climber: Climber, asked: Iterable[Asked]
) -> Iterator[StaffTask | ContactAttempt]:
    for each in asked:
        yield from climber.by_people(each)
