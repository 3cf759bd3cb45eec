from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent, Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import due
from outcomes.models import Episode, FollowUp, Message, SurveyRequest
from patients.models import Patient
from tests import factories

LIST, MAILBOX = reverse("outcomes:follow_ups"), reverse("outcomes:mailbox")


@pytest.fixture
def demo(performed, clinic, mail_folder) -> Clinic:
    Clinic.objects.filter(pk=clinic.pk).update(is_demo=True)
    due.advance_due(clinic, clock.now())
    outbox.deliver(Message.objects.get().pk)
    return clinic


def show(client: Client, name: str) -> str:
    return client.get(LIST, {"show": name}).content.decode()


def test_the_mailbox_shows_the_message_with_a_link_to_click(signed_in, demo):
    page = signed_in.get(MAILBOX).content.decode()
    message = Message.objects.get()
    path = reverse("outcomes:enter", args=[tokens.token_for(message.pk)])
    assert f'<a href="{path}">' in page
    assert "A few questions from" in page
    event = AuditEvent.objects.get(action="mailbox.read")
    patients = event.subjects.values_list("patient_id", flat=True)
    assert list(patients) == [message.request.patient_id]


def test_only_a_demo_clinic_has_a_mailbox(signed_in, invitation):
    assert signed_in.get(MAILBOX).status_code == 404


def test_the_mailbox_holds_the_own_clinics_mail_only(client, demo, outsider):
    Clinic.objects.update(is_demo=True)
    client.force_login(outsider)
    page = client.get(MAILBOX).content.decode()
    assert "No messages yet" in page
    assert "every 60 seconds" in page


def test_researchers_read_no_mail_and_no_worklist(client, demo, researcher):
    client.force_login(researcher)
    assert client.get(MAILBOX).status_code == 403
    assert client.get(LIST).status_code == 403


def test_only_our_own_address_becomes_a_link(signed_in, demo, mail_folder):
    file = next(mail_folder.rglob("*.eml"))
    file.write_bytes(
        b"From: a@b.org\nTo: c@d.org\nSubject: <script>alert(1)</script>\n"
        b"Date: Tue, 24 Nov 2026 10:00:00 +0000\n\n"
        b"http://evil.example/s/x <script>alert(1)</script>\n"
        b"http://localhost:8000.evil.example/s/x\n"
    )
    page = signed_in.get(MAILBOX).content.decode()
    assert "<script>alert" not in page
    assert "evil.example" in page
    assert 'href="http://evil' not in page
    assert 'href="/s/x"' not in page


def test_the_worklist_says_who_is_due(signed_in, invitation):
    patient = invitation.request.patient
    page = show(signed_in, "due")
    assert patient.family_name in page
    assert "1 month" in page
    assert "Platelet-rich plasma" in page
    event = AuditEvent.objects.filter(action="follow_ups.listed").first()
    assert [s.patient_id for s in event.subjects.all()] == [patient.pk]


@pytest.mark.parametrize(
    ("name", "days_past_due", "state"),
    [
        ("due", 0, "open"),
        ("due", 6, "started"),
        ("overdue", 7, "open"),
        ("overdue", 14, "started"),
        ("unreachable", 2, "unreachable"),
        ("upcoming", -10, "planned"),
    ],
)
def test_each_row_stands_under_one_filter(
    signed_in, invitation, clinic, name, days_past_due, state
):
    due_on = factories.days_ago(clinic, days_past_due)
    FollowUp.objects.exclude(timepoint_key="m1").update(
        state="cancelled", next_action_at=None
    )
    FollowUp.objects.filter(timepoint_key="m1").update(
        state=state,
        opens_on=due_on - timedelta(days=9),
        due_on=due_on,
        closes_on=due_on + timedelta(days=15),
    )
    family_name = invitation.request.patient.family_name
    found = [
        f
        for f in ("due", "overdue", "unreachable", "upcoming")
        if family_name in show(signed_in, f)
    ]
    assert found == [name]
    assert family_name in show(signed_in, "all")


def test_final_rows_and_people_who_left_are_not_listed(signed_in, invitation):
    Patient.objects.update(withdrawn_on=clock.today("UTC"))
    assert invitation.request.patient.family_name not in show(signed_in, "all")


def test_imported_courses_are_not_listed(signed_in, invitation):
    # As an import leaves it.
    Episode.objects.update(
        status=Episode.Status.ENDED,
        ended_by=Episode.EndedBy.IMPORTED,
        end_reason="imported",
    )
    assert invitation.request.patient.family_name not in show(signed_in, "all")


def test_other_clinics_follow_ups_are_not_listed(client, invitation, outsider):
    client.force_login(outsider)
    assert invitation.request.patient.family_name not in show(client, "all")


def test_the_front_desk_sees_who_is_due_and_no_diagnosis(
    client, invitation, clerk, complaint
):
    client.force_login(clerk)
    page = show(client, "due")
    assert invitation.request.patient.family_name in page
    assert "foot" not in page.lower().replace("footer", "")
    assert "Platelet" not in page


def test_a_locked_survey_is_marked_where_calls_are_made(signed_in, invitation):
    SurveyRequest.objects.update(birth_date_tries=SurveyRequest.TRIES)
    assert "locked after wrong dates of birth" in show(signed_in, "due")


@pytest.mark.parametrize("query", ["show=nonsense", "page=x", "page=-1", "page=999"])
def test_a_strange_address_shows_the_list(signed_in, invitation, query):
    assert signed_in.get(f"{LIST}?{query}").status_code == 200


def test_the_worklist_costs_the_same_for_one_row_and_for_many(
    signed_in, invitation, clinic, django_assert_max_num_queries
):
    def count() -> int:
        with django_assert_max_num_queries(19) as found:
            signed_in.get(LIST, {"show": "all"})
        return len(found)

    before = count()
    for _ in range(8):
        factories.make_plan(factories.make_complaint(factories.make_patient(clinic)))
    assert count() == before


def test_long_lists_have_pages(signed_in, clinic, monkeypatch):
    monkeypatch.setattr("outcomes.follow_ups.worklist.listing.PAGE_SIZE", 10)
    for _ in range(2):
        factories.make_plan(factories.make_complaint(factories.make_patient(clinic)))
    page = show(signed_in, "all")
    assert "1 to 10 of 30" in page
    assert "11 to 20" in signed_in.get(f"{LIST}?show=all&page=2").content.decode()
