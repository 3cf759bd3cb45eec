"""A backup holds messages that have gone since: they wait, and go at most once."""

import io
import re
import shutil
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from clinic import clock
from clinic.models import AuditEvent
from outcomes import tasks
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import pauses, sent_already
from outcomes.models import Message, MessageEvent, SendingPause
from tests import factories

MESSAGE_ID = re.compile(r"^Message-ID: (<.*>)$", re.MULTILINE)


def told(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def three_queued(clinic) -> list[Message]:
    for _ in range(3):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        plan = factories.make_plan(complaint, started_days_ago=40)
        factories.make_performed(plan, days=30)
    due.advance_due(clinic, clock.now())
    return list(Message.objects.order_by("pk"))


def mails(folder) -> list[str]:
    """The Message-ID of each that was really handed over."""
    found = (path.read_text() for path in folder.rglob("*.eml"))
    return sorted(match[1] for mail in found for match in MESSAGE_ID.finditer(mail))


def as_if_restored(messages: list[Message]) -> None:
    """All of them go; then the database is again what it was before."""
    with transaction.atomic():
        assert [outbox.deliver(one.pk) for one in messages] == ["accepted"] * 3
        transaction.set_rollback(True)
    assert Message.objects.filter(state="queued").count() == 3


def make_due() -> None:
    Message.objects.filter(next_attempt_at__isnull=False).update(
        next_attempt_at=clock.now()
    )


@pytest.fixture
def sending_ticks(settings) -> None:
    """The tick hands over by itself."""
    settings.REDIS_URL = ""


def test_after_a_restore_nothing_goes_until_released(
    clinic, three_queued, mail_folder, sending_ticks
):
    as_if_restored(three_queued)
    assert told("hold_messages") == f"{clinic.slug}: paused now\n"
    for _ in range(3):
        tasks.tick()
    assert len(mails(mail_folder)) == 3
    assert told("hold_messages") == f"{clinic.slug}: was paused already\n"


def test_what_the_log_names_is_not_sent_again(
    clinic, admin, three_queued, mail_folder, sending_ticks, tmp_path
):
    as_if_restored(three_queued)
    call_command("hold_messages", stdout=io.StringIO())
    sent = mails(mail_folder)
    log = tmp_path / "mail.log"
    log.write_text("".join(f"10:00 postfix: message-id={one}\n" for one in sent[:2]))
    assert told("mark_sent", str(log)).startswith(
        "2 messages are named; 2 waited here and are marked as sent now, 0 are newer"
    )
    pauses.release(clinic, spread=30, by=admin)
    make_due()
    shutil.rmtree(mail_folder)
    tasks.tick()
    assert mails(mail_folder) == sent[2:]


def test_a_list_of_ids_is_read_too_and_twice_is_once(clinic, three_queued, tmp_path):
    file = tmp_path / "ids"
    newer = uuid4()
    file.write_text(f"{three_queued[0].pk}\n <{three_queued[1].pk}> \n{newer}\n")
    assert "3 messages are named; 2 waited here" in told("mark_sent", str(file))
    assert "0 waited here" in (again := told("mark_sent", str(file)))
    assert "1 are newer than the backup" in again


def test_what_was_marked_says_so_on_its_trail_and_on_record(clinic, three_queued):
    sent_already.mark([f"<{three_queued[0].pk}@localhost>"])
    event = MessageEvent.objects.filter(message=three_queued[0]).last()
    assert (event.state, event.detail) == ("accepted", sent_already.DETAIL)
    kept = AuditEvent.objects.get(action="messages.marked_sent")
    assert (kept.clinic_id, kept.facts) == (clinic.pk, {"messages": 1})


@pytest.mark.parametrize("state", ["delivered", "bounced", "failed", "cancelled"])
def test_what_has_ended_is_left_as_it_is(clinic, three_queued, state):
    Message.objects.update(state=state, next_attempt_at=None)
    assert sent_already.mark([f"<{three_queued[0].pk}@localhost>"]).marked == 0
    assert set(Message.objects.values_list("state", flat=True)) == {state}


def test_other_numbers_in_a_log_name_no_message(three_queued):
    other = f"trace={three_queued[0].pk} queue id 3F2504E0"
    assert list(sent_already.named_in([other, "", "to=<marta@example.org>"])) == []


def test_a_file_that_is_not_there_is_named(db):
    with pytest.raises(CommandError, match=r"/no/such/log: No such file"):
        call_command("mark_sent", "/no/such/log")


def test_a_reason_is_kept_with_the_pause(clinic):
    call_command("hold_messages", "--reason", "Disk failed", stdout=io.StringIO())
    held = SendingPause.objects.get(clinic=clinic)
    assert (held.cause, held.reason) == ("restore", "Disk failed")
