"""What a follow-up asks: fixed when its response is opened, and kept with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F

from outcomes.instruments import definitions, library
from outcomes.instruments.definition import InstrumentDefinition, Item, Occasion
from outcomes.models import Answer, FollowUp, Instrument, Response
from outcomes.own_instruments import uses
from outcomes.survey.questions import Asked
from plans.models import Timepoint

ACTIVITIES = "own_activities"
# Patients name them once, and rate the same ones each time.
NAMES = tuple(f"activity_{number}_name" for number in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One response that a follow-up asks for, before it is opened."""

    follow_up: FollowUp
    instrument: Instrument
    asked: dict[str, Any]


def sheets(follow_ups: Sequence[FollowUp], core: Instrument) -> list[Sheet]:
    """What ships first, then what the clinic brought for a slot of the time point."""
    found = _sheets(follow_ups, core)
    for instrument, asking in uses.wanted_by(follow_ups).items():
        found += _sheets(asking, instrument)
    return found


def _sheets(follow_ups: Sequence[FollowUp], instrument: Instrument) -> list[Sheet]:
    asked = asked_at(follow_ups, instrument)
    return [Sheet(row, instrument, asked[row.pk]) for row in follow_ups]


def asked_at(
    follow_ups: Sequence[FollowUp], instrument: Instrument
) -> dict[UUID, dict[str, Any]]:
    """For each follow-up what its response keeps: the link ids, and what is known."""
    wanted = _wanted(follow_ups)
    definition = definitions.of(instrument)
    named = _named([row for row in follow_ups if ACTIVITIES in wanted.get(row.pk, ())])
    found = {}
    for row in follow_ups:
        items = library.items_for(definition, _occasion(row, wanted.get(row.pk)))
        known = named.get(row.episode.complaint_id, {})
        found[row.pk] = {
            "items": library.link_ids(items),
            **({"known": known} if known else {}),
        }
    return found


def _occasion(row: FollowUp, wanted: frozenset[str] | None) -> Occasion:
    return Occasion(row.episode.complaint.pain_site, not row.is_baseline, wanted)


def _wanted(follow_ups: Sequence[FollowUp]) -> dict[UUID, frozenset[str]]:
    """The measures that their time points ask for; none where there is no protocol."""
    keys = {row.timepoint_key for row in follow_ups}
    protocols = {row.episode.plan.protocol_id for row in follow_ups}
    points = Timepoint.objects.filter(protocol__in=protocols - {None}, key__in=keys)
    measures = {
        (protocol_id, key): frozenset(asked)
        for protocol_id, key, asked in points.values_list(
            "protocol_id", "key", "measures"
        )
    }
    places = {
        row.pk: (row.episode.plan.protocol_id, row.timepoint_key) for row in follow_ups
    }
    return {pk: measures[place] for pk, place in places.items() if place in measures}


def _named(follow_ups: Sequence[FollowUp]) -> dict[UUID, dict[str, str]]:
    """The activities that patients named, by complaint, as they named them last."""
    complaints = {row.episode.complaint_id for row in follow_ups if not row.is_baseline}
    if not complaints:
        return {}
    given = (
        Answer.objects.filter(
            response__follow_up__episode__complaint__in=complaints,
            response__state=Response.State.SEALED,
            link_id__in=NAMES,
        )
        .exclude(text="")
        .annotate(complaint=F("response__follow_up__episode__complaint"))
        .order_by("response__sealed_at", "pk")
    )
    found: dict[UUID, dict[str, str]] = {}
    for complaint, link_id, text in given.values_list("complaint", "link_id", "text"):
        found.setdefault(complaint, {})[link_id] = text
    return found


def items_of(response: Response) -> tuple[Item, ...]:
    """The questions of its own version that it asks, whatever is asked by now."""
    definition = definition_of(response)
    kept = response.asked.get("items")
    if kept is None:
        occasion = _occasion(response.follow_up, None)
        return tuple(library.items_for(definition, occasion))
    return library.picked(definition.items, frozenset(kept))


def asked_links(response: Response) -> frozenset[str] | None:
    """The link ids that were asked; None where that was not kept: then all count."""
    kept = response.asked.get("items")
    return None if kept is None else frozenset(kept)


def definition_of(response: Response) -> InstrumentDefinition:
    if response.instrument is None:
        raise ValueError(f"response {response.pk} has no questionnaire")
    return definitions.of(response.instrument)


def known_of(response: Response) -> Mapping[str, str]:
    known: Mapping[str, str] = response.asked.get("known", {})
    return known


def family_of(response: Response) -> str:
    """The questionnaire whose link ids these are; empty where it ships."""
    key = response.instrument.key if response.instrument else ""
    return "" if key in library.SETS else key


def asked_of(response: Response) -> Asked:
    complaint = response.follow_up.episode.complaint
    return Asked(
        response_id=response.pk,
        items=items_of(response),
        site=complaint.pain_site,
        side=complaint.side,
        family=family_of(response),
        known=known_of(response),
    )
