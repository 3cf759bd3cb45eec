import re

import pytest
from django.urls import reverse

from clinic.models import AuditEvent, Clinic
from outcomes.follow_ups.channels import mailbox
from outcomes.follow_ups.wording import defaults, editing, trying
from outcomes.models import Message, Wording
from tests import factories

pytestmark = pytest.mark.django_db
GRID = "/messages/wording/"
PAGE = "/messages/wording/email/invitation/en/"
SMS = "/messages/wording/sms/reminder/en/"
WORDS = {"subject": "News from {clinic}", "body": "Hello <b>,\n\n{link}"}


def test_the_grid_says_which_words_are_the_clinics_own(signed_in, clinic, admin):
    key = ("sms", "reminder", "en")
    body = "{clinic}: {link} STOP"
    editing.save(clinic, key=key, body=body, seen="", by=admin)
    states = [
        cell.state
        for _, channels in signed_in.get(GRID).context["grid"]
        for cells in channels
        for cell in cells
    ]
    assert (len(states), states.count("own"), states.count("ours")) == (54, 1, 35)


def test_own_words_that_no_longer_fit_are_pointed_out(signed_in, clinic, admin):
    key = ("sms", "reminder", "en")
    body = "{clinic} " * 6 + "{link} {emergency} STOP"
    editing.save(clinic, key=key, body=body, seen="", by=admin)
    Clinic.objects.update(emergency_en="E" * 200)
    assert "to be looked at" in signed_in.get(GRID).text


def test_the_grid_costs_the_same_with_many_words(
    signed_in, clinic, admin, django_assert_max_num_queries
):
    for key in defaults.load().texts:
        words = {"subject": "" if key[0] == "sms" else "x", "body": "{link} STOP ALTO"}
        editing.save(clinic, key=key, seen="", by=admin, **words)
    with django_assert_max_num_queries(7):
        signed_in.get(GRID)


def test_words_are_saved_and_given_up_again(signed_in, clinic):
    assert signed_in.post(PAGE, {**WORDS, "seen": ""}).status_code == 302
    page = signed_in.get(PAGE)
    assert page.context["form"]["subject"].value() == "News from {clinic}"
    assert "Your own words" in page.text
    signed_in.post(f"{PAGE}default/", {"seen": page.context["seen"]})
    assert not Wording.objects.exists()
    assert "Our words." in signed_in.get(PAGE).text


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(signed_in, clinic):
    page = signed_in.post(PAGE, {"subject": "Hi", "body": "{name} knee", "seen": ""})
    assert "{name} is not known; use {clinic}, {link}" in page.text
    assert "{link} is missing" in page.text and "“knee” in line 1" in page.text
    assert page.context["form"]["body"].value() == "{name} knee"
    assert not Wording.objects.exists()


def test_the_second_of_two_sees_what_stands_and_may_replace_it(signed_in, clinic):
    other = factories.make_user(clinic, name="Dr Okafor")
    key = ("email", "invitation", "en")
    editing.save(clinic, key=key, subject="First", body="{link}", seen="", by=other)
    page = signed_in.post(PAGE, {**WORDS, "seen": ""})
    assert "Dr Okafor has changed these words" in page.text
    assert "What stands now" in page.text and "First" in page.text
    assert page.context["form"]["subject"].value() == WORDS["subject"]
    signed_in.post(PAGE, {**WORDS, "seen": page.context["seen"]})
    assert Wording.objects.get().subject == WORDS["subject"]


def test_the_preview_shows_the_mail_and_saves_nothing(signed_in, clinic):
    page = signed_in.post(
        PAGE, {**WORDS, "seen": "", "step": "preview"}, headers={"HX-Request": "true"}
    )
    assert page.text.startswith('<section class="preview"')
    assert f"News from {clinic.sender_name}" in page.text
    assert "Hello &lt;b&gt;," in page.text and "Answer the questions</a>" in page.text
    assert "It has no emergency line" in page.text
    assert not Wording.objects.exists()


def test_without_javascript_the_whole_page_shows_it(signed_in, clinic):
    page = signed_in.post(PAGE, {**WORDS, "seen": "x", "step": "preview"})
    assert "<h1>" in page.text and f"News from {clinic.sender_name}" in page.text
    assert page.context["seen"] == "x"


def test_a_text_message_is_shown_with_its_parts(signed_in, clinic):
    body = "{clinic}: {link} " + "á" * 70 + " STOP"
    page = signed_in.post(SMS, {"body": body, "step": "preview"})
    assert re.search(r"\d+ characters, 1 text message; sent without", page.text)
    assert "subject" not in page.context["form"].fields
    long = signed_in.post(SMS, {"body": body + "x" * 250, "step": "preview"})
    assert "3 text messages long; 2 are the most" in long.text


def test_a_letter_shows_the_link_as_it_is_typed(signed_in, clinic):
    page = signed_in.get("/messages/wording/letter/reminder/es/")
    assert f">{editing.dead_link()}</a>" in page.text
    assert "Send me a test" not in page.text


@pytest.mark.parametrize(
    "path", ["fax/invitation/en", "email/hello/en", "email/invitation/fr"]
)
def test_a_message_that_does_not_exist_is_not_found(signed_in, path):
    assert signed_in.get(f"{GRID}{path}/").status_code == 404


@pytest.fixture
def disk(mail_folder, clinic):
    return lambda: mailbox.read(mailbox.NO_CLINIC) + mailbox.read(clinic.pk)


def try_out(client, **changes):
    return client.post(PAGE, {**WORDS, "seen": "", "step": "test", **changes})


def test_a_test_goes_to_the_writer_and_is_marked(signed_in, clinic, admin, disk):
    Clinic.objects.update(is_demo=True)
    page = try_out(signed_in)
    [mail] = disk()
    assert mail.to == admin.email and mail.subject.startswith("[TEST] News from")
    assert "This is a test." in mail.text and editing.dead_link() in mail.text
    assert f"A test is on its way to {admin.email}." in page.text
    assert page.context["form"]["subject"].value() == WORDS["subject"]
    event = AuditEvent.objects.get(action="wording.tested")
    assert admin.email not in str(event.facts)
    assert (Message.objects.count(), Wording.objects.count()) == (0, 0)


def test_the_link_of_a_test_opens_nothing(client, clinic):
    known = client.post(editing.dead_link(), {"day": 1, "month": 1, "year": 1950})
    assert known.status_code in {200, 403, 404} and not known.has_header("Location")


def test_only_so_many_tests_go_out_within_an_hour(signed_in, clinic, disk):
    Clinic.objects.update(is_demo=True)
    for _ in range(trying.TESTS_AN_HOUR):
        try_out(signed_in)
    assert "tests within an hour" in try_out(signed_in).text
    assert len(disk()) == trying.TESTS_AN_HOUR


def test_words_that_may_not_go_out_are_not_tried_either(signed_in, clinic, disk):
    assert "“knee” in line 1" in try_out(signed_in, body="{link} knee").text
    assert disk() == []
    assert not AuditEvent.objects.filter(action="wording.tested").exists()


def test_a_test_that_the_server_does_not_take_is_told(signed_in, clinic, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert "The test was not taken: no connection" in try_out(signed_in).text


SMS_TEST = {"body": "{clinic}: {link} Reply STOP to end.", "step": "test"}


def test_a_text_message_is_tried_at_the_number_that_was_typed(
    signed_in, clinic, sms_sink
):
    Clinic.objects.update(sms_sender="+13125550100")
    page = signed_in.post(SMS, {**SMS_TEST, "to": "(312) 555-0142"})
    [taken] = sms_sink.taken
    assert (taken["To"], taken["Body"][:5]) == ("+13125550142", "TEST ")
    assert editing.dead_link() in taken["Body"]
    assert "A test is on its way to (312) 555-0142." in page.text
    facts = AuditEvent.objects.get(action="wording.tested").facts
    assert "555" not in str(facts) and not Message.objects.exists()


@pytest.mark.parametrize("number", ["", "call me", "312 555 0142 x7", "12"])
def test_what_is_no_mobile_number_is_refused(signed_in, clinic, sms_sink, number):
    Clinic.objects.update(sms_sender="+13125550100")
    page = signed_in.post(SMS, {**SMS_TEST, "to": number})
    assert "Give a mobile number" in page.text
    assert sms_sink.taken == []


def test_without_a_sender_no_text_message_is_tried(signed_in, clinic, sms_sink):
    page = signed_in.post(SMS, {**SMS_TEST, "to": "(312) 555-0142"})
    assert "no sender for text messages" in page.text
    assert sms_sink.taken == []


def test_only_those_who_word_messages_see_them(client, physician, clinic):
    client.force_login(physician)
    for name in (GRID, PAGE, reverse("outcomes:wording", args=["sms", "safety", "es"])):
        assert client.get(name).status_code == 403
