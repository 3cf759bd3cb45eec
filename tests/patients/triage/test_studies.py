"""From the order to the reviewed result, each step once and on record."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from clinic import clock
from clinic.access import Role
from clinic.models import AuditEvent
from patients.models import Complaint, Patient, Study
from patients.triage import early_intervention, studies
from tests import factories

pytestmark = pytest.mark.django_db
RESULT = {"results": ["disc_extrusion", "root_compressed"], "levels": ["L4-L5"]}


@pytest.fixture
def today(complaint):
    return clock.today(complaint.patient.time_zone)


@pytest.fixture
def study(complaint, physician):
    return factories.make_study(complaint, by=physician)


@pytest.fixture
def received(study, physician, today):
    return studies.receive(study, by=physician, performed_on=today, **RESULT)


def run_the_clock(complaint, kind, days=0):
    since = clock.today(complaint.patient.time_zone) - timedelta(days=days)
    complaint.deficit_kind, complaint.deficit_since = kind, since
    complaint.save()
    return complaint


def test_an_order_is_owned_by_who_gave_it_and_due_in_a_week(study, physician, today):
    assert (study.state, study.owner, study.ordered_by) == (
        "ordered",
        physician,
        physician,
    )
    assert study.due_on == today + timedelta(days=7)
    event = AuditEvent.objects.get(action="study.ordered")
    assert (event.actor, event.facts["kind"]) == (physician, "mri")


def test_a_study_goes_from_order_to_reviewed_result(study, physician, today):
    studies.schedule(study, by=physician, scheduled_for=today + timedelta(days=3))
    assert study.due_on == today + timedelta(days=3)
    studies.record_done(study, by=physician, performed_on=today)
    assert study.due_on == today + timedelta(days=7)
    studies.receive(study, by=physician, report="As suspected.", **RESULT)
    assert study.due_on == today + timedelta(days=3)
    studies.review(study, by=physician)
    study.refresh_from_db()
    assert (study.state, study.reviewed_by, study.due_on) == (
        "reviewed",
        physician,
        None,
    )
    assert study.reviewed_at is not None
    assert study.result_labels == ["disc extrusion", "nerve root compressed"]


def test_each_step_leaves_an_event_without_the_text_of_a_report(study, physician):
    day = study.ordered_on
    studies.schedule(study, by=physician, scheduled_for=day)
    studies.record_done(study, by=physician, performed_on=day)
    studies.receive(study, by=physician, report="Private words")
    studies.review(study, by=physician)
    events = AuditEvent.objects.filter(action__startswith="study.").order_by("id")
    assert [event.action for event in events] == [
        "study.ordered",
        "study.scheduled",
        "study.done",
        "study.received",
        "study.reviewed",
    ]
    assert "Private" not in str([event.facts for event in events])


@pytest.mark.parametrize("state", Study.State.values)
def test_only_the_moves_of_the_table_are_made(study, physician, today, state):
    day, reason = {"performed_on": today}, {"reason": "Why"}
    acts = {
        "scheduled": (studies.schedule, {"scheduled_for": today}),
        "done": (studies.record_done, day),
        "received": (studies.receive, {"report": "Text", **day}),
        "reviewed": (studies.review, {}),
        "cancelled": (studies.cancel, reason),
        "entered_in_error": (studies.enter_in_error, reason),
    }
    for to, (act, given) in acts.items():
        put_into(study, state)
        if to in studies.MOVES[state]:
            assert act(study, by=physician, **given).state == to
        else:
            with pytest.raises(ValidationError, match="cannot be"):
                act(study, by=physician, **given)
            study.refresh_from_db()
            assert study.state == state


def put_into(study, state):
    is_open = state in Study.OPEN
    Study.objects.filter(pk=study.pk).update(
        state=state,
        due_on=study.ordered_on if is_open else None,
        reviewed_at=clock.now() if state == "reviewed" else None,
    )


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"kind": "pet"}, "kind"),
        ({"region": "soul"}, "region"),
        ({"kind": "emg_ncs"}, "region"),
        ({"priority": "soon"}, "priority"),
        ({"side": "both"}, "side"),
        ({"reason": "x" * 301}, "reason"),
        ({"days": -1}, "ordered_on"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(complaint, physician, fields, named):
    days = fields.pop("days", 0)
    fields["ordered_on"] = factories.days_ago(complaint.clinic, days)
    with pytest.raises(ValidationError) as caught:
        factories.make_study(complaint, by=physician, **fields)
    assert named in caught.value.message_dict
    assert not Study.objects.exists()


def test_nothing_is_ordered_for_the_dead_or_a_closed_complaint(complaint, patient):
    Complaint.objects.update(closed_on=complaint.opened_on)
    with pytest.raises(ValidationError, match="closed"):
        factories.make_study(complaint)
    Patient.objects.update(deceased_on=complaint.opened_on)
    with pytest.raises(ValidationError, match="died"):
        factories.make_study(complaint)
    assert not Study.objects.exists()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"performed_on": None}, "performed_on"),
        ({"days": -1}, "performed_on"),
        ({"days": 30_000}, "performed_on"),
        ({"results": [], "report": " "}, "results"),
        ({"results": ["fascia_thickened"]}, "results"),
        ({"results": ["normal", "disc_bulge"]}, "results"),
        ({"levels": ["C5-C6"]}, "levels"),
        ({"report": "x" * 8001}, "report"),
        ({"side": "both"}, "side"),
    ],
)
def test_a_result_that_makes_no_sense_is_refused(study, physician, fields, named):
    day = factories.days_ago(study.clinic, fields.pop("days", 0))
    with pytest.raises(ValidationError) as caught:
        studies.receive(
            study, by=physician, **{**RESULT, "performed_on": day, **fields}
        )
    assert named in caught.value.message_dict
    study.refresh_from_db()
    assert study.state == "ordered"


@pytest.mark.parametrize("days", [-1, 731])
def test_a_booking_before_the_order_or_years_ahead_is_refused(study, physician, days):
    day = study.ordered_on + timedelta(days=days)
    with pytest.raises(ValidationError) as caught:
        studies.schedule(study, by=physician, scheduled_for=day)
    assert "scheduled_for" in caught.value.message_dict


def test_a_study_the_patient_brought_starts_with_its_result(
    complaint, assistant, today
):
    last_year = today - timedelta(days=300)
    given = {"kind": "mri", "region": "lumbar_spine", "performed_on": last_year}
    study = studies.take_in(complaint, by=assistant, **given, **RESULT)
    assert (study.state, study.was_brought) == ("received", True)
    assert (study.received_on, study.due_on) == (today, today + timedelta(days=3))
    with pytest.raises(ValidationError, match="in the record already"):
        studies.take_in(complaint, by=assistant, **given, **RESULT)


def test_the_same_study_is_not_ordered_twice(study, complaint, assistant):
    with pytest.raises(ValidationError, match="is ordered already"):
        factories.make_study(complaint, by=assistant)
    factories.make_study(complaint, by=assistant, kind="xray")
    studies.cancel(study, by=assistant, reason="Claustrophobia")
    factories.make_study(complaint, by=assistant)


def test_a_result_can_be_put_right_until_it_is_reviewed(received, physician):
    studies.receive(received, by=physician, results=["disc_bulge"])
    assert received.result_labels == ["disc bulge"]
    studies.review(received, by=physician)
    with pytest.raises(ValidationError, match="reviewed and cannot be given a result"):
        studies.receive(received, by=physician, results=["normal"])


def test_who_filled_in_an_older_page_is_told_and_overwrites_nothing(
    study, physician, assistant, today
):
    mine, theirs = Study.objects.get(), Study.objects.get()
    studies.receive(
        theirs, by=assistant, performed_on=today, results=["disc_bulge"], seen=0
    )
    with pytest.raises(ValidationError, match="Somebody else changed this study"):
        studies.receive(mine, by=physician, performed_on=today, **RESULT, seen=0)
    assert Study.objects.get().results == ["disc_bulge"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_record_it_done_at_once_one_does(study, physician, today):
    def act():
        try:
            studies.record_done(
                Study.objects.get(), by=physician, performed_on=today, seen=0
            )
        except ValidationError:
            return "told"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(3) as pool:
        outcomes = [call.result() for call in [pool.submit(act) for _ in range(3)]]
    assert sorted(outcomes) == ["done", "told", "told"]
    assert AuditEvent.objects.filter(action="study.done").count() == 1
    assert Study.objects.get().revision == 1


def test_a_row_that_moved_since_it_was_read_is_not_written(study, physician):
    stale = Study.objects.get()
    studies.cancel(study, by=physician, reason="Moved away")
    with pytest.raises(ValidationError, match="it is cancelled now"):
        studies._save(stale, state="done")
    assert Study.objects.get().state == "cancelled"


@pytest.mark.parametrize(("act", "state"), [("cancel", 0), ("enter_in_error", 1)])
def test_what_is_taken_out_of_use_needs_a_reason(
    received, complaint, physician, act, state
):
    study = received if state else factories.make_study(complaint, by=physician)
    for reason in (" ", "x" * 201):
        with pytest.raises(ValidationError) as caught:
            getattr(studies, act)(study, by=physician, reason=reason)
        assert "reason" in caught.value.message_dict
    taken = getattr(studies, act)(study, by=physician, reason=" Another patient's ")
    assert (taken.cancel_reason, taken.due_on) == ("Another patient's", None)


def test_somebody_else_can_own_it_if_they_work_here(study, assistant, outsider, clerk):
    studies.hand_over(study, by=assistant, owner=assistant)
    assert Study.objects.get().owner == assistant
    for nobody in (outsider, clerk):
        with pytest.raises(ValidationError) as caught:
            studies.hand_over(study, by=assistant, owner=nobody)
        assert "owner" in caught.value.message_dict
    studies.cancel(study, by=assistant, reason="Not needed")
    with pytest.raises(ValidationError, match="cancelled"):
        studies.hand_over(study, by=assistant, owner=assistant)


@pytest.mark.parametrize(
    ("kind", "days"), [("cauda_equina", 0), ("foot_drop", 2), ("weakness", 2)]
)
def test_a_running_weakness_brings_the_day_forward(complaint, physician, kind, days):
    run_the_clock(complaint, kind, days=12)
    study = factories.make_study(complaint, by=physician)
    assert study.due_on == study.ordered_on + timedelta(days=days)
    assert complaint.deficit_days == 12


def test_a_day_too_far_off_is_overdue_while_the_weakness_lasts(
    complaint, physician, today
):
    run_the_clock(complaint, "foot_drop")
    study = factories.make_study(complaint, by=physician)
    studies.schedule(study, by=physician, scheduled_for=today + timedelta(days=30))
    assert study.due_on == today + timedelta(days=7)


def test_a_weakness_found_later_moves_the_open_studies(complaint, physician):
    study = factories.make_study(complaint, by=physician)
    factories.make_evaluation(complaint, ankle_dorsiflexion__left="3")
    study.refresh_from_db()
    assert study.due_on == study.ordered_on + timedelta(days=2)
    early_intervention.stop(Complaint.objects.get(), by=physician, reason="Strong")
    study.refresh_from_db()
    assert study.due_on == study.ordered_on + timedelta(days=7)
    assert AuditEvent.objects.filter(action="study.due_moved").count() == 2


def test_the_overdue_list_has_the_running_weakness_first(
    clinic, physician, django_assert_num_queries
):
    late = []
    for days, kind in ((40, ""), (10, "weakness"), (9, "cauda_equina"), (0, "")):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        if kind:
            run_the_clock(complaint, kind, days)
        day = factories.days_ago(clinic, days)
        late.append(factories.make_study(complaint, by=physician, ordered_on=day))
    with django_assert_num_queries(1):
        found = list(Study.objects.overdue(physician, clock.today(clinic.zone)))
        said = [f"{s.complaint.patient} {s.owner} {s.missing}" for s in found]
    assert found == [late[2], late[1], late[0]]
    assert all("Dr Okafor not booked" in words for words in said)


def test_another_clinics_studies_are_not_on_the_list(study, outsider, clerk):
    Study.objects.update(due_on=study.ordered_on - timedelta(days=1))
    today = study.ordered_on
    for user in (outsider, clerk):
        assert not Study.objects.overdue(user, today).exists()
    other = factories.make_user(study.clinic, Role.PROVIDER)
    assert Study.objects.overdue(other, today).exists()
