"""Alerts as the verbs leave them."""

from clinic import audit, clock
from clinic.models import User
from outcomes.alerts import raising, rota
from outcomes.models import Alert
from patients.models import Complaint
from patients.triage import evaluations
from patients.triage.cells import Entry, cell_of
from tests import courses


def say(complaint: Complaint, **found: str) -> None:
    """What a patient says in an intake, such as RF01="present"."""
    draft = complaint.evaluations.first() or evaluations.start(
        complaint, by=audit.SYSTEM
    )
    entries = {cell_of(name): Entry(value) for name, value in found.items()}
    evaluations.record(draft, by=audit.PATIENT, entries=entries, informant="patient")


def urgent(complaint: Complaint) -> Alert:
    """Of a red flag that the patient said."""
    say(complaint, RF01="present")
    return Alert.objects.get(red_flag__complaint=complaint)


def own_words(complaint: Complaint) -> Alert:
    """The patient wrote something: soon, and nobody is called."""
    response = courses.answered(complaint)
    (alert,) = raising.response_sealed(response, [], at=clock.now(), words="It clicks.")
    return alert


def always_on_call(user: User, place: int = 1) -> None:
    for day in range(7):
        rota.add(
            user.membership.clinic,
            user=user,
            kind="weekly",
            day=day,
            place=place,
            by=user,
        )
