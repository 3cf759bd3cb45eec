import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import access, clock
from clinic.models import AuditEvent
from patients.appointments import sheets
from patients.models import Appointment
from patients.record.imports import files
from tests import factories
from tests.patients.appointments.schedules import row, schedule, take_in

pytestmark = pytest.mark.django_db
HAND_IN = "/appointments/import/"
LOOK = "/appointments/import/look/"
PREVIEW = "/appointments/import/preview/"
DISCARD = "/appointments/import/discard/"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def marta(clinic):
    return factories.make_patient(clinic, mrn="M1")


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def upload(client, text):
    raw = text if isinstance(text, bytes) else text.encode()
    return client.post(HAND_IN, {"file": SimpleUploadedFile("day.csv", raw)})


def choices(client, **changes):
    """What the form sends where nothing was changed but this."""
    form = client.get(LOOK).context["form"]
    return {field.html_name: field.value() or "" for field in form} | changes


def test_a_schedule_is_looked_at_and_then_taken_in(desk, clinic, marta):
    text = schedule(clinic, ("A1", "M1", "09:20"))
    assertRedirects(upload(desk, text), LOOK)
    page = desk.get(LOOK)
    assertContains(page, str(marta))
    assertContains(page, "1 new")
    assert not Appointment.objects.exists()
    done = desk.post(LOOK, choices(desk))
    assertContains(done, "To today’s patients")
    assert Appointment.objects.get().patient == marta


def test_the_file_is_deleted_once_it_is_in_and_nothing_waits(desk, clinic, marta):
    upload(desk, schedule(clinic, ("A1", "M1", "09:20")))
    assert len(list(files.folder().iterdir())) == 1
    desk.post(LOOK, choices(desk))
    assert list(files.folder().iterdir()) == []
    assertRedirects(desk.get(LOOK), HAND_IN)


def test_a_file_may_be_deleted_instead(desk, clinic, marta):
    upload(desk, schedule(clinic, ("A1", "M1", "09:20")))
    assertRedirects(desk.post(DISCARD), HAND_IN)
    assert list(files.folder().iterdir()) == []
    assert not Appointment.objects.exists()


def test_a_file_that_is_gone_is_asked_for_again(desk, clinic, marta):
    upload(desk, schedule(clinic, ("A1", "M1", "09:20")))
    next(files.folder().iterdir()).unlink()
    assertContains(desk.post(LOOK, follow=True), "hand it in again")


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"", "The file is empty"), (b"PK\x03\x04", "Excel"), (b"{}", "is JSON")],
)
def test_what_is_no_schedule_is_refused_at_the_field(desk, raw, said):
    assertContains(upload(desk, raw), said)
    assert list(files.folder().iterdir()) == []


def test_a_file_that_is_too_large_is_refused_before_it_is_read(desk, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_BYTES", 100)
    reply = upload(desk, b"x" * 200_000)
    assert reply.status_code == 413
    assertContains(reply, "larger than", status_code=413)


def test_the_preview_follows_the_choices_and_stores_nothing(desk, clinic, marta):
    upload(desk, "Nr,MRN,When\nA1,M1,2026-03-12 09:20\n")
    assertContains(desk.get(LOOK), "Choose the column of")
    chosen = choices(desk, **{"column-identifier": "Nr", "column-starts": "When"})
    reply = desk.post(PREVIEW, chosen, HTTP_HX_REQUEST="true")
    assertContains(reply, "12 Mar, 09:20")
    assertNotContains(reply, "<h1")
    assert not Appointment.objects.exists()


def test_without_its_columns_it_is_refused_with_what_was_chosen(desk, clinic, marta):
    upload(desk, "Nr,MRN,When\nA1,M1,2026-03-12 09:20\n")
    reply = desk.post(LOOK, choices(desk, **{"column-starts": "When"}))
    assertContains(reply, "Choose the column of the appointment number.")
    assert reply.context["form"]["column-starts"].value() == "When"
    assert not Appointment.objects.exists()


def test_a_word_is_given_its_meaning_and_it_is_remembered(desk, clinic, marta):
    odd = schedule(clinic, row(clinic, "A1", "M1", "09:20", status="Zapped"))
    upload(desk, odd)
    chosen = choices(desk)
    word = next(n for n in chosen if n.startswith("word-status-"))
    desk.post(LOOK, chosen | {word: "cancelled"})
    assert Appointment.objects.get().status == "cancelled"
    upload(desk, odd)
    assert choices(desk)[word] == "cancelled"


def test_another_clinics_file_needs_a_word_that_it_is_ours(desk, clinic, marta):
    upload(desk, schedule(clinic, *((f"A{n}", f"Q{n}", "09:20") for n in range(5))))
    assertContains(desk.get(LOOK), "Is this our schedule?")
    refused = desk.post(LOOK, choices(desk))
    assertContains(refused, "looks like the schedule of another clinic")
    assert not Appointment.objects.exists()
    done = desk.post(LOOK, choices(desk, takes_unknown="on"))
    assertContains(done, "not registered here")
    assertContains(done, reverse("patients:register"))
    assert Appointment.objects.count() == 5


def test_what_is_left_out_is_shown_and_cancelled_by_a_tick(desk, clinic, marta):
    take_in(clinic, schedule(clinic, ("A1", "M1", "09:20"), ("A2", "M1", "10:00")))
    upload(desk, schedule(clinic, ("A2", "M1", "10:00")))
    assertContains(desk.get(LOOK), "not in this file any more")
    desk.post(LOOK, choices(desk, cancels_missing="on"))
    assert Appointment.objects.get(identifier="A1").status == "cancelled"


def test_a_file_waits_for_the_clinic_it_was_handed_in_for(desk, clerk, clinic, marta):
    upload(desk, schedule(clinic, ("A1", "M1", "09:20")))
    session = desk.session
    another = factories.make_clinic()
    factories.make_user(another, access.Role.ADMIN)
    assert sheets.kept(another, sheets.UUID(session["schedule"])) is None


def test_a_look_is_on_record_with_who_was_shown(desk, clinic, marta):
    upload(desk, schedule(clinic, ("A1", "M1", "09:20")))
    desk.get(LOOK)
    event = AuditEvent.objects.get(action="appointments.previewed")
    assert event.subjects.get().patient_id == marta.pk


def test_a_researcher_takes_nothing_in(client, researcher):
    client.force_login(researcher)
    assert client.get(HAND_IN).status_code == 403
    assert client.post(LOOK).status_code == 403


def test_refused_rows_are_told_and_the_rest_goes_in(desk, clinic, marta):
    today = clock.today(clinic.zone)
    upload(desk, schedule(clinic, ("A1", "M1", "09:20"), ("A2", "M1", "25:00")))
    done = desk.post(LOOK, choices(desk))
    assertContains(done, "“25:00” is not a time")
    assert Appointment.objects.filter(day=today).count() == 1
