"""Rows for tests, each with what it cannot do without and nothing else."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from clinic import access, audit, clinics, clock
from clinic.models import Clinic, User
from patients.models import Complaint, Evaluation, Patient, Study, StudyFile
from patients.record import registration
from patients.triage import complaints, evaluations, studies
from patients.triage.cells import Entry, cell_of
from patients.triage.study_files import file_store
from plans.course import goals, interventions, starting
from plans.harm import adverse_events, lots
from plans.models import (
    AdverseEvent,
    Goal,
    Intervention,
    LotUse,
    Plan,
    Protocol,
    ProtocolDraft,
)
from plans.protocols import documents, drafts, stored
from tests import reports

PASSWORD = "correct horse battery"
_serial = count(1)


def make_clinic(**fields: Any) -> Clinic:
    """A clinic that may send at any hour: no test depends on the time of day."""
    number = next(_serial)
    defaults = {
        "name": f"Lakeview Spine {number}",
        "slug": f"lakeview-{number}",
        "zone": "America/Chicago",
        "sends_from": "00:00",
        "sends_until": "23:59:59",
    }
    return clinics.open_clinic(by=audit.SYSTEM, **{**defaults, **fields})


def make_user(clinic: Clinic, *roles: access.Role, name: str = "") -> User:
    """A member, already at work in the clinic."""
    number = next(_serial)
    held = clinics.add_member(
        clinic,
        email=f"person{number}@example.org",
        name=name or f"Person {number}",
        roles=roles or (access.Role.ADMIN,),
        password=PASSWORD,
        by=audit.SYSTEM,
    )
    return held.user.enter(clinic)


def make_patient(clinic: Clinic, **fields: Any) -> Patient:
    number = next(_serial)
    defaults = {
        "given_name": "Marta",
        "family_name": f"Fennimore{number}",
        "birth_date": date(1957, 3, 14),
        "sex": Patient.Sex.FEMALE,
        "email": f"patient{number}@example.org",
        "may_contact": True,
    }
    return registration.register(clinic, by=audit.SYSTEM, **{**defaults, **fields})


def make_complaint(patient: Patient, **fields: Any) -> Complaint:
    defaults = {"pain_site": "foot", "side": "left"}
    return complaints.open_complaint(patient, by=audit.SYSTEM, **{**defaults, **fields})


def make_evaluation(complaint: Complaint, **cells: str) -> Evaluation:
    """A draft with findings, each named like ankle_jerk__left; one if none is given."""
    draft = evaluations.start(complaint, by=audit.SYSTEM)
    entries = {
        cell_of(name.replace("__", ".")): Entry(value)
        for name, value in (cells or {"knee_jerk__left": "2"}).items()
    }
    evaluations.record(draft, by=audit.SYSTEM, entries=entries)
    return draft


def make_study(complaint: Complaint, **fields: Any) -> Study:
    """An order, unless told otherwise of an MRI of the low back."""
    defaults = {"by": audit.SYSTEM, "kind": "mri", "region": "lumbar_spine"}
    return studies.order(complaint, **{**defaults, **fields})


def make_study_file(study: Study) -> StudyFile:
    """Row and bytes; the verb itself runs in no other transaction."""
    file = StudyFile.objects.create(
        clinic_id=study.clinic_id,
        study=study,
        name="report.png",
        content_type="image/png",
        size=len(reports.PNG),
        sha256=hashlib.sha256(reports.PNG).hexdigest(),
    )
    file_store.write(file.clinic_id, file.pk, reports.PNG)
    return file


def make_plan(
    complaint: Complaint, key: str = "prp", *, started_days_ago: int = 0, **fields: Any
) -> Plan:
    versions = Protocol.objects.filter(clinic=complaint.clinic, key=key)
    protocol = versions.latest("version")
    started_on = days_ago(complaint.clinic, started_days_ago)
    return starting.start(
        complaint,
        protocol=protocol,
        by=audit.SYSTEM,
        **{"started_on": started_on, **fields},
    )


def step_of(plan: Plan, modality: str) -> Intervention:
    """Day 0 where it is of this modality, else the first; several may share a day."""
    steps = plan.interventions.filter(modality=modality)
    return steps.order_by("-is_index", "planned_on", "pk")[0]


def make_performed(plan: Plan, *, days: int = 30) -> Intervention:
    """The plan's index procedure, performed so many days ago."""
    intervention = plan.interventions.get(is_index=True)
    return interventions.perform(
        intervention, performed_on=days_ago(plan.clinic, days), by=audit.SYSTEM
    )


def make_lot(intervention: Intervention, lot: str = "", **fields: Any) -> LotUse:
    use = lots.made(intervention, lot=lot, **fields)
    use.save()
    return use


def make_adverse_event(
    patient: Patient, *, by: User | audit.Actor = audit.SYSTEM, **fields: Any
) -> AdverseEvent:
    """A pain flare of yesterday, unless told otherwise."""
    defaults = {"onset_on": days_ago(patient.clinic, 1), "category": "pain_flare"}
    return adverse_events.open_event(patient, by=by, **{**defaults, **fields})


def make_draft(protocol: Protocol, *, by: User, **changes: Any) -> ProtocolDraft:
    """A draft of its next version that says something new."""
    draft = drafts.begin(protocol, by=by)
    content = {**draft.content, "summary": "Changed for this clinic.", **changes}
    return drafts.save(draft, content, revision=draft.revision, by=by)


def make_version(protocol: Protocol, *, by: User, **changes: Any) -> Protocol:
    draft = make_draft(protocol, by=by, **changes)
    return drafts.publish(draft, change_note="Tried it", by=by)


def make_series(
    protocol: Protocol, *, by: User, repeats: int, every_days: int
) -> Protocol:
    """A new version that gives its procedure so often."""
    steps = documents.write(stored.definition_of(protocol))["steps"]
    several = {"repeats": repeats, "every_days": every_days}
    steps = [row | (several if row["is_index"] else {}) for row in steps]
    return make_version(protocol, by=by, steps=steps)


def make_goal(plan: Plan, **fields: Any) -> Goal:
    """Pain of at most 3 by three months after the start."""
    defaults = {
        "measure": "pain_site",
        "comparison": "at_most",
        "target": Decimal(3),
        "due_on": plan.started_on + timedelta(days=90),
        "by": audit.SYSTEM,
    }
    return goals.add(plan, **{**defaults, **fields})


def days_ago(clinic: Clinic, days: int) -> date:
    return clock.today(clinic.zone) - timedelta(days=days)
