"""Which follow-ups and staff tasks each part of the worklist holds."""

from datetime import date
from enum import StrEnum

from django.db.models import F, Q

from outcomes.follow_ups import labels
from outcomes.models import FollowUp, StaffTask

State = FollowUp.State
LIVE = (State.PLANNED, *FollowUp.ASKED, State.UNREACHABLE)
_ASKED = Q(state__in=FollowUp.ASKED)
_PLANNED = Q(state=State.PLANNED)
# Planned without a next action: it waits until the procedure is confirmed.
_WAITING = _PLANNED & Q(next_action_at__isnull=True)


class Filter(StrEnum):
    DUE = "due"
    OVERDUE = "overdue"
    CLOSING_SOON = "closing-soon"
    UNREACHABLE = "unreachable"
    CALLS = "calls"
    EXAMINATIONS = "examinations"
    MINE = "mine"
    NOBODYS = "nobodys"
    UPCOMING = "upcoming"
    ON_HOLD = "on-hold"
    ALL = "all"

    @property
    def label(self) -> str:
        return _LABELS.get(self, self.value.replace("-", " "))


_LABELS = {Filter.CALLS: "calls to make", Filter.NOBODYS: "nobody’s"}
# Found through the tasks of staff, the rest through the follow-ups themselves.
OF_TASKS = (Filter.CALLS, Filter.EXAMINATIONS, Filter.MINE, Filter.NOBODYS)


# As the list offers them: what patients owe, what staff are to do, whose it is.
GROUPS = (
    ("Answers", (Filter.DUE, Filter.OVERDUE, Filter.CLOSING_SOON, Filter.UNREACHABLE)),
    ("To do", (Filter.CALLS, Filter.EXAMINATIONS)),
    ("Whose", (Filter.MINE, Filter.NOBODYS)),
)
# Nobody acts upon how many these are, so they are not counted for the page.
REST = (Filter.UPCOMING, Filter.ON_HOLD, Filter.ALL)
COUNTED = tuple(name for _, group in GROUPS for name in group)


def of_person(**conditions: object) -> Q:
    """Conditions on the patient; of a merged record on the one that is kept."""
    own = {f"patient__{name}": value for name, value in conditions.items()}
    kept = {f"patient__merged_into__{name}": v for name, v in conditions.items()}
    is_merged = Q(patient__merged_into__isnull=False)
    return (~is_merged & Q(**own)) | (is_merged & Q(**kept))


def conditions(today: date) -> dict[Filter, Q]:
    """The same bounds as `labels.of`, as conditions on the stored dates."""
    overdue_since = today - labels.DUE_FOR
    is_planned = _PLANNED & ~_WAITING
    is_held = is_planned & of_person(hold_until__gte=today) & _due_within_hold()
    # Said once more by date and state alone, for the index to begin with.
    reached = Q(state__in=(*FollowUp.ASKED, State.PLANNED))
    is_underway = reached & (_ASKED | (is_planned & ~is_held & Q(due_on__lte=today)))
    return {
        Filter.DUE: is_underway & Q(due_on__gt=overdue_since),
        Filter.OVERDUE: is_underway & Q(due_on__lte=overdue_since),
        Filter.CLOSING_SOON: is_underway
        & Q(closes_on__gte=today, closes_on__lt=today + labels.CLOSING_SOON),
        Filter.UNREACHABLE: Q(state=State.UNREACHABLE),
        Filter.UPCOMING: _WAITING | (_PLANNED & ~is_held & Q(due_on__gt=today)),
        Filter.ON_HOLD: is_held,
        Filter.ALL: Q(state__in=LIVE),
    }


def _due_within_hold() -> Q:
    """What falls due after the hold is upcoming as ever."""
    own = Q(patient__merged_into=None, due_on__lte=F("patient__hold_until"))
    return own | Q(due_on__lte=F("patient__merged_into__hold_until"))


def task_conditions(today: date, user_id: object) -> dict[Filter, Q]:
    """Of open tasks; one that is due later is nobody's business yet."""
    is_due = Q(due_on__lte=today)
    return {
        Filter.CALLS: Q(kind=StaffTask.Kind.CALL) & is_due,
        # Made with the plan: those whose window is open can be done.
        Filter.EXAMINATIONS: Q(
            kind=StaffTask.Kind.EXAMINE, follow_up__opens_on__lte=today
        ),
        Filter.MINE: Q(assigned_to=user_id),
        Filter.NOBODYS: Q(assigned_to=None) & is_due,
    }


def chosen(text: str) -> Filter:
    return next((one for one in Filter if one == text), Filter.DUE)
