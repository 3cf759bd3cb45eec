from collections.abc import Callable
from pathlib import Path

import pytest

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups import due
from outcomes.follow_ups.channels import email
from outcomes.models import Episode, FollowUp, Message
from patients.models import Complaint, Patient
from tests import factories


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
