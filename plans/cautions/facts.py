"""Gathers from the records what the cautions ask about, in six queries."""

import copy
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from clinic import clock
from patients.models import (
    Complaint,
    Consent,
    Diagnosis,
    Evaluation,
    Finding,
    Patient,
    RedFlag,
)
from patients.models.patient import years_between
from plans.cautions.catalogue import cautions
from plans.cautions.rules import Facts, Said, StandingFlag
from plans.models import (
    AdverseEvent,
    GuidedInjection,
    Intervention,
    MarrowConcentrate,
    Modality,
    Procedure,
)

# The tables that say something a caution depends on.
DETAILS: dict[str, type[Model]] = {
    "procedure": Procedure,
    "injection": GuidedInjection,
    "marrow": MarrowConcentrate,
}
# What is added up and shown beside the next steroid.
STEROID_SPAN = timedelta(days=365)
ALLERGIC = "allergic"
NO_STEROID = ("", "none")


def gather(intervention: Intervention, *, on: date, **changes: Any) -> Facts:
    """As of a day; `changes` are columns as a form has them and nobody saved yet."""
    about = copy.copy(intervention)
    own_columns = {field.name for field in Intervention._meta.concrete_fields}
    for name, value in changes.items():
        if name in own_columns:
            setattr(about, name, value)
    complaint = about.plan.complaint
    patient = complaint.patient.kept
    own = _with_details(about)
    _set_details(own, changes)
    procedure = _detail(own, "procedure")
    earlier = _performed_before(about, patient, on)
    diagnoses = _diagnoses(patient)
    is_running = complaint.is_clock_running
    return Facts(
        on=on,
        modality=about.modality,
        kind=about.kind,
        guidance=_guidance(about, own),
        side=about.side,
        complaint_side=complaint.side,
        flags=_flags(patient),
        said=_said(patient),
        age=_age(patient, on),
        is_male=patient.sex == Patient.Sex.MALE,
        anticoagulant_plan=procedure.anticoagulant_plan if procedure else "",
        nsaid_hold_days=procedure.nsaid_hold_days if procedure else None,
        holds_steroid=_holds_steroid(about, own),
        last_steroid_on=max((day for day, _ in _steroids(earlier)), default=None),
        diabetes_codes=tuple(sorted({diagnosis.code for diagnosis in diagnoses})),
        has_consent=bool(procedure and _in_force(procedure.consent, on)),
        has_indication=_has_indication(about, complaint, diagnoses),
        has_signed_evaluation=own.has_signed,
        deficit=complaint.get_deficit_kind_display() if is_running else "",
        deficit_since=complaint.deficit_since if is_running else None,
        allergic_events=_allergic(earlier, patient),
        steroid_mg=_steroid_total(earlier, on),
    )


def _age(patient: Patient, on: date) -> int | None:
    return None if patient.birth_date is None else years_between(patient.birth_date, on)


def of_person(patient: Patient, path: str) -> Q:
    """Rows of a record and of all that are read as one with it."""
    merged = {f"{path}__merged_into": patient.pk}
    return Q(**{path: patient.pk}) | Q(**merged)


def _with_details(intervention: Intervention) -> Any:
    signed = Evaluation.objects.filter(
        complaint=OuterRef("plan__complaint"), state=Evaluation.State.SIGNED
    )
    return (
        Intervention.objects.select_related("procedure__consent", "injection", "marrow")
        .annotate(has_signed=Exists(signed))
        .get(pk=intervention.pk)
    )


def _set_details(own: Intervention, changes: dict[str, Any]) -> None:
    """Columns of its detail tables as a form has them; nothing is saved."""
    for name, model in DETAILS.items():
        columns = {field.name for field in model._meta.concrete_fields}
        given = {key: value for key, value in changes.items() if key in columns}
        if not given:
            continue
        detail = _detail(own, name) or model(intervention=own)
        for key, value in given.items():
            setattr(detail, key, value)


def _detail(intervention: Intervention, name: str) -> Any:
    """One of its detail tables, None where nothing of it is recorded."""
    try:
        return getattr(intervention, name)
    except ObjectDoesNotExist:
        return None


def _in_force(consent: Consent | None, on: date) -> bool:
    """A yes to being asked, or to what answers serve, is none to a needle."""
    if consent is None or consent.scope != Consent.Scope.PROCEDURE:
        return False
    return consent.withdrawn_on is None or consent.withdrawn_on > on


def _guidance(about: Intervention, own: Intervention) -> frozenset[str]:
    """Of the treatment, and of the harvest before it."""
    marrow = _detail(own, "marrow")
    named = (about.guidance, marrow.harvest_guidance if marrow else "")
    return frozenset(filter(None, named))


def _holds_steroid(about: Intervention, own: Intervention) -> bool | None:
    if about.modality != Modality.IMAGE_GUIDED_INJECTION:
        return False
    injection = _detail(own, "injection")
    if injection is None or not injection.steroid:
        return None
    return injection.steroid not in NO_STEROID


def _flags(patient: Patient) -> tuple[StandingFlag, ...]:
    standing = RedFlag.objects.of_person(patient).standing()
    return tuple(
        StandingFlag(
            id=flag.pk,
            flag=flag.flag,
            tier=flag.tier,
            finding=flag.rule.finding,
            is_open=flag.state == RedFlag.State.OPEN,
            raised_on=clock.day_of(flag.raised_at, patient.time_zone),
        )
        for flag in standing
    )


def _said(patient: Patient) -> dict[str, Said]:
    """The newest answer to each flag that a caution asks about."""
    wanted = [rule.parameters.get("flag") for rule in cautions().values()]
    found = (
        Finding.objects.filter(
            of_person(patient, "evaluation__complaint__patient"),
            code__in=filter(None, wanted),
            replaced_in=None,
        )
        .exclude(evaluation__state=Evaluation.State.ENTERED_IN_ERROR)
        .order_by("evaluation__examined_on", "pk")
        .values_list("code", "value", "evaluation__examined_on")
    )
    return {code: Said(value, day) for code, value, day in found}


def _diagnoses(patient: Patient) -> list[Diagnosis]:
    """Those that stand, of any complaint of the person."""
    active = Diagnosis.objects.filter(
        of_person(patient, "complaint__patient"), status=Diagnosis.Status.ACTIVE
    )
    return [diagnosis for diagnosis in active if diagnosis.is_standing]


def _has_indication(
    about: Intervention, complaint: Complaint, standing: Iterable[Diagnosis]
) -> bool:
    """What was named must stand still; else what stands for the complaint will do."""
    if about.indication_id is not None:
        return about.indication_id in {diagnosis.pk for diagnosis in standing}
    return complaint.pk in {diagnosis.complaint_id for diagnosis in standing}


def _performed_before(
    about: Intervention, patient: Patient, on: date
) -> list[Intervention]:
    done: QuerySet[Intervention] = Intervention.objects.filter(
        of_person(patient, "plan__complaint__patient"),
        status=Intervention.Status.PERFORMED,
        performed_on__lte=on,
    )
    return list(
        done.exclude(pk=about.pk)
        .select_related("injection", "procedure")
        .order_by("performed_on", "pk")
    )


def _steroids(earlier: Iterable[Intervention]) -> Iterator[tuple[date, Decimal | None]]:
    """The days and doses of steroid injections here."""
    for done in earlier:
        injection = _detail(done, "injection")
        if injection and injection.steroid not in NO_STEROID and done.performed_on:
            yield done.performed_on, injection.steroid_mg


def _steroid_total(earlier: Iterable[Intervention], on: date) -> str:
    """In words; empty where none was given here in the twelve months before."""
    doses = [mg for day, mg in _steroids(earlier) if day > on - STEROID_SPAN]
    if not doses:
        return ""
    known = [mg for mg in doses if mg is not None]
    times = "1 injection" if len(doses) == 1 else f"{len(doses)} injections"
    total = f"{sum(known, Decimal(0)).normalize():f} mg in {times}"
    missing = len(doses) - len(known)
    return f"{total}, {missing} without a dose" if missing else total


def _allergic(earlier: Iterable[Intervention], patient: Patient) -> tuple[str, ...]:
    at_a_procedure = [
        f"at {done.title} on {clock.in_words(done.performed_on)}"
        for done in earlier
        if done.performed_on and _was_allergic(done)
    ]
    reported = (
        AdverseEvent.objects.filter(of_person(patient, "patient"), category=ALLERGIC)
        .exclude(status=AdverseEvent.Status.ENTERED_IN_ERROR)
        .order_by("onset_on", "pk")
    )
    events = [f"event of {clock.in_words(event.onset_on)}" for event in reported]
    return (*at_a_procedure, *events)


def _was_allergic(done: Intervention) -> bool:
    procedure = _detail(done, "procedure")
    return procedure is not None and ALLERGIC in procedure.complications
