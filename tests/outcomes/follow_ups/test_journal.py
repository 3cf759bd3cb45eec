"""A process that is killed while it sends, and what its journal saves."""

import pytest

from clinic import clock
from outcomes.follow_ups import due, outbox
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.outbox import journal, recording, sending
from outcomes.models import Message, MessageEvent
from tests import factories

State = Message.State


@pytest.fixture(autouse=True)
def journals(mail_folder, settings, tmp_path):
    settings.OUTBOX_JOURNALS = tmp_path / "outbox"
    return settings.OUTBOX_JOURNALS


@pytest.fixture
def claimed(clinic):
    """Five messages of one claim, all begun."""
    for _ in range(5):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    due.advance_due(clinic, clock.now())
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


def test_what_was_recorded_before_stays_as_it_is(claimed):
    left_by_a_killed_process(claimed, handed_over=2)
    recording.record([done(claimed[0])])
    assert outbox.take_up() == 3
    assert MessageEvent.objects.filter(state="accepted").count() == 2


@pytest.mark.parametrize("cut", ["", "[", '["no id"]', "{}", '"x"', "\0\0"])
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
        sending._send_batch(claimed, sending.Pace(), kept, float("inf"))
    monkeypatch.undo()
    assert outbox.take_up() == 5
    assert states(claimed)[0] == "accepted"
