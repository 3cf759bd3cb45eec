"""Letters wait until somebody has printed them."""

import re
from datetime import timedelta

import pytest
import segno
from django.core.exceptions import ValidationError

from clinic import clock
from clinic.models import AuditEvent, Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import letter as post
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import pauses
from outcomes.models import FollowUp, Message
from patients.models import Patient, RedFlag
from patients.record import consents, holds, leaving
from tests import factories

LETTERS = "/messages/letters/"
State = Message.State


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def to_letter(message: Message, physician) -> Message:
    """Of a patient who wants to be asked by post."""
    patient = message.request.patient
    Patient.objects.filter(pk=patient.pk).update(
        preferred_channel="letter", postal_address="12 Elm St\nOak Park, IL 60302"
    )
    consents.give(patient, by=physician, scope="letter")
    Message.objects.filter(pk=message.pk).update(channel="letter")
    return Message.objects.select_related(*post.WHOSE).get(pk=message.pk)


@pytest.fixture
def waiting(invitation, physician) -> Message:
    return to_letter(invitation, physician)


def fresh(message: Message) -> Message:
    return Message.objects.select_related(*post.WHOSE).get(pk=message.pk)


def objection(message: Message) -> str:
    return post.read([fresh(message)])[0].objection


def press(client, *messages: Message) -> str:
    ids = [one.pk for one in messages]
    reply = client.post(f"{LETTERS}printed/", {"letters": ids}, follow=True)
    return reply.content.decode()


def test_who_prefers_letters_is_asked_by_one_that_no_engine_claims(
    performed, patient, clinic, physician
):
    Patient.objects.update(preferred_channel="letter", postal_address="12 Elm St")
    consents.give(patient, by=physician, scope="letter")
    due.advance_due(clinic, clock.now())
    message = Message.objects.get()
    assert (message.channel, message.next_attempt_at) == ("letter", None)
    assert outbox.due_channels(clinic, clock.now()) == {}
    assert [one.objection for one in post.read([fresh(message)])] == [""]


def test_a_letter_waits_on_the_list(desk, waiting):
    shown = desk.get(LETTERS).content.decode()
    assert str(waiting.request.patient) in shown
    assert "12 Elm St" in shown


def test_the_sheet_has_address_link_and_phone_and_no_reason(desk, waiting):
    Clinic.objects.update(phone="555-0100")
    shown = desk.get(f"{LETTERS}{waiting.pk}/").content.decode()
    sheet = shown[shown.index("<article") : shown.index("</article>")]
    assert "12 Elm St<br>Oak Park, IL 60302" in sheet
    assert tokens.url_for(waiting) in sheet
    assert "555-0100" in sheet and "Call 911" in sheet
    for word in ("foot", "PRP", "pain", waiting.request.patient.mrn):
        assert word not in sheet


def test_the_sheet_is_in_the_patients_language(desk, waiting):
    type(waiting.request).objects.update(language="es")
    shown = desk.get(f"{LETTERS}print/").content.decode()
    assert 'lang="es"' in shown and "Llame al 911" in shown


def test_the_code_on_the_sheet_is_the_patients_own_link(desk, waiting):
    """Drawn as runs of modules; read back, they are the matrix of that very link."""
    page = desk.get(f"{LETTERS}{waiting.pk}/").content.decode()
    drawn = re.search(r'<svg viewBox="0 0 (\d+) \1"><path[^>]* d="([^"]+)"', page)
    link = tokens.url_for(waiting)
    code = segno.make(link, error="m", micro=False)
    assert int(drawn[1]) == code.symbol_size()[0]
    assert modules(drawn[2]) == {
        (x, y)
        for y, row in enumerate(code.matrix_iter(border=4))
        for x, is_dark in enumerate(row)
        if is_dark
    }
    assert "style=" not in page and "camera here" in page


def modules(path: str) -> set[tuple[int, int]]:
    x, y, found = 0.0, 0.0, set()
    for verb, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if verb == "h":
            found |= {(int(x) + step, int(y)) for step in range(int(first))}
            x += float(first)
            continue
        is_relative = verb == "m"
        x = float(first) + x * is_relative
        y = float(second) + y * is_relative
    return found


def test_opening_a_sheet_sends_nothing(desk, waiting):
    desk.get(f"{LETTERS}{waiting.pk}/")
    assert fresh(waiting).state == State.QUEUED
    assert AuditEvent.objects.filter(action="letter.opened").count() == 1


def test_what_was_printed_is_sent_once(desk, waiting):
    assert "1 letter is marked as printed" in press(desk, waiting)
    assert "marked as printed already" in press(desk, waiting)
    sent = fresh(waiting)
    assert (sent.state, sent.attempts, sent.next_attempt_at) == ("accepted", 1, None)
    assert sent.accepted_at is not None
    assert sent.events.filter(state="accepted", detail="printed").count() == 1
    assert AuditEvent.objects.filter(action="letter.printed").count() == 1
    assert "No letter waits." in desk.get(LETTERS).content.decode()


def test_whom_nothing_else_could_reach_is_reached_by_a_letter(waiting, clerk):
    FollowUp.objects.filter(request=waiting.request).update(
        state=FollowUp.State.UNREACHABLE, state_reason="bounced"
    )
    post.mark_printed([fresh(waiting)], by=clerk, now=clock.now())
    row = FollowUp.objects.get(timepoint_key="m1")
    assert (row.state, row.state_reason) == (FollowUp.State.OPEN, "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one, by: consents.withdraw(one, by=by, scope="letter"), "no consent"),
        (
            lambda one, by: holds.hold(
                one,
                by=by,
                hold_until=clock.today(one.time_zone) + timedelta(days=3),
                hold_reason="travels",
            ),
            "on hold",
        ),
    ],
)
def test_a_letter_that_is_not_to_go_is_not_printed(
    desk, waiting, physician, change, reason
):
    change(waiting.request.patient, physician)
    assert reason in objection(waiting)
    assert "Nothing was marked" in press(desk, waiting)
    assert "Not to go" in desk.get(LETTERS).content.decode()
    assert fresh(waiting).state == State.QUEUED


def test_while_messages_are_paused_no_letter_is_to_go(desk, waiting, clinic, physician):
    pauses.pause(clinic, reason="Wrong words", by=physician)
    assert objection(waiting) == "all messages are paused"
    assert "Nothing was marked" in press(desk, waiting)
    pauses.release(clinic, spread=30, by=physician)
    assert objection(waiting) == ""


@pytest.mark.parametrize("is_merged", [False, True])
def test_a_routine_letter_waits_for_an_urgent_flag(waiting, clinic, is_merged):
    person = waiting.request.person
    owner = factories.make_patient(clinic) if is_merged else person
    flag = RedFlag.objects.create(
        clinic=clinic, patient=owner, flag="RF01", tier="E1", informant="staff"
    )
    if is_merged:
        Patient.objects.filter(pk=owner.pk).update(merged_into=person)
    assert objection(waiting) == "an urgent flag is open"
    RedFlag.objects.filter(pk=flag.pk).update(tier="E2")
    assert objection(waiting) == ""


def test_who_withdrew_has_no_letter_waiting(desk, waiting, physician):
    leaving.withdraw(waiting.request.patient, by=physician, reason="asked")
    assert "No letter waits." in desk.get(LETTERS).content.decode()
    assert "already" in press(desk, waiting)
    assert fresh(waiting).state == State.CANCELLED


def test_a_letter_whose_link_was_replaced_is_not_printed(waiting):
    waiting.request.links.update(revoked_at=clock.now())
    assert objection(waiting) == post.REPLACED


def test_a_letter_that_asks_nothing_any_more_is_not_printed(waiting):
    FollowUp.objects.update(state=FollowUp.State.COMPLETED, next_action_at=None)
    assert objection(waiting) == post.ANSWERED


def test_of_several_none_is_marked_where_one_is_not_to_go(
    waiting, clinic, physician, clerk
):
    complaint = factories.make_complaint(factories.make_patient(clinic))
    plan = factories.make_plan(complaint, started_days_ago=40)
    factories.make_performed(plan, days=30)
    due.advance_due(clinic, clock.now())
    other = to_letter(Message.objects.exclude(pk=waiting.pk).get(), physician)
    consents.withdraw(other.request.patient, by=physician, scope="letter")
    both = [fresh(waiting), fresh(other)]
    with pytest.raises(ValidationError, match="no consent to letters"):
        post.mark_printed(both, by=clerk, now=clock.now())
    assert fresh(waiting).state == State.QUEUED


@pytest.mark.parametrize("ids", [["x"], ["00000000-0000-0000-0000-000000000000"]])
def test_a_letter_that_is_none_is_not_found(desk, waiting, ids):
    assert desk.post(f"{LETTERS}printed/", {"letters": ids}).status_code == 404


def test_more_letters_cost_no_more_queries(
    desk, waiting, clinic, physician, django_assert_max_num_queries
):
    for _ in range(4):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        plan = factories.make_plan(complaint, started_days_ago=40)
        factories.make_performed(plan, days=30)
    due.advance_due(clinic, clock.now())
    for message in Message.objects.filter(channel="email"):
        to_letter(message, physician)
    with django_assert_max_num_queries(17):
        assert desk.get(f"{LETTERS}print/").content.decode().count("<article") == 5
