"""Reminders that a clinic words one by one, by the day of their rung."""

import pytest
from django.urls import reverse

from outcomes.follow_ups import wording
from outcomes.follow_ups.wording import editing, rungs
from outcomes.models import Wording

WHOLE, WEEK = ("email", "reminder", "en"), ("email", "reminder-7", "en")
BODY = "From {clinic}, and once more: {link}"


def save(clinic, by, key, subject):
    return editing.save(clinic, key=key, subject=subject, body=BODY, seen="", by=by)


@pytest.mark.parametrize(
    ("kind", "rung", "worded"),
    [
        ("reminder", "day-7-other", "reminder-7"),
        ("reminder", "day-12-sms-3", "reminder-12"),
        ("reminder", "manual", "reminder"),
        ("rescue", "rescue", "rescue"),
        ("invitation", "invite", "invitation"),
        ("new_link", "new-link", "new_link"),
    ],
)
def test_a_reminder_is_worded_by_its_day(kind, rung, worded):
    assert rungs.worded_as(kind, rung) == worded


@pytest.mark.parametrize(
    "kind", ["reminder-0", "reminder-91", "reminder-07", "rescue-3", "reminder-", "x"]
)
def test_what_no_ladder_can_hold_is_no_sort_of_message(kind):
    assert rungs.sort_of(kind) is None


@pytest.mark.django_db
class TestWords:
    @pytest.fixture
    def reminder(self, invitation):
        invitation.kind, invitation.rung = "reminder", "day-7-other"
        return invitation

    def said(self, message):
        return wording.words_for(message).subject

    def test_a_rung_has_its_own_words(self, reminder, clinic, admin):
        save(clinic, admin, WHOLE, "Every reminder")
        save(clinic, admin, WEEK, "After a week")
        assert self.said(reminder) == "After a week"
        reminder.rung = "day-3-sms"
        assert self.said(reminder) == "Every reminder"

    def test_without_them_it_has_the_reminders(self, reminder, clinic, admin):
        before = self.said(reminder)
        reminder.rung = "day-12-sms"
        assert self.said(reminder) == before
        save(clinic, admin, WHOLE, "Every reminder")
        assert self.said(reminder) == "Every reminder"

    def test_a_batch_reads_the_words_of_all_rungs_once(
        self, reminder, clinic, admin, django_assert_num_queries
    ):
        save(clinic, admin, WEEK, "After a week")
        # What came with the message in a batch.
        wording.words_for(reminder)
        with django_assert_num_queries(1):
            own = wording.Wordings.of(clinic.pk)
            for day in range(1, 20):
                reminder.rung = f"day-{day}-sms"
                own.words_for(reminder)

    def test_what_would_change_nothing_is_not_saved(self, clinic, admin):
        save(clinic, admin, WHOLE, "Every reminder")
        with pytest.raises(Exception, match="these words stand already"):
            save(clinic, admin, WEEK, "Every reminder")

    def test_every_rung_of_the_ladder_stands_in_the_grid(self, signed_in):
        page = signed_in.get(reverse("outcomes:wordings")).content.decode()
        for day in (3, 7, 12):
            assert f"Reminder of day {day}" in page
        assert "Reminder of day 14" not in page
        assert "as the reminder" in page

    def test_it_is_written_tried_and_taken_back_on_its_page(self, signed_in, clinic):
        address = reverse("outcomes:wording", args=WEEK)
        page = signed_in.get(address).content.decode()
        assert "The reminder’s words." in page
        sent = {"subject": "After a week", "body": BODY, "seen": ""}
        page = signed_in.post(address, sent, follow=True).content.decode()
        assert "Back to the reminder’s words" in page
        row = Wording.objects.get()
        assert (row.kind, row.subject) == ("reminder-7", "After a week")
        back = reverse("outcomes:wording_reset", args=WEEK)
        signed_in.post(back, {"seen": editing.stamp(row)})
        assert not Wording.objects.exists()

    @pytest.mark.parametrize("body", ["{name}: {link}", "For your knee: {link}"])
    def test_what_no_message_may_say_is_refused(self, signed_in, body):
        address = reverse("outcomes:wording", args=WEEK)
        sent = {"subject": "After a week", "body": body, "seen": ""}
        assert signed_in.post(address, sent).status_code == 200
        assert not Wording.objects.exists()
