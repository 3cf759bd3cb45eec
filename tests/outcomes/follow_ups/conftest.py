from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.channels import email
from outcomes.follow_ups.engine import due
from outcomes.models import Episode, FollowUp, Message
from patients.models import Complaint, Patient
from tests import factories
from tests.outcomes.follow_ups import numbers
from tests.outcomes.follow_ups import sms_sink as sinks


@pytest.fixture
def performed(complaint: Complaint) -> Episode:
    """PRP done 30 days ago: the one-month follow-up is due today."""
    plan = factories.make_plan(complaint, started_days_ago=40)
    factories.make_performed(plan, days=30)
    return plan.episodes.get()


@pytest.fixture
def states() -> Callable[[Episode], dict[str, str]]:
    def read(episode: Episode) -> dict[str, str]:
        rows = FollowUp.objects.filter(episode=episode)
        return dict(rows.values_list("timepoint_key", "state"))

    return read


@pytest.fixture
def invitation(performed: Episode, clinic: Clinic) -> Message:
    """The queued invitation of the patient whose follow-up is due."""
    due.advance_due(clinic, clock.now())
    return Message.objects.get()


@pytest.fixture
def mail_folder(settings, tmp_path: Path) -> Path:
    # Django's test runner puts its own backend in the place of ours.
    settings.EMAIL_BACKEND = email.MAILBOX
    settings.MAILBOX_DIR = tmp_path / "mail"
    return settings.MAILBOX_DIR


@pytest.fixture
def unreachable_patient(clinic: Clinic) -> Patient:
    return factories.make_patient(clinic, email="", may_contact=False)


@pytest.fixture
def sms_sink(settings) -> Iterator[sinks.Sink]:
    with sinks.listening() as server:
        settings.SMS_PROVIDER = "twilio"
        settings.SMS_API_URL = server.url
        settings.SMS_ACCOUNT, settings.SMS_TOKEN = sinks.ACCOUNT, sinks.TOKEN
        settings.SMS_WEBHOOK_KEY = sinks.TOKEN
        yield server


@pytest.fixture
def texted(invitation: Message, patient: Patient) -> Message:
    """The invitation, as one that goes by text message to a patient who agreed."""
    Clinic.objects.filter(pk=patient.clinic_id).update(sms_sender="+13125550100")
    numbers.give(patient, "(312) 555-0142")
    Message.objects.filter(pk=invitation.pk).update(channel=Message.Channel.SMS)
    return Message.objects.select_related("request__patient__clinic").get()
