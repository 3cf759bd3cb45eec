"""What stands after the demo was built is what the verbs and the engine leave."""

import re
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count, F, Q

from clinic import access, clock
from clinic.models import AuditEvent, Clinic, User
from outcomes import tasks
from outcomes.dashboards import facts
from outcomes.dashboards.capture import choices as capture_choices
from outcomes.dashboards.capture import counts, rows
from outcomes.demo import clinics
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.channels.mailbox import read
from outcomes.follow_ups.guard import reconcile
from outcomes.follow_ups.planning import schedule, sending_hours
from outcomes.models import (
    ContactAttempt,
    Episode,
    FollowUp,
    Message,
    OutcomeFact,
    Response,
    Score,
    StaffTask,
    SurveyRequest,
)
from outcomes.survey import occasions, scores
from patients.models import Complaint, Consent, ContactPoint, Diagnosis, Patient
from plans.models import Intervention, Plan, Timepoint

pytestmark = pytest.mark.usefixtures("demo")
State = FollowUp.State
SURVEYS_TODAY = 7
FOLLOW_UPS_TODAY = 8


@pytest.fixture
def mail_folder(settings: Any, tmp_path: Path) -> Path:
    """Without a broker the tick sends by itself."""
    settings.REDIS_URL = ""
    settings.MAILBOX_DIR = tmp_path / "mail"
    return settings.MAILBOX_DIR


def of(slug: str) -> Clinic:
    return Clinic.objects.get(slug=slug)


def at_work(email: str, slug: str) -> User:
    return User.objects.get(email=email).enter(of(slug))


def due() -> Any:
    return FollowUp.objects.filter(next_action_at__lte=clock.now())


def test_no_message_waits_to_be_sent() -> None:
    assert Message.objects.count() > 100
    assert not Message.objects.exclude(state=Message.State.ACCEPTED).exists()
    assert not Message.objects.filter(next_attempt_at__isnull=False).exists()


def test_only_what_is_asked_today_is_due() -> None:
    assert due().count() == FOLLOW_UPS_TODAY
    assert set(due().values_list("state", flat=True)) == {State.PLANNED}
    assert due().values("patient").distinct().count() == SURVEYS_TODAY


def test_a_first_tick_sends_those_and_a_second_tick_nothing(
    mail_folder: Path, mailoutbox: list[Any]
) -> None:
    tasks.tick()
    sent = [letter for clinic in Clinic.objects.all() for letter in read(clinic.pk)]
    assert len(sent) == len(list(mail_folder.rglob("*.eml"))) == SURVEYS_TODAY
    invented = re.compile(r".+@patients\.example|\+?1?[\d() -]*555[\d -]+")
    assert all(invented.fullmatch(letter.to) for letter in sent)
    tasks.tick()
    assert len(list(mail_folder.rglob("*.eml"))) == SURVEYS_TODAY
    assert mailoutbox == []
    assert not due().exists()


def test_pain_on_both_sides_is_asked_in_one_survey(mail_folder: Path) -> None:
    tasks.tick()
    asked_now = SurveyRequest.objects.filter(created_at=clock.now())
    counts = asked_now.annotate(n=Count("follow_ups")).values_list("n", flat=True)
    assert sorted(counts) == [1] * (SURVEYS_TODAY - 1) + [2]


def test_the_schedule_would_change_nothing() -> None:
    for episode in Episode.objects.filter(status=Episode.Status.ACTIVE):
        changes = schedule.preview(episode)
        assert not changes, (episode, changes.in_words())


def test_everything_completed_has_sealed_answers() -> None:
    completed = FollowUp.objects.filter(state=State.COMPLETED)
    assert completed.filter(completed_at=None).count() == 0
    # What is the clinic's alone is completed without an answer.
    answered = completed.exclude(who=Timepoint.Who.CLINICIAN)
    sealed = answered.filter(
        responses__state="sealed", responses__sealed_at=F("answered_at")
    )
    assert sealed.count() == answered.count() > 100
    lacking = Response.objects.filter(state="sealed", answers__isnull=True)
    assert not lacking.exists()


def test_everything_open_was_asked_by_a_message_that_arrived() -> None:
    asked = FollowUp.objects.filter(
        FollowUp.WAITS_FOR_PATIENT, state__in=FollowUp.ASKED
    )
    reached = asked.filter(
        request__state="open", request__messages__state="accepted"
    ).distinct()
    assert reached.count() == asked.count() > 0
    assert not asked.exclude(closes_on__gte=clock.today("America/Chicago")).exists()


def test_what_is_open_stands_on_a_rung_of_its_ladder() -> None:
    asked = FollowUp.objects.filter(
        FollowUp.WAITS_FOR_PATIENT, state__in=FollowUp.ASKED
    )
    assert not asked.filter(asked_at=None).exists()
    assert not asked.filter(reminded_until=None).exists()
    before_the_end = [row for row in asked if row.next_action_at.date() < row.closes_on]
    assert before_the_end
    assert all(row.next_action_at > clock.now() for row in asked)


def test_nobody_is_left_to_nobody() -> None:
    out_of_reach = FollowUp.objects.filter(state=State.UNREACHABLE)
    in_hand = out_of_reach.filter(staff_tasks__state="open")
    assert in_hand.distinct().count() == out_of_reach.count()
    nobodys = reconcile.count(of("lakeview"), clock.now(), is_full=True)
    assert nobodys.counts["open_unwritten"] == 0


def test_rungs_were_climbed_and_lifted_something() -> None:
    rungs = set(Message.objects.values_list("rung", flat=True))
    assert {"invite", "day-3-sms", "day-7-other", "rescue"} <= rungs
    assert StaffTask.objects.filter(kind="call", state="open").exists()
    assert ContactAttempt.objects.exists()
    admin = at_work("admin@lakeview.example", "lakeview")
    today = clock.today("America/Chicago")
    choices = capture_choices.Choices(period=capture_choices.YEAR)
    counted = rows.cells(admin, choices, today)
    silent = rows.reached(admin, choices, today)
    steps = counts.lift(counted, silent).steps
    assert sum(bool(step.answered) for step in steps) > 3


def test_surveys_stand_as_their_follow_ups_do() -> None:
    is_answered = Q(follow_ups__answered_at__isnull=False)
    is_over = is_answered | Q(follow_ups__state__in=FollowUp.FINAL)
    pending = Count("follow_ups", filter=~is_over)
    answered = Count("follow_ups", filter=is_answered)
    for request in SurveyRequest.objects.annotate(p=pending, c=answered):
        expected = "open" if request.p else "completed" if request.c else "closed"
        assert request.state == expected


def test_the_links_that_are_out_can_be_opened() -> None:
    messages = Message.objects.filter(request__state="open").select_related("request")
    for message in messages:
        link = tokens.find(tokens.token_for(message.pk))
        assert link is not None and link.request == message.request
        assert link.revoked_at is None and link.expires_at > clock.now()


def test_nothing_happened_in_the_future() -> None:
    now = clock.now()
    assert not Response.objects.filter(sealed_at__gt=now).exists()
    assert not Message.objects.filter(accepted_at__gt=now).exists()
    today = clock.today("America/Los_Angeles")
    assert not Intervention.objects.filter(performed_on__gt=today).exists()


def test_late_answers_are_kept_and_marked() -> None:
    late = Response.objects.filter(in_window=False).select_related("follow_up")
    assert late.exists()
    for response in late:
        assert response.follow_up.state == State.EXPIRED
        assert response.answered_on > response.follow_up.closes_on


def test_scores_are_those_that_a_submission_would_store() -> None:
    kept = ("measure_id", "site", "side", "measured_on", "value", "input_sha256")
    sealed = Response.objects.filter(state="sealed").order_by("sealed_at")
    for response in sealed.select_related("follow_up__episode__complaint")[::9]:
        answers = {a.link_id: a.value for a in response.answers.all()}
        wanted = {
            tuple(getattr(row, name) for name in kept)
            for row in scores.rows(response, answers)
        }
        assert set(response.scores.values_list(*kept)) == wanted


def test_every_question_of_a_sealed_response_is_answered() -> None:
    sealed = Response.objects.filter(state="sealed").select_related(
        "instrument", "follow_up__episode__complaint"
    )
    for response in sealed[::9]:
        asked = [
            each.link_id
            for item in occasions.items_of(response)
            for each in item.answered
        ]
        assert list(response.answers.values_list("link_id", flat=True)) == asked


def test_scores_lie_in_the_range_of_their_measure() -> None:
    outside = Q(value__lt=F("measure__minimum")) | Q(value__gt=F("measure__maximum"))
    assert not Score.objects.filter(outside).exists()
    assert all(v == int(v) for v in Score.objects.values_list("value", flat=True))


def test_rebuilding_the_facts_changes_nothing() -> None:
    before = stored_facts()
    assert before
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    assert stored_facts() == before
    assert not Episode.objects.filter(facts_due_at__isnull=False).exists()


def stored_facts() -> set[tuple[Any, ...]]:
    fields = [f.attname for f in OutcomeFact._meta.concrete_fields if f.name != "id"]
    return set(OutcomeFact.objects.values_list(*fields))


@pytest.mark.parametrize(
    "model", [Patient, ContactPoint, Complaint, Diagnosis, Plan, Intervention]
)
def test_every_row_would_pass_its_form(model: Any) -> None:
    optional = ["superseded_on", "recorded_by", "provider", "performed_by"]
    blank = ["planned_on", "performed_on", "ended_on", "hold_until", "protocol"]
    for row in model.objects.all():
        row.full_clean(exclude=[*optional, *blank])


def test_patients_are_found_by_a_name_without_its_accents() -> None:
    name = Patient.objects.filter(language="es", family_name__contains="ñ").first()
    assert name is not None
    plain = name.family_name.replace("ñ", "n").replace("í", "i").split()[0]
    assert name in Patient.objects.filter(clinic=name.clinic).search(plain)


def test_contacts_have_their_keys_and_the_consents_that_their_flags_say() -> None:
    points = ContactPoint.objects.all()
    assert points.exists() and not points.filter(match_key="").exists()
    channel = {"email": "email", "phone": "sms"}
    flags = {(p.patient_id, channel[p.system]) for p in points if p.may_contact}
    given = Consent.objects.filter(withdrawn_on=None, scope__in=channel.values())
    assert set(given.values_list("patient_id", "scope")) == flags


def test_who_left_is_not_asked_any_more() -> None:
    left = Patient.objects.exclude(withdrawn_on=None, deceased_on=None)
    assert left.count() == 2
    theirs = FollowUp.objects.filter(patient__in=left)
    assert not theirs.exclude(state__in=FollowUp.FINAL).exists()
    assert theirs.filter(state=State.CANCELLED).exists()


def test_what_hangs_on_a_procedure_waits_for_it() -> None:
    waiting = FollowUp.objects.filter(
        episode__is_provisional=True, is_baseline=False, is_safety=False
    )
    assert waiting.exists()
    assert set(waiting.values_list("state", "next_action_at")) == {("planned", None)}


def test_pain_blamed_on_the_fascia_came_from_a_nerve_root() -> None:
    refuted = Complaint.objects.filter(
        hypotheses__source="plantar_fascia", hypotheses__certainty="refuted"
    ).distinct()
    assert refuted.count() > 5
    for complaint in refuted.prefetch_related("hypotheses"):
        source = complaint.current_source
        assert source is not None and source.source in {"root_l5", "root_s1"}


def test_each_clinic_sees_its_own_only() -> None:
    theirs = at_work("admin@harborside.example", "harborside")
    ours = at_work("admin@lakeview.example", "lakeview")
    for model in (Patient, Episode, FollowUp, Response, Score, OutcomeFact):
        seen = set(model.objects.visible_to(theirs).values_list("pk", flat=True))
        assert seen
        assert not seen & set(model.objects.visible_to(ours).values_list("pk"))
        assert not model.objects.visible_to(ours).filter(pk__in=seen).exists()


def test_there_is_a_login_for_every_role_and_one_for_both_clinics() -> None:
    roles = {role for login in clinics.LAKEVIEW.logins for role in login.roles}
    assert roles == set(access.Role)
    for demo in clinics.ALL:
        for login in demo.logins:
            user = at_work(login.email, demo.slug)
            assert user.check_password(clinics.PASSWORD)
            assert user.membership is not None
            assert set(user.membership.roles) == set(login.roles)
    both = User.objects.annotate(n=Count("memberships")).filter(n=2)
    assert [user.email for user in both] == ["both@clinics.example"]


def test_both_clinics_are_demos_that_send_at_any_hour() -> None:
    assert Clinic.objects.count() == 2
    for clinic in Clinic.objects.all():
        assert clinic.is_demo
        assert sending_hours.Calendar.of(clinic).sends_from == time(0)
        # What the simulator shows.
        hours = (str(clinic.sends_from), str(clinic.sends_until))
        assert hours == ("09:00:00", "19:00:00")
    assert AuditEvent.objects.filter(action="demo.built").count() == 2


def test_some_answers_say_that_pain_got_worse() -> None:
    changes = OutcomeFact.objects.filter(
        measure__key="pain_site", change__isnull=False, bin_day__gte=90
    ).values_list("change", flat=True)
    worse = sum(change >= 1 for change in changes) / len(changes)
    assert 0.02 < worse < 0.35
    assert sum(changes) / len(changes) < Decimal("-0.5")


def test_nothing_is_left_for_the_outbox() -> None:
    for clinic in Clinic.objects.all():
        assert outbox.due(clinic, clock.now()) == []
        assert outbox.release_expired(clinic, clock.now()) == 0
