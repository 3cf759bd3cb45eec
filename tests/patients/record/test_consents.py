from datetime import timedelta
from random import Random

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.catalogue import consents as wordings
from patients.catalogue.consents import Version
from patients.models import Consent, ContactPoint
from patients.record import (
    caregivers,
    consents,
    holds,
    leaving,
    merging,
    registration,
)
from tests import factories

Scope = Consent.Scope
MANY = tuple(Scope.values)


def refused(act, *args, **fields):
    with pytest.raises(ValidationError) as caught:
        act(*args, by=audit.SYSTEM, **fields)
    return caught.value.message_dict


def given(patient):
    return set(consents.in_force(patient))


def flags(patient):
    return dict(patient.contact_points.values_list("system", "may_contact"))


@pytest.fixture
def today(clinic):
    return clock.today(clinic.zone)


@pytest.fixture
def reachable(clinic):
    """With an address and a number, and asked nothing yet."""
    return factories.make_patient(clinic, phone="312 555 0142", may_contact=False)


def test_the_yes_at_registration_is_a_consent_to_e_mail_for_treatment(clinic, today):
    patient = factories.make_patient(clinic)
    assert given(patient) == {Scope.EMAIL, Scope.TREATMENT}
    assert {c.given_on for c in patient.consents.all()} == {today}
    assert {c.wording_version for c in patient.consents.all()} == {"1"}


def test_each_is_given_and_withdrawn_on_its_own(reachable, admin):
    for scope in MANY:
        consents.give(reachable, by=admin, scope=scope)
    consents.withdraw(reachable, by=admin, scope="registry")
    assert given(reachable) == set(MANY) - {"registry"}
    assert flags(reachable) == {"email": True, "phone": True}
    consents.withdraw(reachable, by=admin, scope="sms")
    assert flags(reachable) == {"email": True, "phone": False}


def test_the_history_says_who_recorded_what_and_when(reachable, admin, clerk, today):
    consents.give(reachable, by=admin, scope="email")
    consents.withdraw(reachable, by=clerk, scope="email")
    consents.give(reachable, by=clerk, scope="email")
    newest, oldest = reachable.consents.filter(scope="email").order_by("-pk")
    assert (oldest.recorded_by, oldest.withdrawal_recorded_by) == (admin, clerk)
    assert oldest.withdrawn_on == newest.given_on == today
    assert oldest.withdrawal_recorded_at is not None
    assert newest.withdrawn_on is None


def test_the_dead_give_no_consent(reachable, today):
    died, later = today - timedelta(days=9), today - timedelta(days=2)
    leaving.record_death(reachable, by=audit.SYSTEM, deceased_on=died)
    said = refused(consents.give, reachable, scope="email", given_on=later)
    assert "The patient died on" in said["given_on"][0]
    assert list(refused(consents.give, reachable, scope="sms")) == ["given_on"]
    said = refused(registration.update, reachable, may_contact=True)
    assert "The patient died on" in said["may_contact"][0]
    assert given(reachable) == set()
    consents.give(reachable, by=audit.SYSTEM, scope="research", given_on=died)
    assert given(reachable) == {Scope.RESEARCH}


def test_giving_and_withdrawing_are_audited_by_code(reachable, admin):
    consents.give(reachable, by=admin, scope="sms")
    consents.withdraw(reachable, by=admin, scope="sms")
    events = AuditEvent.objects.filter(action__startswith="consent.").order_by("id")
    assert [e.action for e in events] == ["consent.given", "consent.withdrawn"]
    assert [e.facts["scope"] for e in events] == ["sms", "sms"]
    assert {s.patient_id for e in events for s in e.subjects.all()} == {reachable.pk}


def test_a_consent_cannot_be_given_twice(reachable):
    consents.give(reachable, by=audit.SYSTEM, scope="letter")
    said = refused(consents.give, reachable, scope="letter")
    assert "withdraw it first" in said["scope"][0]


def test_a_consent_cannot_be_withdrawn_before_it_was_given(reachable, today):
    assert "scope" in refused(consents.withdraw, reachable, scope="email")
    consents.give(reachable, by=audit.SYSTEM, scope="email")
    before = today - timedelta(days=1)
    said = refused(consents.withdraw, reachable, scope="email", withdrawn_on=before)
    assert "that day or a later one" in said["withdrawn_on"][0]
    assert given(reachable) == {"email"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"scope": "fax"}, "scope"),
        ({"scope": "email", "given_on": "tomorrow"}, "given_on"),
        ({"scope": "email", "given_on": "unborn"}, "given_on"),
        ({"scope": "email", "wording_version": "7"}, "wording_version"),
        ({"scope": "email", "wording_version": "unknown"}, "wording_version"),
    ],
)
def test_a_slip_names_the_field(reachable, today, fields, field):
    days = {
        "tomorrow": today + timedelta(days=1),
        "unborn": reachable.birth_date - timedelta(days=1),
    }
    if "given_on" in fields:
        fields = {**fields, "given_on": days[fields["given_on"]]}
    assert list(refused(consents.give, reachable, **fields)) == [field]
    assert not reachable.consents.exists()


def test_a_withdrawal_in_the_future_is_refused(patient, today):
    tomorrow = today + timedelta(days=1)
    said = refused(consents.withdraw, patient, scope="email", withdrawn_on=tomorrow)
    assert "withdrawn_on" in said


def test_who_may_not_decide_gives_no_consent(reachable, patient, today):
    helper = caregivers.add(reachable, by=audit.SYSTEM, name="Luis")
    said = refused(consents.give, reachable, scope="email", given_by=helper)
    assert "may not decide" in said["given_by"][0]
    caregivers.change(helper, by=audit.SYSTEM, may_answer_since=today)
    consents.give(reachable, by=audit.SYSTEM, scope="email", given_by=helper)
    assert reachable.consents.get().given_by == helper
    said = refused(consents.give, patient, scope="sms", given_by=helper)
    assert "no caregiver of theirs" in said["given_by"][0]


def test_under_18_only_a_guardian_consents(clinic, today):
    born = today - timedelta(days=10 * 365)
    guardian = {"name": "Ana", "phone": "312 555 0100"}
    child = factories.make_patient(clinic, birth_date=born, caregiver=guardian)
    uncle = caregivers.add(child, by=audit.SYSTEM, name="Luis", may_answer_since=today)
    said = refused(consents.give, child, scope="sms", given_by=uncle)
    assert "guardian" in said["given_by"][0]
    made = consents.give(child, by=audit.SYSTEM, scope="sms")
    assert made.given_by.name == "Ana"


def test_a_yes_to_newer_words_ends_the_older_one(patient, monkeypatch, today):
    old = wordings.versions()["1"]
    known = {"1": old, "2": Version("2", today, old.wordings)}
    monkeypatch.setattr(wordings, "versions", lambda: known)
    consents.give(patient, by=audit.SYSTEM, scope="email")
    entries = patient.consents.filter(scope="email").order_by("pk")
    assert [e.wording_version for e in entries] == ["1", "2"]
    assert [e.withdrawn_on for e in entries] == [today, None]
    assert flags(patient) == {"email": True}
    assert AuditEvent.objects.filter(action="consent.replaced").count() == 1


def test_consent_stands_with_the_person_while_there_is_no_address(patient, admin):
    registration.update(patient, by=admin, email="")
    assert "email" in given(patient)
    registration.update(patient, by=admin, email="new@example.org")
    assert flags(patient) == {"email": True}


def check_mirror(clinic):
    """Every flag says what the consents say, and nothing else does."""
    for point in ContactPoint.objects.filter(clinic=clinic):
        scope = "email" if point.system == "email" else "sms"
        held = Consent.objects.filter(
            patient=point.patient_id, scope=scope, withdrawn_on=None
        )
        assert point.may_contact == held.exists(), (point, scope)


def any_verb(rng, patient, other, today):
    """One of everything that could touch a contact or a consent."""
    soon, scope = today + timedelta(days=9), rng.choice(MANY)
    said = {"by": audit.SYSTEM}
    return rng.choice(
        [
            lambda: consents.give(patient, scope=scope, **said),
            lambda: consents.withdraw(patient, scope=scope, **said),
            lambda: registration.update(patient, may_contact=True, **said),
            lambda: registration.update(patient, may_contact=False, **said),
            lambda: registration.update(patient, email="", **said),
            lambda: registration.update(patient, email="a@example.org", **said),
            lambda: registration.update(patient, phone="", **said),
            lambda: registration.update(
                patient, phone="312 555 0101", may_contact=True, **said
            ),
            lambda: holds.hold(patient, hold_until=soon, hold_reason="x", **said),
            lambda: holds.release_hold(patient, **said),
            lambda: leaving.withdraw(patient, reason="asked", **said),
            lambda: leaving.take_back_withdrawal(patient, reason="slip", **said),
            lambda: leaving.record_death(patient, **said),
            lambda: leaving.reverse_death(patient, reason="slip", **said),
            lambda: merging.merge(patient, merged=other, reason="x", **said),
            lambda: merging.unmerge(other, **said),
        ]
    )


@pytest.mark.parametrize("seed", range(6))
def test_flags_and_consents_never_differ_whatever_is_done(clinic, today, seed):
    rng = Random(seed)
    patients = [
        factories.make_patient(
            clinic, phone="312 555 0142", may_contact=rng.choice((True, False))
        )
        for _ in range(2)
    ]
    done = 0
    for _ in range(60):
        one, other = rng.sample(patients, 2)
        verb = any_verb(rng, one, other, today)
        try:
            verb()
            done += 1
        except ValidationError:
            pass
        check_mirror(clinic)
    assert done > 15
