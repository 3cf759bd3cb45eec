"""One act on many rows: each row whole or not at all, and why not."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError

from clinic.models import User
from outcomes.follow_ups.engine import links
from outcomes.follow_ups.worklist import calls
from outcomes.models import FollowUp

# As many as a page shows.
MOST = 100
NOT_ASKED = "the patient was not asked yet, so there is no link to replace"
LOGGED_BEFORE = "somebody else has logged a call since this list was shown"


# Keeps all of a row's changes, or none and says why.
Verb = Callable[[FollowUp], object]


@dataclass(slots=True)
class Result:
    done: int = 0
    # How many rows were left as they were, by the reason.
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def words(self) -> str:
        said = [f"{self.done} done"]
        if self.refused:
            reasons = [
                f"{reason}{f' ({count})' if count > 1 else ''}"
                for reason, count in self.refused.items()
            ]
            said.append(f"{self.refused.total()} not: {'; '.join(reasons)}")
        return f"{', '.join(said)}."


def carry_out(rows: Iterable[FollowUp], act: Verb) -> Result:
    result = Result()
    for row in rows:
        try:
            act(row)
        except ValidationError as error:
            result.refused[_short(error)] += 1
        else:
            result.done += 1
    return result


def _short(error: ValidationError) -> str:
    if getattr(error, "code", None) == "logged_before":
        return LOGGED_BEFORE
    return " ".join(error.messages).rstrip(".")


def no_answer(by: User, seen: Mapping[UUID, str]) -> Verb:
    def act(row: FollowUp) -> object:
        return calls.log(
            row,
            outcome=calls.Outcome.NO_ANSWER,
            by=by,
            seen=seen.get(row.pk, calls.NOTHING_SEEN),
        )

    return act


def new_link(by: User, now: datetime) -> Verb:
    """Rows of one survey share the link that replaces theirs."""
    sent: set[UUID] = set()

    def act(row: FollowUp) -> None:
        if row.request is None:
            raise ValidationError(NOT_ASKED)
        if row.request.pk not in sent:
            links.send_new_link(row.request, by=by, now=now)
            sent.add(row.request.pk)

    return act
