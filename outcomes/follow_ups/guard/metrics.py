"""The text format that Prometheus reads: counts, and nothing that names anybody."""

from collections.abc import Iterator
from datetime import datetime

from outcomes.follow_ups.guard import checks, health, reconcile, ticks
from outcomes.models import ChannelPause
from outcomes.survey import guessing

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
JOBS = (ticks.TICK, ticks.MAIL, ticks.TEXT, ticks.RECONCILE)


def text(now: datetime) -> str:
    return "\n".join(_lines(now)) + "\n"


def _lines(now: datetime) -> Iterator[str]:
    yield from _head("job_age_seconds", "Since a job last ended; absent: never.")
    for job in JOBS:
        seconds = health.sign_of(job, now).seconds
        if seconds is not None:
            yield _sample("job_age_seconds", seconds, job=job)
    yield from _head("messages", "Messages that wait, and those made within a day.")
    for one in health.queues(now):
        yield _sample("messages", one.number, channel=one.channel, state=one.state)
    yield from _head("paused_clinics", "Clinics whose messages to patients wait.")
    for cause, number in health.pauses_by_cause().items():
        yield _sample("paused_clinics", number, cause=cause)
    yield from _head(
        "paused_channels", "Channels whose provider refuses us, or a clinic's sender."
    )
    yield _sample("paused_channels", ChannelPause.objects.count())
    yield from _head(
        "unknown_survey_links",
        "Links that do not exist, tried in the 15 minutes that run.",
    )
    yield _sample("unknown_survey_links", guessing.unknown_links())
    yield from _reconciled()


def _reconciled() -> Iterator[str]:
    found = reconcile.latest_of_all()
    yield from _head("reconcile_clinics", "Clinics that have been reconciled.")
    yield _sample("reconcile_clinics", len(found))
    yield from _head("reconcile", "Rows that a check found, of all clinics.")
    for check in checks.CHECKS:
        number = sum(one.counts.get(check.key, 0) for one in found)
        kind = "information" if check.is_information else "fault"
        yield _sample("reconcile", number, check=check.key, kind=kind)


def _head(name: str, about: str) -> list[str]:
    return [f"# HELP mendline_{name} {about}", f"# TYPE mendline_{name} gauge"]


def _sample(name: str, value: float, **labels: str) -> str:
    """Values of labels are words of our own code, so nothing in them needs escaping."""
    inside = ",".join(f'{key}="{word}"' for key, word in labels.items())
    return (
        f"mendline_{name}{{{inside}}} {value}" if labels else f"mendline_{name} {value}"
    )
