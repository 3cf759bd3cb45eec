"""What a patient agreed to, and the flags by which messages go: changed only here.

`ContactPoint.may_contact` is what the sender reads right before each message. It says
the same as the consents in force: this module sets both in one transaction.
"""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients.catalogue import consents as wordings
from patients.models import Caregiver, Consent, ContactPoint, Patient
from patients.models.patient import validate_lived, validate_past
from patients.record import standing

Scope = Consent.Scope
MINOR = "Under 18 a guardian gives the consent: add the guardian first."
# Whose flag follows which consent; nothing is sent by the others.
MIRRORED = {
    ContactPoint.System.EMAIL: Scope.EMAIL,
    ContactPoint.System.PHONE: Scope.SMS,
}


@transaction.atomic
def give(
    patient: Patient,
    *,
    by: By,
    scope: str,
    given_on: date | None = None,
    given_by: Caregiver | None = None,
    wording_version: str = "",
) -> Consent:
    """Record a yes to the current wording, or to the one that was read out.

    `given_by` is who decided in the patient's place; under age that is a guardian.
    A yes to newer words ends the older one.
    """
    standing.hold_to_change(patient)
    day = given_on or clock.today(patient.time_zone)
    version = wording_version or wordings.current_version()
    giver = given_by or guardian_of(patient)
    check_given(patient, scope, day, version)
    check_giver(patient, giver)
    _end_older(patient, scope, day, version, by)
    consent = _add(patient, scope, day, version, giver, by)
    mirror(patient)
    consequences.apply("patient.updated", patient, by=by, changed=["may_contact"])
    return consent


@transaction.atomic
def withdraw(
    patient: Patient, *, by: By, scope: str, withdrawn_on: date | None = None
) -> Consent:
    """End one consent, also on the records merged into this one; the others stand."""
    standing.hold_to_change(patient)
    day = withdrawn_on or clock.today(patient.time_zone)
    check_scope(scope)
    held = _in_force_of_person(patient, scope)
    if not held:
        raise ValidationError(
            {"scope": f"Nothing to withdraw: “{Scope(scope).label}” is not agreed to."}
        )
    check_withdrawn(patient, held, day)
    _end_everywhere(held, day, by)
    if scope == Scope.PHONE:
        consequences.apply("patient.updated", patient, by=by, changed=["may_call"])
    return held[0]


def in_force(patient: Patient) -> dict[str, Consent]:
    """By scope, read afresh."""
    found = Consent.objects.filter(patient=patient, withdrawn_on=None)
    return {consent.scope: consent for consent in found.select_related("given_by")}


def taken_back(patient: Patient) -> set[str]:
    """Scopes that were agreed to and are not any more."""
    given = Consent.objects.filter(patient=patient)
    ended = given.exclude(withdrawn_on=None).values_list("scope", flat=True)
    return {*ended} - {*in_force(patient)}


def set_may_contact(patient: Patient, may_contact: bool, *, by: By) -> None:
    """The yes or no of the registration page: to be asked by e-mail, for treatment.

    What stands already stays as it is; a no ends the e-mail only.
    """
    held = in_force(patient)
    day = clock.today(patient.time_zone)
    if may_contact:
        giver = guardian_of(patient)
        if patient.is_minor and giver is None:
            raise ValidationError({"may_contact": MINOR})
        for scope in (Scope.EMAIL, Scope.TREATMENT):
            if scope not in held:
                check_alive("may_contact", day, patient)
                version = wordings.current_version()
                _add(patient, scope, day, version, giver, by)
    else:
        _end_everywhere(_in_force_of_person(patient, Scope.EMAIL), day, by)


def mirror(patient: Patient) -> None:
    """Bring the flags in step with the consents in force."""
    standing_now = set(in_force(patient))
    for system, scope in MIRRORED.items():
        allowed = scope in standing_now
        patient.contact_points.filter(system=system, may_contact=not allowed).update(
            may_contact=allowed
        )


def rows(
    patient: Patient, contacts: Iterable[ContactPoint], given_on: date
) -> list[Consent]:
    """Unsaved, for contacts that may be used and whoever adds many patients at once."""
    scopes = {
        MIRRORED[ContactPoint.System(contact.system)]
        for contact in contacts
        if contact.may_contact
    }
    return [
        Consent(
            clinic_id=patient.clinic_id,
            patient=patient,
            scope=scope,
            wording_version=wordings.current_version(),
            given_on=given_on,
        )
        for scope in (*scopes, *([Scope.TREATMENT] if scopes else []))
    ]


def guardian_of(patient: Patient) -> Caregiver | None:
    """Who gives a consent where nobody is named: under age the first guardian."""
    if not patient.is_minor:
        return None
    return patient.caregivers.filter(is_guardian=True, ended_on=None).first()


def check_scope(scope: str) -> None:
    if scope not in Scope.values:
        raise ValidationError(
            {"scope": f"{scope!r} is not one of {', '.join(Scope.values)}."}
        )


def check_given(patient: Patient, scope: str, day: date, version: str) -> None:
    check_scope(scope)
    if version not in wordings.versions():
        known = ", ".join(wordings.versions())
        raise ValidationError(
            {"wording_version": f"There is no wording {version!r}; known: {known}."}
        )
    validate_past("given_on", day, clock.today(patient.time_zone))
    validate_lived("given_on", day, patient)
    check_alive("given_on", day, patient)


def check_alive(field: str, day: date, patient: Patient) -> None:
    """The dead give no consent; what they gave before stands as it was given."""
    died = patient.deceased_on
    if died is not None and day > died:
        raise ValidationError(
            {
                field: f"The patient died on {clock.in_words(died)}; a consent of "
                f"{clock.in_words(day)} cannot be theirs."
            }
        )


def check_giver(patient: Patient, giver: Caregiver | None) -> None:
    """Raises ValidationError where this person's yes does not count."""
    if patient.is_minor and (giver is None or not giver.is_guardian):
        raise ValidationError({"given_by": MINOR})
    if giver is None:
        return
    if giver.patient_id != patient.pk:
        raise ValidationError({"given_by": "This person is no caregiver of theirs."})
    if not giver.may_decide:
        raise ValidationError(
            {
                "given_by": f"{giver.name} may not decide for the patient: record "
                "since when they may answer, or that they are the guardian."
            }
        )


def check_withdrawn(patient: Patient, held: Iterable[Consent], day: date) -> None:
    """Only by the record's own dates: a merged one may have been made later."""
    validate_past("withdrawn_on", day, clock.today(patient.time_zone))
    for consent in held:
        if consent.patient_id == patient.pk and day < consent.given_on:
            raise ValidationError(
                {
                    "withdrawn_on": "It was given on "
                    f"{clock.in_words(consent.given_on)}; give that day or a later one."
                }
            )


def _end_older(patient: Patient, scope: str, day: date, version: str, by: By) -> None:
    held = in_force(patient).get(scope)
    if held is None:
        return
    if held.wording_version == version:
        raise ValidationError(
            {
                "scope": f"“{Scope(scope).label}” is agreed to since "
                f"{clock.in_words(held.given_on)}; withdraw it first to record it anew."
            }
        )
    if day < held.given_on:
        raise ValidationError(
            {
                "given_on": "An earlier wording was agreed to on "
                f"{clock.in_words(held.given_on)}; give that day or a later one."
            }
        )
    _end(held, day, by, "consent.replaced")


def _add(
    patient: Patient,
    scope: str,
    day: date,
    version: str,
    giver: Caregiver | None,
    by: By,
) -> Consent:
    consent = Consent.objects.create(
        clinic_id=patient.clinic_id,
        patient=patient,
        scope=scope,
        wording_version=version,
        given_on=day,
        given_by=giver,
        recorded_by=by if isinstance(by, User) else None,
    )
    audit.record(
        by=by,
        action="consent.given",
        about=consent,
        scope=str(scope),
        wording=version,
        given_on=day.isoformat(),
        given_by=str(giver.pk) if giver else None,
    )
    return consent


def _in_force_of_person(patient: Patient, scope: str) -> list[Consent]:
    """This record's own first, then those of the records merged into it."""
    found = Consent.objects.filter(
        Q(patient=patient) | Q(patient__merged_into=patient),
        scope=scope,
        withdrawn_on=None,
    )
    ranked = found.select_related("patient", "given_by").order_by("pk")
    return sorted(ranked, key=lambda consent: consent.patient_id != patient.pk)


def _end_everywhere(held: Iterable[Consent], day: date, by: By) -> None:
    """Who says stop is one person, whichever record it is said of: should the records
    be separated, it stands on each.
    """
    for consent in held:
        _end(consent, max(day, consent.given_on), by, "consent.withdrawn")
        mirror(consent.patient)


def _end(consent: Consent, day: date, by: By, action: str) -> None:
    consent.withdrawn_on = day
    consent.withdrawal_recorded_at = clock.now()
    consent.withdrawal_recorded_by = by if isinstance(by, User) else None
    consent.save(
        update_fields=[
            "withdrawn_on",
            "withdrawal_recorded_at",
            "withdrawal_recorded_by",
        ]
    )
    audit.record(
        by=by,
        action=action,
        about=consent,
        scope=consent.scope,
        withdrawn_on=day.isoformat(),
    )
