"""Why messages wait, in words for the people who decide when they go again. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic import clock
from outcomes.follow_ups.guard.clock_guard import Kind
from outcomes.models import SendingPause

Cause = SendingPause.Cause
FROZEN = (
    "Because no date can be trusted, nothing ends by itself either: no survey closes, "
    "no follow-up counts as missed."
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why, in one sentence, and what to look at before releasing."""

    why: str
    advice: str


RESTORED = Explanation(
    "The server started from a backup.",
    "What was sent after the backup was made would go again. "
    "Have what the mail log names marked as sent, then release.",
)


def explain(pause: SendingPause, zone: str) -> Explanation:
    """Reads who began it, where that was a person."""
    match pause.cause:
        case Cause.CLOCK:
            return _clock(pause.evidence, zone)
        case Cause.BACKLOG:
            return _backlog(pause.evidence)
        case Cause.RESTORE:
            return RESTORED
    who = pause.begun_by.name if pause.begun_by else "Somebody"
    return Explanation(f"{who} paused them.", "Release them when the reason is gone.")


def _clock(evidence: dict[str, str], zone: str) -> Explanation:
    last, expected, seen = (
        datetime.fromisoformat(evidence[name]) for name in ("last", "expected", "seen")
    )
    advice = "Check the date and time of the server, then release. " + FROZEN
    if evidence["fault"] == Kind.STOPPED:
        days = (seen - last).days
        why = (
            f"Nothing ran for {days} days, from {_at(last, zone)} to {_at(seen, zone)}."
        )
    elif evidence["fault"] == Kind.WENT_BACK:
        why = (
            f"The server started with its clock at {_at(seen, zone)}, "
            f"before its last work at {_at(last, zone)}."
        )
    else:
        why = (
            f"The server's clock jumped: it showed {_at(seen, zone)} "
            f"where {_at(expected, zone)} was expected."
        )
    return Explanation(why, advice)


def _backlog(evidence: dict[str, int | str]) -> Explanation:
    since = clock.in_words(date.fromisoformat(str(evidence["since"])))
    return Explanation(
        f"{evidence['due']:,} patients are due at once, and the calendar foresaw "
        f"{evidence['foreseen']:,} since {since}.",
        "After an import or a long stop this is right: release. "
        "Otherwise look first who is due.",
    )


def _at(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{clock.in_words(local.date())}, {local:%H:%M}"
