"""A process that is killed while it sends, and what its journal saves."""

import pytest

from clinic import clock
from outcomes import tasks
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import machine
from outcomes.follow_ups.outbox import journal, recording, sending
from outcomes.models import Message, MessageEvent
from tests import factories

State = Message.State


@pytest.fixture(autouse=True)
def journals(mail_folder, settings, tmp_path):
    settings.OUTBOX_JOURNALS = tmp_path / "outbox"
    return settings.OUTBOX_JOURNALS


@pytest.fixture
def due_messages(clinic):
    for _ in range(5):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    due.advance_due(clinic, clock.now())


@pytest.fixture
def claimed(clinic, due_messages):
    """Five messages of one claim, all begun."""
    return outbox.claim_due(clinic, "email", clock.now(), begins=5).claimed


def done(one, verdict=Verdict.ACCEPTED):
    return outbox.Done(one.lease, Outcome(verdict, provider_ref="p-1"))


def left_by_a_killed_process(claimed, *, handed_over):
    """As `kept` leaves it where nothing runs any more; the next one was being sent."""
    with pytest.raises(KeyboardInterrupt), journal.kept() as kept:
        kept.begin(claimed)
        for one in claimed[:handed_over]:
            kept.note(done(one))
        raise KeyboardInterrupt


def states(claimed):
    by_id = dict(Message.objects.values_list("pk", "state"))
    return [by_id[one.lease.message_id] for one in claimed]


def test_what_went_is_recorded_and_the_rest_let_go_but_for_the_one_in_doubt(
    claimed, journals
):
    left_by_a_killed_process(claimed, handed_over=2)
    assert outbox.take_up() == 4
    assert states(claimed) == ["accepted", "accepted", "sending", "queued", "queued"]
    assert list(journals.iterdir()) == []
    first = Message.objects.get(pk=claimed[0].lease.message_id)
    assert (first.provider_ref, first.lease) == ("p-1", None)
    assert first.accepted_at is not None
    last = MessageEvent.objects.filter(message=claimed[4].message).last()
    assert last.detail == "kept back: its worker went silent"


def test_the_one_in_doubt_is_sent_once_more_when_its_lease_is_over(
    claimed, clinic, settings, mail_folder
):
    left_by_a_killed_process(claimed, handed_over=2)
    outbox.take_up()
    outbox.release_expired(clinic, clock.now() + settings.MESSAGE_LEASE)
    Message.objects.filter(state="queued").update(next_attempt_at=clock.now())
    assert outbox.send_due(clinic, "email") == 3
    assert set(states(claimed)) == {"accepted"}
    assert len(list(mail_folder.rglob("*.eml"))) == 3


def test_the_journal_of_a_process_that_lives_is_left_alone(claimed, journals):
    with journal.kept() as kept:
        kept.begin(claimed)
        kept.note(done(claimed[0]))
        assert outbox.take_up() == 0
        assert len(list(journals.iterdir())) == 1
        kept.recorded()
    assert list(journals.iterdir()) == []


def test_one_that_was_refused_is_not_in_doubt(claimed):
    with pytest.raises(KeyboardInterrupt), journal.kept() as kept:
        kept.begin(claimed)
        kept.note(done(claimed[0], Verdict.TRY_LATER))
        raise KeyboardInterrupt
    assert outbox.take_up() == 4
    assert states(claimed)[:2] == ["queued", "sending"]


def test_one_without_an_answer_stays_in_doubt(claimed, settings, clinic):
    with pytest.raises(KeyboardInterrupt), journal.kept() as kept:
        kept.begin(claimed)
        kept.note(done(claimed[0], Verdict.UNCERTAIN))
        raise KeyboardInterrupt
    assert outbox.take_up() == 3
    assert states(claimed)[:3] == ["sending", "sending", "queued"]
    outbox.release_expired(clinic, clock.now() + settings.MESSAGE_LEASE)
    assert MessageEvent.objects.filter(state="uncertain").count() == 2


def test_after_the_machine_stopped_all_that_is_not_said_is_in_doubt(
    claimed, monkeypatch
):
    left_by_a_killed_process(claimed, handed_over=1)
    monkeypatch.setattr(machine, "boot", lambda: "another")
    assert outbox.take_up() == 1
    assert states(claimed) == ["accepted", *["sending"] * 4]


def test_what_was_begun_and_is_not_in_the_journal_is_in_doubt(claimed):
    """The journal of a handful before, as a restored disk may have it."""
    left_by_a_killed_process(claimed[:2], handed_over=2)
    assert outbox.take_up() == 2
    assert states(claimed) == ["accepted", "accepted", *["sending"] * 3]


def test_what_was_claimed_and_not_begun_is_let_go_at_once(clinic, due_messages):
    claimed = outbox.claim_due(clinic, "email", clock.now(), begins=2).claimed
    left_by_a_killed_process(claimed[:2], handed_over=1)
    assert outbox.take_up() == 4
    assert states(claimed) == ["accepted", "sending", "queued", "queued", "queued"]


def test_a_full_disk_leaves_all_that_was_begun_in_doubt(claimed, monkeypatch, caplog):
    with pytest.raises(KeyboardInterrupt), journal.kept() as kept:
        kept.begin(claimed)
        kept.note(done(claimed[0]))
        monkeypatch.setattr(journal.os, "write", lambda file, text: len(text) - 1)
        kept.note(done(claimed[1]))
        monkeypatch.undo()
        kept.note(done(claimed[2]))
        raise KeyboardInterrupt
    assert "the outbox's journal: OSError" in caplog.text
    assert outbox.take_up() == 0
    assert set(states(claimed)) == {"sending"}


def test_a_journal_that_cannot_be_read_stops_nobody(claimed, journals, caplog):
    left_by_a_killed_process(claimed, handed_over=1)
    (journals / "odd.journal").mkdir()
    assert outbox.take_up() == 4
    assert "a journal that was left: IsADirectoryError" in caplog.text


def test_reconciling_looks_at_journals_before_leases(claimed, settings, monkeypatch):
    left_by_a_killed_process(claimed, handed_over=4)
    later = clock.now() + settings.MESSAGE_LEASE
    monkeypatch.setattr(clock, "now", lambda: later)
    tasks.reconcile_clinics()
    assert states(claimed)[:4] == ["accepted"] * 4


def test_what_was_recorded_before_stays_as_it_is(claimed):
    left_by_a_killed_process(claimed, handed_over=2)
    recording.record([done(claimed[0])])
    assert outbox.take_up() == 3
    assert MessageEvent.objects.filter(state="accepted").count() == 2


@pytest.mark.parametrize("cut", ["", "[", '["no id"]', "{}", "5", '"x"', "\0\0"])
def test_a_journal_that_was_cut_off_is_read_as_far_as_it_goes(claimed, journals, cut):
    left_by_a_killed_process(claimed, handed_over=1)
    (path,) = journals.iterdir()
    path.write_text(path.read_text() + cut)
    assert outbox.take_up() == 4
    assert states(claimed)[:2] == ["accepted", "sending"]
    path.write_text(cut)
    assert outbox.take_up() == 0
    assert not path.exists()


def test_a_journal_says_nothing_about_the_patient(claimed, journals):
    left_by_a_killed_process(claimed, handed_over=2)
    (path,) = journals.iterdir()
    told = path.read_text()
    for one in claimed:
        patient = one.message.request.patient
        assert patient.family_name not in told
        assert "@" not in told
    assert path.stat().st_mode & 0o077 == 0
    assert journals.stat().st_mode & 0o077 == 0


def test_without_a_place_for_the_journal_messages_go_all_the_same(
    claimed, clinic, settings, tmp_path, mail_folder, caplog
):
    (tmp_path / "file").write_text("")
    settings.OUTBOX_JOURNALS = tmp_path / "file" / "outbox"
    Message.objects.update(state="queued", lease=None, lease_until=None)
    Message.objects.update(next_attempt_at=clock.now())
    assert outbox.send_due(clinic, "email") == 5
    assert "the outbox's journal: NotADirectoryError" in caplog.text


def test_where_recording_fails_the_journal_is_kept(claimed, journals, monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr(recording, "record", fail)
    with pytest.raises(RuntimeError), journal.kept() as kept:
        pace = sending.Pace()
        pace.together = 5
        sending._send_batch(claimed, pace, kept, float("inf"))
    monkeypatch.undo()
    assert outbox.take_up() == 5
    assert set(states(claimed)) == {"accepted"}
