"""Builds both demo clinics: the same for the same day, in one transaction."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from django.db import connection, transaction

from clinic import audit, clock
from clinic.models import Clinic
from outcomes.dashboards import facts
from outcomes.dashboards.own_change import estimating
from outcomes.demo import (
    alerting,
    cast,
    climbing,
    clinics,
    day_list,
    detours,
    equipment,
    invitations,
    own_protocols,
    parts,
    records,
    stories,
    surveys,
)
from outcomes.demo.asking import Asking, Moment
from outcomes.demo.batch import Batch
from outcomes.demo.climbing import Climber
from outcomes.demo.clinics import DemoClinic
from outcomes.demo.records import Workplace
from outcomes.demo.responses import Answering, Questionnaire
from outcomes.demo.stories import PatientStory, Template
from outcomes.demo.surveys import Subject
from outcomes.follow_ups.planning import sending_hours
from outcomes.follow_ups.planning.calendar import SendingHours, TimepointLike
from outcomes.instruments import definitions
from outcomes.models import Episode, Measure
from outcomes.survey import submissions
from plans.models import Protocol, ProtocolStep
from plans.protocols import step_days
from plans.protocols.definition import StepDefinition

SEED = "mendline"
PATIENTS = 300
# Told what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


class NotBuiltError(Exception):
    """Why there is no demo now, in a sentence for the person who asked for it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A clinic ready to be filled."""

    demo: DemoClinic
    place: Workplace
    templates: Mapping[str, Template]
    questionnaire: Questionnaire
    hours: SendingHours


def check(*, is_forced: bool = False) -> None:
    """Raises NotBuiltError where a demo stands already, or real clinics do."""
    standing = ", ".join(clinic.name for clinic in clinics.standing())
    if standing:
        raise NotBuiltError(
            f"The demo is here already ({standing}). To build it anew, start from "
            "an empty database: point MENDLINE_DATA or DATABASE_URL elsewhere."
        )
    real = Clinic.objects.filter(is_demo=False).count()
    if real and not is_forced:
        raise NotBuiltError(
            f"This installation holds {real} clinic(s) that are no demo. Add --force "
            "to put the demo clinics beside them all the same."
        )


@transaction.atomic
def build(
    progress: Progress, *, patients: int = PATIENTS, is_forced: bool = False
) -> None:
    """Both clinics with about so many patients together, or nothing at all."""
    check(is_forced=is_forced)
    for demo in clinics.ALL:
        _build(demo, round(patients * demo.share), progress)
    clinics.set_passwords()
    freshen_statistics()


def _build(demo: DemoClinic, size: int, progress: Progress) -> None:
    progress(f"{demo.name}: clinic and staff", 0, 1)
    stage = _stage(demo)
    batch = Batch()
    told = list(_stories(stage, size))
    for number, story in enumerate(told, 1):
        _add(batch, stage, story)
        progress(f"{demo.name}: patients", number, len(told))
    for number, _table in enumerate(batch.save(), 1):
        progress(f"{demo.name}: tables written", number, batch.tables)
    detours.take(stage.place)
    day_list.take(stage.place)
    equipment.take(stage.place)
    alerting.take(stage.place)
    progress(f"{demo.name}: outcomes", 0, 1)
    clinic = stage.place.clinic
    counted = facts.rebuild_many(
        Episode.objects.filter(clinic=clinic).values_list("pk", flat=True)
    )
    estimating.run(clinic, clock.now(), until=math.inf)
    audit.record(
        by=audit.SYSTEM,
        action="demo.built",
        about=clinic,
        people=len(told),
        counted=counted,
    )


def _stage(demo: DemoClinic) -> Stage:
    clinic = clinics.open_clinic(demo)
    providers = clinics.add_members(clinic, demo)
    own_protocols.publish(providers[0].enter(clinic))
    protocols = {
        protocol.key: protocol
        for protocol in Protocol.objects.filter(
            clinic=clinic, key__in=stories.PROTOCOLS
        ).prefetch_related("steps", "timepoints", "goals", "rungs")
    }
    moment = Moment(clock.now(), clock.today(clinic.zone), clinic.zone)
    return Stage(
        demo=demo,
        place=Workplace(clinic, providers, protocols, moment),
        templates={key: _template(found) for key, found in protocols.items()},
        questionnaire=_questionnaire(clinic, protocols),
        hours=SendingHours(clinic.zone, *sending_hours.ANY_HOUR),
    )


def _template(protocol: Protocol) -> Template:
    return template(list(protocol.steps.all()), list(protocol.timepoints.all()))


def template(
    steps: Sequence[StepDefinition | ProtocolStep],
    timepoints: Sequence[TimepointLike],
) -> Template:
    """Of a protocol, stored or as it is shipped."""
    index = next((step for step in steps if step.is_index), None)
    if index is None:
        return Template(None, timepoints)
    days = step_days.days(steps)[index.key]
    return Template(days[-1], timepoints, days[0] if index.repeats > 1 else None)


def _questionnaire(clinic: Clinic, protocols: Mapping[str, Protocol]) -> Questionnaire:
    row = submissions.current_instrument(clinic.pk)
    wanted = {
        (key, point.key): frozenset(point.measures)
        for key, protocol in protocols.items()
        for point in protocol.timepoints.all()
    }
    measures = {m.key: m for m in Measure.objects.filter(clinic=clinic)}
    return Questionnaire(row, definitions.of(row), measures, wanted)


def _stories(stage: Stage, size: int) -> list[PatientStory]:
    seed, today = f"{SEED}:{stage.demo.slug}", stage.place.moment.today
    people = cast.people(Random(seed), size, today)  # noqa: S311
    return list(stories.stories(seed, people, stage.demo.pins, stage.templates, today))


def _add(batch: Batch, stage: Stage, story: PatientStory) -> None:
    """All rows of one patient, from registration to the last score."""
    rng = Random(f"{SEED}:{stage.demo.slug}:{story.person.mrn}")  # noqa: S311
    place = stage.place
    registered = records.add_patient(batch, place, story)
    subject = Subject(place.clinic, registered.patient, story)
    plans = records.add_complaints(batch, place, rng, registered, story)
    asking = Asking(rng, story, place.moment)
    asked = surveys.asked_of(subject, asking, plans, stage.templates, stage.hours)
    climber = Climber(subject, stage.hours, place.moment.now)
    for each in asked:
        climber.stand(each)
    invitations.add(batch, subject, climber, asked)
    batch.extend({each.row.episode.pk: each.row.episode for each in asked}.values())
    batch.extend(each.row for each in asked)
    batch.extend(parts.owed(each.row for each in asked))
    batch.extend(climbing.by_people(climber, asked))
    answering = Answering(rng, subject, stage.questionnaire)
    for each in asked:
        answering.add(batch, each)


def freshen_statistics() -> None:
    """Thousands of new rows: the planner should know before the first page is read."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
        else:
            cursor.execute("PRAGMA optimize")
