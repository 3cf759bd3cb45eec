"""The rows of a story up to its plans: who came, what hurts, what is done about it.

They are what registration, triage and lifecycle would have written, dated back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from clinic.models import Clinic, User
from outcomes.demo import (
    aims,
    conditions,
    details,
    harm,
    ledger,
    referrers,
    studies,
    visits,
)
from outcomes.demo.asking import Moment
from outcomes.demo.batch import Batch
from outcomes.demo.cast import Person
from outcomes.demo.stories import ComplaintStory, PatientStory, PlanStory
from outcomes.demo.treated import Treated
from outcomes.demo.visits import Subject
from patients.catalogue import consents as wordings
from patients.catalogue import icd10
from patients.models import (
    Complaint,
    Consent,
    ContactPoint,
    Diagnosis,
    Patient,
)
from patients.record import consents, search_index
from plans.course import planned
from plans.models import Intervention, Plan, Protocol

NOT_DONE_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Workplace:
    """A clinic, the people who treat there, and its protocols by modality."""

    clinic: Clinic
    providers: Sequence[User]
    protocols: Mapping[str, Protocol]
    moment: Moment


@dataclass(frozen=True, slots=True)
class Registered:
    """A patient, and the consent to procedures; none where none is planned."""

    patient: Patient
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class PlanRows:
    complaint: Complaint
    protocol: Protocol
    plan: Plan
    index: Intervention | None
    about: ComplaintStory
    story: PlanStory


def add_patient(batch: Batch, place: Workplace, story: PatientStory) -> Registered:
    person, came_at = story.person, place.moment.at(story.came_on, 8, 40)
    patient = Patient(
        clinic=place.clinic,
        mrn=person.mrn,
        given_name=person.given_name,
        family_name=person.family_name,
        birth_date=person.birth_date,
        sex=person.sex,
        language=person.language,
        preferred_channel=_preferred(person),
        withdrawn_on=story.withdrawn_on,
        deceased_on=story.deceased_on,
        created_at=came_at,
    )
    batch.add(patient)
    reached_by = list(_contacts(patient, person, came_at))
    batch.extend(reached_by)
    given = consents.rows(patient, reached_by, story.came_on)
    batch.extend(given)
    batch.extend(search_index.rows(patient, reached_by))
    sent_by_rng = Random(f"{place.clinic.slug}:{person.mrn}:referrers")  # noqa: S311
    batch.extend(referrers.rows(sent_by_rng, patient))
    agreed = _to_procedures(patient, story)
    batch.extend(agreed)
    return Registered(patient, next(iter(agreed), None))


def _preferred(person: Person) -> str:
    """One in eight would rather have a text message; known from the number alone."""
    likes_texts = int(person.mrn[1:]) % 8 == 3 and person.email
    return Patient.Channel.SMS if likes_texts else Patient.Channel.EMAIL


def _contacts(
    patient: Patient, person: Person, came_at: datetime
) -> Iterator[ContactPoint]:
    """Who has no e-mail address has a landline, and is out of reach of messages."""
    if person.email:
        yield ContactPoint.made(
            patient, "email", person.email, may_contact=True, created_at=came_at
        )
    if person.phone:
        yield ContactPoint.made(
            patient,
            "phone",
            person.phone,
            may_contact=True,
            created_at=came_at,
            failed_at=None if person.email else came_at,
            failure="" if person.email else "landline",
        )


def _to_procedures(patient: Patient, story: PatientStory) -> list[Consent]:
    """On the day of the first plan that has one."""
    plans = [plan for about in story.complaints for plan in about.plans]
    days = [plan.started_on for plan in plans if plan.is_performed is not None]
    return [
        Consent(
            clinic_id=patient.clinic_id,
            patient=patient,
            scope=Consent.Scope.PROCEDURE,
            wording_version=wordings.current_version(),
            given_on=day,
        )
        for day in sorted(days)[:1]
    ]


def add_complaints(
    batch: Batch,
    place: Workplace,
    rng: Random,
    registered: Registered,
    story: PatientStory,
) -> list[PlanRows]:
    """Every complaint with its visits and plans, in the story's order."""
    provider = rng.choice(place.providers)
    # Draw alone, so that what is found on a patient leaves the answers as they were.
    seed = f"{place.clinic.slug}:{story.person.mrn}"
    visit_rng = Random(f"{seed}:visits")  # noqa: S311
    study_rng = Random(f"{seed}:studies")  # noqa: S311
    harm_rng = Random(f"{seed}:harm")  # noqa: S311
    details_rng = Random(f"{seed}:details")  # noqa: S311
    aims_rng = Random(f"{seed}:aims")  # noqa: S311
    ward = harm.Ward(place.moment, place.providers)
    made = []
    for about in story.complaints:
        complaint = _complaint(place, registered.patient, about)
        batch.add(complaint)
        subject = Subject(place.moment, complaint, about, story, provider)
        looked = visits.add(batch, visit_rng, subject)
        seen = list(studies.plan(study_rng, subject))
        batch.extend(each.study for each in seen)
        batch.extend(ledger.rows(subject, looked, seen))
        diagnoses = list(_diagnoses(place, complaint, about, provider))
        batch.extend(diagnoses)
        for plan_story in about.plans:
            rows = _plan(place, complaint, about, plan_story, provider)
            interventions = _interventions(place, rng, rows, provider)
            batch.add(rows.plan, *interventions)
            batch.extend(aims.rows(aims_rng, rows.plan, about, plan_story.anchor_on))
            harm.add(batch, harm_rng, ward, interventions)
            for each in interventions:
                treated = Treated(
                    row=each,
                    about=about,
                    story=plan_story,
                    person=story.person,
                    indication=diagnoses[0],
                    consent=registered.consent,
                    moment=place.moment,
                    until=_known_until(place, story, plan_story),
                )
                details.add(batch, details_rng, treated)
            index = next((i for i in interventions if i.is_index), None)
            made.append(replace(rows, index=index))
    return made


def _complaint(place: Workplace, patient: Patient, about: ComplaintStory) -> Complaint:
    return Complaint(
        clinic=place.clinic,
        patient=patient,
        pain_site=about.site,
        side=about.side,
        onset_on=about.onset_on,
        opened_on=about.opened_on,
        created_at=place.moment.at(about.opened_on, 9),
    )


def _diagnoses(
    place: Workplace, complaint: Complaint, about: ComplaintStory, provider: User
) -> Iterator[Diagnosis]:
    named_on = about.plans[0].started_on
    site = conditions.SITE_CODES.get(about.site, {}).get(about.side)
    wanted = [
        (about.condition.source_codes[about.side], "source", "confirmed", named_on),
        *([(site, "contributing", "confirmed", about.opened_on)] if site else []),
    ]
    if about.condition.was_called_fasciitis:
        fasciitis = conditions.PLANTAR_FASCIITIS
        wanted.append((fasciitis, "source", "refuted", about.opened_on))
    for code, role, certainty, recorded_on in wanted:
        known = icd10.lookup(code)
        if known is None:
            raise ValueError(f"{code} is not in the shipped list")
        yield Diagnosis(
            clinic=place.clinic,
            complaint=complaint,
            code=known.code,
            title=known.title,
            release=known.release,
            side=complaint.side,
            role=role,
            certainty=certainty,
            recorded_on=recorded_on,
            recorded_by=provider,
            created_at=place.moment.at(recorded_on, 9, 30),
        )


def _plan(
    place: Workplace,
    complaint: Complaint,
    about: ComplaintStory,
    story: PlanStory,
    provider: User,
) -> PlanRows:
    protocol = place.protocols[story.treatment]
    plan = Plan(
        clinic=place.clinic,
        complaint=complaint,
        protocol=protocol,
        title=protocol.title,
        modality=protocol.modality,
        treatment_key=protocol.modality,
        treatment_label=protocol.get_modality_display(),
        provider=provider,
        status=story.status,
        started_on=story.started_on,
        ended_on=story.ended_on,
        status_reason=story.end_reason,
        created_at=place.moment.at(story.started_on, 9, 40),
    )
    return PlanRows(complaint, protocol, plan, None, about, story)


def _interventions(
    place: Workplace, rng: Random, rows: PlanRows, provider: User
) -> list[Intervention]:
    """The protocol's steps; what the past has brought is performed or cancelled."""
    # The story counts the start back from day 0, so that no procedure moves.
    steps = planned.interventions(rows.plan, rows.protocol, None)
    for step in steps:
        step.created_at = rows.plan.created_at
        _settle(step, rng, rows.story, place.moment.today, provider)
    return steps


def _settle(
    step: Intervention, rng: Random, story: PlanStory, today: date, provider: User
) -> None:
    planned_on = step.planned_on or story.started_on
    # Day 0 and what leads up to it are as the story has them.
    is_of_series = step.is_needle and step.series_number is not None
    is_certain = step.is_index or is_of_series or planned_on == story.started_on
    performed_on = planned_on + timedelta(days=0 if is_certain else rng.randint(0, 4))
    if story.is_performed is False or performed_on >= today:
        return
    has_ended = story.ended_on is not None and performed_on > story.ended_on
    if not is_certain and (has_ended or rng.random() < NOT_DONE_SHARE):
        step.status = Intervention.Status.CANCELLED
        return
    step.status = Intervention.Status.PERFORMED
    step.performed_on = performed_on
    step.performed_by = provider


def _known_until(place: Workplace, story: PatientStory, plan: PlanStory) -> date:
    ends = (place.moment.today, plan.ended_on, story.left_on)
    return min(day for day in ends if day is not None)
