"""The list of open studies, one study with its acts, and the reports on it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import clock, uploads
from clinic.models import AuditEvent
from patients.models import Complaint, Study, StudyFile
from patients.triage import studies
from patients.triage.study_files import attaching, file_store, file_types
from tests import factories
from tests.reports import PDF

pytestmark = pytest.mark.django_db
LIST = reverse("patients:studies")
ORDER = {"kind": "mri", "region": "lumbar_spine", "side": "none", "priority": "urgent"}


@pytest.fixture
def provider(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def study(complaint, physician):
    return factories.make_study(complaint, by=physician)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def page(study, act="study"):
    return reverse(f"patients:{act}", args=[study.pk])


def attach(client, study, content=PDF, name="MRI.pdf"):
    sent = {"file": SimpleUploadedFile(name, content)}
    return client.post(page(study, "attach_file"), sent)


def late_study(clinic, **fields):
    complaint = factories.make_complaint(factories.make_patient(clinic))
    day = factories.days_ago(clinic, 30)
    return factories.make_study(complaint, ordered_on=day, **fields)


def test_the_list_says_what_waits_for_whom_with_the_day_of_the_clock(
    provider, study, complaint
):
    Complaint.objects.update(
        deficit_kind="foot_drop", deficit_since=factories.days_ago(study.clinic, 12)
    )
    reply = provider.get(LIST)
    for words in (str(complaint.patient), "MRI of lumbar spine", "Dr Okafor", "Book"):
        assertContains(reply, words)
    assertContains(reply, '<strong class="clock-day">Day 12</strong> of foot drop, not')
    event = AuditEvent.objects.get(action="studies.listed")
    assert [s.patient_id for s in event.subjects.all()] == [complaint.patient_id]


def test_each_filter_shows_its_own(provider, physician, assistant, clinic):
    day = factories.days_ago(clinic, 0)
    late = late_study(clinic, by=assistant)
    mine = factories.make_study(
        factories.make_complaint(factories.make_patient(clinic)), by=physician
    )
    back = studies.receive(
        late_study(clinic, by=assistant),
        by=assistant,
        performed_on=day,
        results=["normal"],
    )
    shown = {
        show: list(provider.get(LIST, {"show": show}).context["studies"])
        for show in ("open", "overdue", "mine", "review", "nonsense")
    }
    assert shown["overdue"] == [late]
    assert shown["mine"] == [mine]
    assert shown["review"] == [back]
    assert shown["open"] == shown["nonsense"] == [late, back, mine]


@pytest.mark.parametrize("show", ["open", "overdue", "mine", "review"])
def test_an_empty_list_says_so(provider, show):
    assertContains(provider.get(LIST, {"show": show}), 'class="empty"')


def test_a_longer_list_takes_no_more_queries(
    provider, clinic, django_assert_max_num_queries
):
    for number in range(8):
        late_study(clinic)
        if number in (0, 7):
            # Session, user, membership; count, rows, filters; the audit's four.
            with django_assert_max_num_queries(11):
                assert len(provider.get(LIST).context["studies"]) == number + 1


def test_the_card_for_the_home_page_names_what_is_overdue(
    physician, clinic, django_assert_num_queries
):
    late = late_study(clinic, by=physician)
    with django_assert_num_queries(1):
        found = list(Study.objects.overdue(physician, clock.today(clinic.zone)))
        html = render_to_string(
            "patients/_overdue_studies.html", {"studies": found, "study_count": 9}
        )
    assert "MRI not booked" in html and "all 9" in html
    assert page(late) in html
    assert "section" not in render_to_string("patients/_overdue_studies.html", {})


def test_an_order_is_placed_and_told_when_it_is_due(
    provider, complaint, physician, assistant
):
    address = reverse("patients:order_study", args=[complaint.pk])
    assertContains(provider.get(address), "Order it")
    reply = provider.post(address, ORDER | {"owner": assistant.pk}, follow=True)
    made = Study.objects.get()
    assertRedirects(reply, page(made))
    assert (made.priority, made.owner) == ("urgent", assistant)
    assertContains(reply, "to be booked by")


@pytest.mark.parametrize(
    ("kind", "priority"),
    [("cauda_equina", "same_day"), ("weakness", "urgent"), ("", "routine")],
)
def test_a_running_weakness_suggests_how_soon(provider, complaint, kind, priority):
    if kind:
        Complaint.objects.update(deficit_kind=kind, deficit_since=complaint.opened_on)
    reply = provider.get(reverse("patients:order_study", args=[complaint.pk]))
    assert reply.context["form"]["priority"].value() == priority
    assert ("Day 0 of" in reply.content.decode()) is bool(kind)


def test_a_slip_in_an_order_is_said_beside_its_field(
    provider, complaint, physician, outsider
):
    address = reverse("patients:order_study", args=[complaint.pk])
    whole = ORDER | {"owner": physician.pk}
    for field, value in (
        ("kind", ""),
        ("region", "leg_nerves"),
        ("owner", outsider.pk),
    ):
        reply = provider.post(address, whole | {field: value})
        assert field in reply.context["form"].errors
    assert not Study.objects.exists()


def test_a_study_the_patient_brought_is_kept_in_two_steps(provider, complaint):
    address = reverse("patients:take_in_study", args=[complaint.pk])
    which = {"kind": "mri", "region": "lumbar_spine"}
    assertContains(provider.get(address), "Next")
    assertContains(provider.get(address, which), "Nerve root compressed")
    wrong = provider.get(address, {"kind": "emg_ncs", "region": "knee"})
    assertContains(wrong, "There is no EMG / NCS of the knee")
    given = {"performed_on": "2020-02-03", "side": "left", "results": ["disc_bulge"]}
    refused = provider.post(address, which | given | {"levels": ["C5-C6"]})
    assert "levels" in refused.context["form"].errors
    provider.post(address, which | given | {"levels": ["L4-L5", "L5-S1"]})
    made = Study.objects.get()
    assert (made.place, made.was_brought) == ("L4-L5, L5-S1 left", True)
    assertContains(provider.get(page(made)), "by the patient")


def test_each_act_of_the_page_takes_the_study_further(provider, study):
    day = study.ordered_on.isoformat()
    result = {"performed_on": day, "side": "none", "results": ["disc_extrusion"]}
    steps = [
        ("schedule", {"scheduled_for": day}, "scheduled"),
        ("done", {"performed_on": day}, "done"),
        ("result", result | {"report": "As <b>seen</b>"}, "received"),
        ("review", {}, "reviewed"),
    ]
    for number, (act, given, state) in enumerate(steps):
        sent = given | {"seen": number}
        reply = provider.post(page(study, f"study_{act}"), sent, follow=True)
        study.refresh_from_db()
        assert study.state == state
    assertContains(reply, "Disc extrusion")
    assertContains(reply, "As &lt;b&gt;seen")
    assertContains(reply, "Reviewed")


def test_cancelling_and_errors_need_a_reason_that_is_then_shown(
    provider, study, complaint
):
    refused = provider.post(page(study, "study_cancel"), {"reason": ""})
    assert "reason" in refused.context["forms"]["cancel"].errors
    reply = provider.post(
        page(study, "study_cancel"), {"reason": "Moved away"}, follow=True
    )
    assertContains(reply, "Moved away")
    assertNotContains(reply, "Book it")


def test_an_assistant_enters_a_result_and_signs_nothing(client, assistant, study):
    client.force_login(assistant)
    given = {"performed_on": study.ordered_on, "side": "none", "results": ["normal"]}
    assertContains(
        client.post(page(study, "study_result"), given, follow=True),
        "A provider reviews the result",
    )
    assert client.post(page(study, "study_review")).status_code == 403
    assert client.post(page(study, "study_in_error")).status_code == 403


def test_of_two_pages_open_at_once_the_second_is_told(provider, study, assistant):
    seen = {"seen": study.revision}
    studies.cancel(Study.objects.get(), by=assistant, reason="Not needed")
    given = seen | {"scheduled_for": study.ordered_on}
    reply = provider.post(page(study, "study_schedule"), given)
    assertContains(reply, "Somebody else changed this study")
    assert Study.objects.get().state == "cancelled"


def test_a_slip_keeps_what_was_typed_and_opens_its_form(provider, study):
    given = {"performed_on": "2999-01-01", "results": ["disc_bulge"], "side": "left"}
    reply = provider.post(page(study, "study_result"), given)
    assert "performed_on" in reply.context["forms"]["result"].errors
    assert reply.context["failed"] == "result"
    assertContains(reply, 'value="disc_bulge" id="id_results_1" checked', count=0)
    assert reply.context["forms"]["result"]["results"].value() == ["disc_bulge"]


def test_a_report_goes_in_and_comes_out_as_an_attachment(provider, study):
    assertRedirects(attach(provider, study, name="Müller MRI.pdf"), page(study))
    assertContains(provider.get(page(study)), "Müller MRI.pdf")
    file = StudyFile.objects.get()
    reply = provider.get(reverse("patients:study_file", args=[file.pk]))
    assert reply.content == PDF
    assert reply["Content-Disposition"] == file_types.disposition("Müller MRI.pdf")
    assert reply["Content-Type"] == "application/pdf"
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert reply["Cache-Control"] == "no-store"
    assert AuditEvent.objects.filter(action="study_file.read").count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"<html><script>alert(1)</script>", "This is a web page"),
        (b"<svg onload=alert(1)><script/></svg>", "This is an SVG drawing"),
        (b"<html></html>" + PDF, "Something stands before the PDF"),
    ],
)
def test_what_is_no_report_is_refused_on_the_page(provider, study, content, words):
    assertContains(attach(provider, study, content), words)
    assert not StudyFile.objects.exists()


def test_a_form_without_a_file_is_told(provider, study):
    assertContains(provider.post(page(study, "attach_file"), {}), "Choose a file first")


def test_20_megabytes_are_refused_before_they_are_read(provider, study, monkeypatch):
    def fail(*_, **__):
        raise AssertionError("the body was read")

    monkeypatch.setattr(uploads.InMemoryUpload, "__init__", fail)
    reply = attach(provider, study, PDF + b"\0" * 20 * 1024 * 1024)
    assertContains(reply, "larger than 10 MB", status_code=413)
    assert not StudyFile.objects.exists()


def test_a_file_just_over_the_limit_is_refused_by_its_own_size(provider, study):
    reply = attach(provider, study, PDF + b"\0" * file_types.MOST_BYTES)
    assertContains(reply, "larger than 10 MB")
    largest = PDF + b"\0" * (file_types.MOST_BYTES - len(PDF))
    assertRedirects(attach(provider, study, largest), page(study))


def test_an_upload_needs_the_token_of_our_page(physician, study):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(physician)
    assert attach(strict, study).status_code == 403
    strict.get(page(study))
    sent = {
        "file": SimpleUploadedFile("a.pdf", PDF),
        "csrfmiddlewaretoken": strict.cookies["csrf"].value,
    }
    reply = strict.post(page(study, "attach_file"), sent)
    assertRedirects(reply, page(study), fetch_redirect_response=False)


def test_bytes_that_are_lost_are_said_to_be(provider, study, physician):
    file = attaching.attach(study, by=physician, name="a.pdf", content=PDF)
    file_store.remove(file.clinic_id, file.pk)
    address = reverse("patients:study_file", args=[file.pk])
    assertContains(provider.get(address), "Tell whoever looks after", status_code=404)
    assert not AuditEvent.objects.filter(action="study_file.read").exists()


def test_outsiders_find_neither_study_nor_file(client, outsider, study, physician):
    file = attaching.attach(study, by=physician, name="a.pdf", content=PDF)
    client.force_login(outsider)
    assert client.get(page(study)).status_code == 404
    assert attach(client, study).status_code == 404
    assert client.get(reverse("patients:study_file", args=[file.pk])).status_code == 404


def test_the_patients_page_shows_what_is_open_and_what_was_found(
    provider, study, complaint, physician
):
    found = factories.make_study(complaint, kind="xray", region="foot")
    studies.receive(
        found, by=physician, performed_on=study.ordered_on, results=["heel_spur"]
    )
    reply = provider.get(reverse("outcomes:patient", args=[complaint.patient_id]))
    for words in ("MRI of lumbar spine", "not booked", "Heel spur", "Order a study"):
        assertContains(reply, words)


def test_a_study_shows_what_it_was_cited_for(provider, study, physician):
    studies.receive(study, by=physician, performed_on=study.ordered_on, report="Seen")
    address = reverse("patients:name_source", args=[study.complaint_id])
    provider.post(
        address,
        {"source": "root_l5", "certainty": "probable", f"cite-{study.pk}": "for"},
    )
    assertContains(provider.get(page(study)), "Cited in the source ledger")
    assertContains(provider.get(page(study)), "For <strong>L5 nerve root</strong>")


def test_what_has_time_left_is_not_called_overdue(provider, study):
    assertContains(provider.get(LIST), "due ")
    assertNotContains(provider.get(LIST), "overdue since")
    Study.objects.update(due_on=study.ordered_on)
    assertContains(provider.get(LIST), "due today")
    Study.objects.update(due_on=study.ordered_on - timedelta(days=1))
    assertContains(provider.get(LIST), "overdue since")
