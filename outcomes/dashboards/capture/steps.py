"""The steps of the ladder in words, and as the rows of their chart. Pure."""

from outcomes.dashboards.capture.choices import CALL
from outcomes.dashboards.capture.counts import Lift
from outcomes.dashboards.charts.capture import BEFORE, LiftRow
from outcomes.models.messages import Channel, Kind


def rows(found: Lift) -> list[LiftRow]:
    found_rows = [
        LiftRow(
            label=words(step.key),
            note=f"day {round(step.days)} · {step.silent} still silent",
            channel=step.key.split("|")[1] if "|" in step.key else step.key,
            answered=step.answered,
            cumulative=step.cumulative,
            eligible=found.eligible,
        )
        for step in found.steps
    ]
    if found.unprompted:
        first = LiftRow(
            label=words(BEFORE),
            note="in the clinic, or unasked",
            channel=BEFORE,
            answered=found.unprompted,
            cumulative=found.unprompted,
            eligible=found.eligible,
        )
        found_rows.insert(0, first)
    return found_rows


def words(key: str) -> str:
    """Such as "Reminder by text message"."""
    if key == CALL:
        return "Call by staff"
    if key == BEFORE:
        return "Before any message"
    kind, channel, _ = key.split("|")
    said = "three-tap rescue" if kind == Kind.RESCUE else str(Kind(kind).label)
    return f"{said.capitalize()} by {Channel(channel).label}"
