"""Red flags as clinicians act on them, baselines, and the end of a clock."""

from datetime import timedelta

import pytest
from django.db.models import ProtectedError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import clock
from clinic.access import Role
from clinic.models import AuditEvent
from patients.models import RedFlag, RedFlagBaseline, RedFlagEvent
from patients.record import merging
from patients.triage import cells, evaluations, flag_baselines, flags
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/red-flags/"
ACTED = {"act": "acknowledge", "action": "Sent to the ER"}


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def drop(complaint):
    """A foot drop: a flag of the same day, and a running clock."""
    factories.make_evaluation(complaint, foot_drop__left="present")
    return RedFlag.objects.get()


def page(flag):
    return reverse("patients:red_flag", args=[flag.pk])


def raise_flags(clinic, count):
    for _ in range(count):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        factories.make_evaluation(complaint, foot_drop__left="present", RF10="present")


def test_the_list_says_who_what_since_when_and_what_to_do(at_work, drop):
    html = at_work.get(LIST).content.decode()
    assert str(drop.patient) in html
    assert "Foot drop, left" in html
    assert "E1 same day" in html
    assert "urgent MRI; do not wait" in html
    assert "Acknowledge" in html


def test_the_most_urgent_stands_first_and_then_the_oldest(at_work, clinic):
    raise_flags(clinic, 2)
    emergency = factories.make_complaint(factories.make_patient(clinic))
    factories.make_evaluation(emergency, RF01="present")
    newest = RedFlag.objects.filter(flag="RF06").latest("pk")
    RedFlag.objects.filter(pk=newest.pk).update(
        raised_at=clock.now() - timedelta(days=2)
    )
    shown = list(at_work.get(LIST).context["page"])
    assert [flag.tier for flag in shown] == ["E0", "E1", "E1", "E2", "E2"]
    assert shown[1] == newest


def test_an_empty_list_says_how_flags_come(at_work):
    assertContains(at_work.get(LIST), "No red flag stands in this clinic")


def test_closed_flags_are_kept_on_a_list_of_their_own(at_work, physician, drop):
    flags.acknowledge(drop, by=physician, action="MRI today")
    flags.close(drop, by=physician, note="Operated")
    assertNotContains(at_work.get(LIST), str(drop.patient))
    assertContains(at_work.get(LIST, {"show": "closed"}), str(drop.patient))


def test_more_flags_cost_no_more_queries(
    at_work, clinic, django_assert_max_num_queries
):
    raise_flags(clinic, 6)
    with django_assert_max_num_queries(13):
        assert len(at_work.get(LIST).context["page"]) == 12


def test_the_list_keeps_whose_flags_were_shown(at_work, drop):
    at_work.get(LIST)
    event = AuditEvent.objects.get(action="red_flags.listed")
    assert [s.patient_id for s in event.subjects.all()] == [drop.patient_id]


def test_the_median_time_to_the_first_action_is_shown_with_its_n(
    at_work, clinic, physician
):
    raise_flags(clinic, 3)
    for flag, minutes in zip(
        RedFlag.objects.filter(tier="E1"), (10, 25, 600), strict=True
    ):
        flags.acknowledge(flag, by=physician, action="Called")
        raised_at = flag.acknowledged_at - timedelta(minutes=minutes)
        RedFlag.objects.filter(pk=flag.pk).update(raised_at=raised_at)
    html = at_work.get(LIST).content.decode()
    assert "E1 <strong>25 min</strong> (n 3)" in html


def test_a_flag_shows_its_grounds_and_its_history(at_work, drop):
    html = at_work.get(page(drop)).content.decode()
    assert "foot drop recovers better with short duration" in html.lower()
    assert "AAFP 2012" in html
    assert "Raised" in html
    assert AuditEvent.objects.filter(action="red_flag.read").count() == 1


def test_acknowledging_needs_the_action_taken(at_work, drop):
    reply = at_work.post(page(drop), {"act": "acknowledge", "action": "  "})
    assertContains(reply, "This field is required")
    drop.refresh_from_db()
    assert drop.state == "open"


def test_an_acknowledged_flag_says_who_what_and_how_soon(at_work, drop):
    assert at_work.post(page(drop), ACTED).status_code == 302
    html = at_work.get(page(drop)).content.decode()
    assert "after under a minute, Dr Okafor: Sent to the ER" in html
    assert "Close the flag" in html


def test_the_second_clinician_sees_who_was_first_and_loses_nothing(
    client, clinic, physician, drop
):
    flags.acknowledge(drop, by=physician, action="Sent to the ER")
    client.force_login(factories.make_user(clinic, Role.PROVIDER, name="Dr Ng"))
    html = client.post(
        page(drop), {"act": "acknowledge", "action": "Called the surgeon"}
    ).content.decode()
    assert "Dr Okafor has acted on this flag already: Sent to the ER" in html
    assert ">\nCalled the surgeon</textarea>" in html
    assert RedFlagEvent.objects.filter(kind="acknowledged").count() == 1


def test_what_else_was_done_is_added_and_a_closed_flag_takes_no_more(
    at_work, physician, drop
):
    flags.acknowledge(drop, by=physician, action="Sent to the ER")
    at_work.post(page(drop), {"act": "note", "note": "MRI booked for 15:00"})
    at_work.post(page(drop), {"act": "close", "note": "Operated"})
    drop.refresh_from_db()
    assert (drop.state, drop.closed_by) == ("closed", physician)
    reply = at_work.post(page(drop), {"act": "note", "note": "More"})
    assertContains(reply, "stays on record")
    kinds = list(drop.events.values_list("kind", flat=True))
    assert kinds == ["raised", "acknowledged", "noted", "closed"]


def test_a_flag_that_nobody_acted_on_cannot_be_closed(at_work, drop):
    reply = at_work.post(page(drop), {"act": "close", "note": "Nothing"})
    assertContains(reply, "Acknowledge it")
    drop.refresh_from_db()
    assert drop.state == "open"


def test_a_flag_cannot_be_deleted(drop):
    with pytest.raises(ProtectedError):
        drop.delete()


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.ADMIN])
def test_who_is_no_clinician_reads_and_does_not_act(client, clinic, drop, role):
    client.force_login(factories.make_user(clinic, role))
    assertContains(client.get(page(drop)), "Tell one now")
    assertNotContains(client.get(LIST), ">Acknowledge<")
    assert client.post(page(drop), ACTED).status_code == 403


def baselines(patient):
    return reverse("patients:baselines", args=[patient.pk])


BLADDER = {
    "flag": "RF02",
    "stands_since": "2019-05-01",
    "note": "Stress incontinence since childbirth",
}


def test_a_clinician_dates_how_it_has_long_been(at_work, physician, patient):
    assert at_work.post(baselines(patient), BLADDER).status_code == 302
    held = RedFlagBaseline.objects.get()
    assert (held.flag, held.recorded_by) == ("RF02", physician)
    html = at_work.get(baselines(patient)).content.decode()
    assert "Stress incontinence since childbirth" in html
    assert "A change is never played down" in html


def test_a_new_baseline_replaces_the_one_before(at_work, patient):
    at_work.post(baselines(patient), BLADDER)
    at_work.post(baselines(patient), BLADDER | {"note": "Since the operation"})
    in_force = RedFlagBaseline.objects.get(ended_on=None)
    assert in_force.note == "Since the operation"
    assert RedFlagBaseline.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("flag", "RF14"),
        ("flag", ""),
        ("stands_since", "2999-01-01"),
        ("stands_since", "1900-01-01"),
        ("note", " "),
    ],
)
def test_a_baseline_that_cannot_be_is_refused(at_work, patient, field, value):
    reply = at_work.post(baselines(patient), BLADDER | {field: value})
    assert field in reply.context["form"].errors
    assert not RedFlagBaseline.objects.exists()


def test_an_ended_baseline_counts_no_more_and_is_kept(at_work, physician, patient):
    at_work.post(baselines(patient), BLADDER)
    held = RedFlagBaseline.objects.get()
    end = reverse("patients:end_baseline", args=[held.pk])
    at_work.post(end)
    assert flag_baselines.standing(patient) == {}
    assertContains(at_work.get(baselines(patient)), "Ended (1)")
    assertContains(at_work.post(end, follow=True), "This has ended already")


def test_a_baseline_never_plays_down_a_change(at_work, physician, patient, complaint):
    at_work.post(baselines(patient), BLADDER)
    draft = factories.make_evaluation(complaint, RF02="unchanged")
    assert not RedFlag.objects.exists()
    worse = {("RF02", "none"): cells.Entry("present")}
    evaluations.record(draft, by=physician, entries=worse)
    assert RedFlag.objects.get().tier == "E0"


def test_flags_and_baselines_of_a_merged_record_are_read_with_the_kept_one(
    at_work, physician, clinic, drop
):
    at_work.post(baselines(drop.patient), BLADDER)
    kept = factories.make_patient(clinic, family_name="Kept")
    merging.merge(kept, merged=drop.patient, reason="Same person", by=physician)
    assertContains(at_work.get(LIST), str(kept))
    assertContains(at_work.get(page(drop)), str(kept))
    assertContains(at_work.get(baselines(kept)), "Stress incontinence")
    at_work.post(baselines(kept), BLADDER | {"note": "Since the operation"})
    assert RedFlagBaseline.objects.get(ended_on=None).note == "Since the operation"


def stop(complaint):
    return reverse("patients:stop_clock", args=[complaint.pk])


def test_a_clock_is_stopped_with_a_reason(at_work, drop):
    complaint = drop.complaint
    at_work.post(stop(complaint), {"reason": "Full strength again"})
    complaint.refresh_from_db()
    assert not complaint.is_clock_running
    assert complaint.deficit_end_reason == "Full strength again"
    assert AuditEvent.objects.filter(action="clock.stopped").exists()


def test_a_clock_without_a_reason_runs_on(at_work, drop):
    reply = at_work.post(stop(drop.complaint), {"reason": " "}, follow=True)
    assertContains(reply, "Say why")
    drop.complaint.refresh_from_db()
    assert drop.complaint.is_clock_running
