import csv
import io

import pytest
from django.urls import reverse

from clinic.access import Role
from clinic.models import AuditEvent
from outcomes.harm_pages import denominators
from plans.harm import adverse_events
from plans.models import AdverseEvent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    return factories.make_performed(plan)


@pytest.fixture
def event(patient, physician, done):
    return factories.make_adverse_event(
        patient, by=physician, intervention=done, description="Called at night"
    )


def page(client, address, **asked):
    return client.get(address, asked).content.decode()


def address_of(event, act=""):
    name = f"plans:adverse_event{act and '_' + act}"
    return reverse(name, args=[event.pk])


def last_audit():
    return AuditEvent.objects.latest("id")


def test_a_new_event_is_entered_from_the_procedure(client, assistant, patient, done):
    client.force_login(assistant)
    address = reverse("plans:report_harm", args=[patient.pk])
    assert f'value="{done.pk}" selected' in page(
        client, address, intervention=str(done.pk)
    )
    sent = {
        "intervention": done.pk,
        "category": "infection",
        "onset_on": factories.days_ago(patient.clinic, 2),
        "description": "Red and warm",
        "outcome": "ongoing",
        "is_serious": "True",
        "reported_to": ["medwatch", "registry"],
    }
    reply = client.post(address, sent)
    made = AdverseEvent.objects.get()
    assert reply.url == address_of(made)
    assert (made.intervention, made.is_serious, made.is_expected) == (done, True, None)
    assert made.reported_to == ["medwatch", "registry"]


def test_an_error_stands_beside_its_field_and_keeps_what_was_typed(
    client, assistant, patient
):
    client.force_login(assistant)
    sent = {
        "category": "other",
        "onset_on": factories.days_ago(patient.clinic, -3),
        "outcome": "unknown",
    }
    address = reverse("plans:report_harm", args=[patient.pk])
    text = client.post(address, sent).content.decode()
    assert "is in the future" in text
    assert '<option value="other" selected>' in text
    assert not AdverseEvent.objects.exists()


def test_another_patients_procedure_cannot_be_chosen(client, assistant, clinic, done):
    other = factories.make_patient(clinic)
    client.force_login(assistant)
    address = reverse("plans:report_harm", args=[other.pk])
    assert str(done.pk) not in page(client, address, intervention=str(done.pk))


def test_ratings_stand_side_by_side_with_where_they_differ(
    client, physician, clinic, event
):
    second = factories.make_user(clinic, Role.PROVIDER, name="Dr Ng")
    client.force_login(physician)
    rate = {"grade": 3, "relatedness": "possible", "note": "Needed a drip"}
    assert client.post(address_of(event, "rate"), rate).status_code == 302
    text = page(client, address_of(event))
    assert "needs a second rater" in text and "Needed a drip" in text
    client.force_login(second)
    client.post(address_of(event, "rate"), {"grade": 2, "relatedness": "possible"})
    text = page(client, address_of(event))
    assert "they disagree" in text and "grade 3 and grade 2" in text


@pytest.mark.parametrize(
    ("act", "sent", "said"),
    [
        ("rate", {}, "Choose a grade"),
        ("rate", {"grade": "9", "relatedness": "possible"}, "Select a valid choice"),
        ("close", {"outcome": "recovered"}, "Rate it first"),
        ("take_back", {"reason": " "}, "Say why"),
        ("amend", {"category": "other", "outcome": "unknown"}, "required"),
        ("reopen", {"reason": "x"}, "This event is open."),
    ],
)
def test_a_refused_act_says_why_on_the_page(client, physician, event, act, sent, said):
    client.force_login(physician)
    reply = client.post(address_of(event, act), sent)
    assert reply.status_code == 200
    assert said in reply.content.decode()
    assert AdverseEvent.objects.get().status == "open"


def test_an_event_is_closed_and_opened_again(client, physician, event):
    client.force_login(physician)
    adverse_events.rate(event, by=physician, grade=1, relatedness="possible")
    client.post(address_of(event, "close"), {"outcome": "sequelae"})
    assert AdverseEvent.objects.get().status == "closed"
    client.post(address_of(event, "reopen"), {"reason": "Came back"})
    assert "Came back" in page(client, address_of(event))


def test_what_was_taken_back_offers_nothing_more(client, physician, event):
    client.force_login(physician)
    client.post(address_of(event, "take_back"), {"reason": "Another patient"})
    text = page(client, address_of(event))
    assert "Another patient" in text
    assert "<button" not in text.split("<main")[1]


def test_an_assistant_enters_and_does_not_rate(client, assistant, event):
    client.force_login(assistant)
    text = page(client, address_of(event))
    assert "A provider rates and closes it" in text
    assert address_of(event, "rate") not in text
    assert address_of(event, "amend") in text


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ({}, True),
        ({"category": "pain_flare"}, True),
        ({"category": "fall"}, False),
        ({"grade": "3"}, True),
        ({"grade": "2"}, False),
        ({"relatedness": "probable"}, True),
        ({"relatedness": "definite"}, False),
        ({"modality": "prp"}, True),
        ({"modality": "lifestyle"}, False),
        ({"show": "open"}, True),
        ({"show": "closed"}, False),
        ({"show": "second"}, True),
        ({"show": "unrated"}, False),
        ({"show": "in_error"}, False),
        ({"since": "2001-01-01"}, True),
        ({"show": "second", "grade": "3", "modality": "prp"}, True),
    ],
)
def test_the_list_and_its_file_are_filtered_alike(
    client, physician, event, asked, is_there
):
    adverse_events.rate(event, by=physician, grade=3, relatedness="probable")
    client.force_login(physician)
    text = page(client, "/adverse-events/", **asked)
    assert ("Called at night" in text) is is_there
    reply = client.get("/adverse-events/export/", asked)
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert len(rows) == is_there
    assert last_audit().subjects.count() == is_there


@pytest.mark.parametrize(
    "asked", [{"grade": "7"}, {"show": "moon"}, {"since": "soon"}, {"category": "x"}]
)
def test_a_filter_that_makes_no_sense_is_refused(client, physician, asked):
    client.force_login(physician)
    for address in ("/adverse-events/", "/adverse-events/export/"):
        assert client.get(address, asked).status_code == 400


def test_what_stands_in_a_file_is_no_formula(client, physician, patient):
    factories.make_adverse_event(patient, description="=cmd()")
    client.force_login(physician)
    reply = client.get("/adverse-events/export/")
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert rows[0]["description"] == "'=cmd()"


def test_no_share_stands_without_its_n(client, physician, event):
    client.force_login(physician)
    text = page(client, "/adverse-events/")
    assert "1 of 1" in text and "too few for a rate" in text


def test_a_procedure_counts_once_a_category(physician, patient, complaint, event, done):
    factories.make_adverse_event(patient, intervention=done, description="Again")
    factories.make_adverse_event(patient, intervention=done, category="nerve")
    factories.make_adverse_event(patient, category="fall")
    taken = factories.make_adverse_event(
        patient, intervention=done, category="bleeding"
    )
    adverse_events.take_back(taken, by=physician, reason="Slip")
    found = denominators.of_clinic(physician)
    (prp,) = [m for m in found.modalities if m.any_event.count]
    assert (prp.any_event.count, prp.any_event.n) == (1, 1)
    assert [(share.label, share.count) for share in prp.shares] == [
        ("nerve", 1),
        ("pain flare", 1),
    ]
    assert found.unlinked == 1


@pytest.mark.parametrize("status", ["planned", "cancelled", "entered_in_error"])
def test_an_event_after_what_was_not_performed_is_still_counted(
    client, physician, event, done, status
):
    columns = {} if status == "entered_in_error" else {"performed_on": None}
    type(done).objects.filter(pk=done.pk).update(status=status, **columns)
    found = denominators.of_clinic(physician)
    assert (found.unlinked, found.not_performed) == (0, 1)
    assert not any(modality.any_event.count for modality in found.modalities)
    client.force_login(physician)
    assert "1 event is not tied to a performed procedure" in page(
        client, "/adverse-events/"
    )


def test_a_day_narrows_both_sides_of_a_share(physician, event, done):
    later = denominators.of_clinic(physician, factories.days_ago(done.clinic, 5))
    assert later.modalities == [] and later.unlinked == 0


def test_a_share_of_ten_has_a_rate_and_its_interval():
    share = denominators.Share("nerve", 1, 10)
    assert not share.is_too_few and share.percent == 10
    low, high = share.interval
    assert 1.7 < low < 1.9 and 40.3 < high < 40.5
    assert denominators.Share("nerve", 1, 9).is_too_few


def test_another_clinics_events_are_not_seen(client, outsider, event, patient):
    client.force_login(outsider)
    text = page(client, "/adverse-events/")
    assert patient.family_name not in text
    assert denominators.of_clinic(outsider).modalities == []


def test_the_queries_of_the_list_do_not_grow(
    client, physician, clinic, event, django_assert_max_num_queries
):
    for _ in range(5):
        person = factories.make_patient(clinic)
        made = factories.make_adverse_event(person)
        adverse_events.rate(made, by=physician, grade=1, relatedness="possible")
    client.force_login(physician)
    with django_assert_max_num_queries(20):
        page(client, "/adverse-events/")


def test_today_shows_what_needs_a_second_rater(client, physician, event):
    client.force_login(physician)
    assert "Needs a second rater" not in page(client, "/")
    adverse_events.rate(event, by=physician, grade=4, relatedness="definite")
    text = page(client, "/")
    assert "Needs a second rater" in text and address_of(event) in text


def test_the_patients_page_shows_what_is_open(client, physician, patient, event):
    client.force_login(physician)
    address = reverse("outcomes:patient", args=[patient.pk])
    assert address_of(event) in page(client, address)
    adverse_events.take_back(event, by=physician, reason="Slip")
    assert address_of(event) not in page(client, address)


def test_the_front_desk_sees_no_event_anywhere(client, clerk, patient, event):
    client.force_login(clerk)
    address = reverse("outcomes:patient", args=[patient.pk])
    text = page(client, address)
    assert "dverse event" not in text
    assert "Needs a second rater" not in page(client, "/")
