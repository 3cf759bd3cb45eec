"""What governs contact with patients, over the API: the rules of the pages hold."""

from datetime import timedelta

import pytest

from clinic import clock
from clinic.models import AuditEvent, ClosedDay
from outcomes.models import FollowUp, Message
from outcomes.models.messages import Wording
from outcomes.simulator import staging
from outcomes.simulator.forms import SimulationForm, defaults
from plans.models import Protocol
from tests import factories
from tests.api_client import with_token

pytestmark = pytest.mark.django_db
API = "/api/v1/"
INVITATION = f"{API}wordings/email/invitation/en/"


@pytest.fixture
def api(admin):
    return with_token(admin)


def test_settings_are_read_and_changed_on_record(api, clinic):
    read = api.get(f"{API}settings/").json()
    assert read["zone"] == clinic.zone
    change = {"phone": "312 555 0142", "seen": read["seen"]}
    changed = api.patch(f"{API}settings/", change)
    assert changed.status_code == 200, changed.content
    clinic.refresh_from_db()
    assert clinic.phone == changed.json()["phone"] == "312 555 0142"
    assert AuditEvent.objects.filter(action="clinic.updated").count() == 1
    # The same stamp again: the settings are others by now.
    late = api.patch(f"{API}settings/", {"phone": "1", "seen": read["seen"]})
    assert late.status_code == 400 and "Somebody else" in late.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"emergency_en": "Knee injection trouble? Call 911."}, "emergency_en"),
        ({"sends_from": "12:00", "sends_until": "11:00"}, "sends_until"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"slug": "other"}, "slug"),
    ],
)
def test_settings_that_cannot_stand_are_refused_at_their_field(api, change, field):
    refused = api.patch(f"{API}settings/", change)
    assert refused.status_code == 400 and list(refused.json()) == [field]


def test_days_are_closed_and_opened_again(api, clinic):
    first = clock.today(clinic.zone) + timedelta(days=5)
    span = {"first_on": first, "last_on": first + timedelta(days=2), "name": "Move"}
    closed = api.post(f"{API}closed-days/", span)
    assert closed.status_code == 201 and len(closed.json()) == 3
    listed = api.get(f"{API}closed-days/").json()["results"]
    assert [one["day"] for one in listed] == [one["day"] for one in closed.json()]
    gone = api.post(f"{API}closed-days/{listed[0]['id']}/remove/", {})
    assert gone.status_code == 204 and ClosedDay.objects.count() == 2
    again = api.post(f"{API}closed-days/", {"first_on": listed[1]["day"]})
    assert again.json() == {"first_on": ["It is closed already."]}


def test_the_words_of_one_rung_are_read_and_written(api):
    address = f"{API}wordings/email/reminder-7/en/"
    read, whole = api.get(address).json(), f"{API}wordings/email/reminder/en/"
    assert (read["is_own"], read["kind"]) == (False, "reminder-7")
    assert read["body"] == api.get(whole).json()["body"]
    words = {"subject": "After a week", "seen": read["seen"]}
    written = api.patch(address, words).json()
    assert (written["is_own"], written["body"]) == (True, read["body"])
    listed = api.get(f"{API}wordings/").json()
    assert [one["kind"] for one in listed].count("reminder-7") == 1
    assert api.get(f"{API}wordings/email/reminder-0/en/").status_code == 404


def test_the_words_of_a_message_are_read_and_written(api):
    every = api.get(f"{API}wordings/").json()
    read = api.get(INVITATION).json()
    assert read in every and not read["is_own"] and read["objections"] == {}
    words = {"body": "Please tell us: {link}", "seen": read["seen"]}
    written = api.patch(INVITATION, words).json()
    assert written["is_own"] and written["body"] == "Please tell us: {link}"
    assert written["subject"] == read["subject"]
    late = api.patch(INVITATION, {"body": "Again: {link}", "seen": read["seen"]})
    assert late.status_code == 400 and Wording.objects.count() == 1


@pytest.mark.parametrize(
    "body", ["How is your knee after PRP? {link}", "Hello", "{name}: {link}"]
)
def test_words_that_cannot_be_sent_are_refused(api, body):
    refused = api.patch(INVITATION, {"body": body, "seen": ""})
    assert refused.status_code == 400 and list(refused.json()) == ["body"]
    assert not Wording.objects.exists()


def test_a_message_that_there_is_not_is_404(api):
    assert api.get(f"{API}wordings/pigeon/invitation/en/").status_code == 404


def test_a_simulation_says_what_the_page_does_and_changes_nothing(api, clinic):
    plan = factories.make_plan(factories.make_complaint(factories.make_patient(clinic)))
    protocol = Protocol.objects.get(pk=plan.protocol_id)
    kept = (Message.objects.count(), FollowUp.objects.count())
    address = f"{API}protocols/{protocol.pk}/simulate/"
    said = api.get(address, {"answers": "at_once"}).json()
    given = defaults(protocol, clinic) | {"answers": "at_once"}
    form = SimulationForm(given, protocol=protocol, clinic=clinic)
    assert form.is_valid()
    play = staging.simulate(clinic, protocol, form.pretended)
    assert [one["what"] for one in said["events"]] == [e.what for e in play.events]
    assert len(said["windows"]) == len(play.desired)
    assert (Message.objects.count(), FollowUp.objects.count()) == kept
    assert api.get(address, {"zone": "Mars"}).json().keys() == {"zone"}
    assert api.get(address, {"moves": "3"}).status_code == 400
