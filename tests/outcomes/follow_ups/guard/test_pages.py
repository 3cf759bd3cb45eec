from datetime import timedelta

import pytest

from clinic import clock
from clinic.models import AuditEvent, AuditSubject
from outcomes import tasks
from outcomes.follow_ups.guard import chart_hours, explaining, pauses
from outcomes.models import ChannelPause, FollowUp, SendingPause

PAGE, PAUSE, RELEASE = "/operations/", "/operations/pause/", "/operations/release/"
Cause = SendingPause.Cause


def text(reply) -> str:
    return " ".join(reply.content.decode().split())


def trip_backlog(clinic) -> None:
    pauses.trip(clinic, Cause.BACKLOG, due=612, foreseen=40, since="2026-03-02")


def test_who_may_pause_does_it_with_a_reason(client, clinic, clerk):
    client.force_login(clerk)
    reply = client.post(PAUSE, {"reason": "The phones are down"}, follow=True)
    assert "Nothing goes to patients until somebody releases it." in text(reply)
    assert pauses.standing(clinic).reason == "The phones are down"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_pause_without_a_reason_is_refused_at_the_field(signed_in, clinic, reason):
    said = text(signed_in.post(PAUSE, {"reason": reason}))
    assert 'class="field field--invalid"' in said
    assert '<details class="operations__pause" open>' in said
    assert pauses.standing(clinic) is None


def test_every_page_of_staff_says_it_with_since_and_why(signed_in, clinic, patient):
    trip_backlog(clinic)
    for address in ("/", "/patients/", f"/patients/{patient.pk}/", "/protocols/", PAGE):
        said = text(signed_in.get(address))
        assert "Messages to patients are paused</strong> since" in said, address
        assert "612 patients are due at once" in said
        assert "calendar foresaw 40 since 2 Mar 2026" in said


def test_without_a_pause_no_page_says_so(signed_in, clinic):
    said = text(signed_in.get("/"))
    assert "notice-strip" not in said
    assert "messages to patients go out" in said


def test_another_clinics_pause_is_not_shown(signed_in, other_clinic):
    trip_backlog(other_clinic)
    assert "notice-strip" not in text(signed_in.get("/"))


def test_a_page_costs_one_look_more(signed_in, clinic, django_assert_max_num_queries):
    signed_in.get("/protocols/")
    with django_assert_max_num_queries(9) as found:
        signed_in.get("/protocols/")
    looks = [query for query in found if "outcomes_sendingpause" in query["sql"]]
    assert len(looks) == 1


def test_the_release_says_what_waits_and_is_spread(signed_in, clinic, due_rows):
    due_rows(3)
    trip_backlog(clinic)
    assert "<strong>3 invitations wait.</strong>" in text(signed_in.get(PAGE))
    said = text(signed_in.post(RELEASE, {"spread": "240"}, follow=True))
    assert "Messages go again, spread over 4 hours." in said
    assert pauses.standing(clinic) is None


@pytest.mark.parametrize("spread", ["", "45", "soon", "-30"])
def test_a_release_over_an_unknown_time_is_refused(signed_in, clinic, spread):
    trip_backlog(clinic)
    said = text(signed_in.post(RELEASE, {"spread": spread}))
    assert 'class="field field--invalid"' in said
    assert pauses.standing(clinic)


def test_a_release_of_what_a_colleague_released_is_said(signed_in, clinic):
    reply = signed_in.post(RELEASE, {"spread": "60"}, follow=True)
    assert "Messages are not paused" in text(reply)


def test_a_reason_is_shown_as_typed_and_never_as_markup(signed_in, clinic, admin):
    pauses.pause(clinic, reason="<b>Bold</b> move", by=admin)
    said = text(signed_in.get(PAGE))
    assert "&lt;b&gt;Bold&lt;/b&gt; move" in said
    assert "<b>Bold" not in said


def test_the_page_shows_queues_forecast_and_signs(
    signed_in, clinic, performed, settings
):
    tasks.tick()
    tasks.tick_clinic(clinic, clock.now())
    row = FollowUp.objects.filter(state="planned", next_action_at__isnull=False)[0]
    FollowUp.objects.filter(pk=row.pk).update(
        next_action_at=clock.now() + timedelta(hours=2)
    )
    ChannelPause.objects.create(
        channel="sms", reason="refused our sign-in", next_try_at=clock.now()
    )
    said = text(signed_in.get(PAGE))
    assert "<td>e-mail</td><td>Queued</td>" in said
    assert "1 patient in the next 24 hours" in said
    assert "No text message goes out since" in said
    assert "under a minute ago" in said
    assert "never seen" in said


def test_a_check_that_found_something_leads_to_its_rows(signed_in, clinic, performed):
    FollowUp.objects.filter(state="planned").update(
        next_action_at=clock.now() - timedelta(hours=1)
    )
    said = text(signed_in.get(PAGE))
    assert 'href="/operations/checks/overdue/"' in said
    listed = text(signed_in.get("/operations/checks/overdue/"))
    assert str(performed.follow_ups.filter(state="planned")[0].pk) in listed
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.facts) == (
        "operations.check_read",
        {"check": "overdue"},
    )
    assert AuditSubject.objects.filter(event=event).count() == 1


def test_an_unknown_check_is_not_found(signed_in):
    assert signed_in.get("/operations/checks/nothing/").status_code == 404


def test_who_may_not_release_reads_why(client, clinic, researcher, physician):
    trip_backlog(clinic)
    client.force_login(researcher)
    assert client.get(PAGE).status_code == 403
    client.force_login(physician)
    said = text(client.get(PAGE))
    assert "612 patients" in said
    assert "/operations/checks/" not in said


def test_the_page_takes_few_queries(
    signed_in, clinic, due_rows, django_assert_max_num_queries
):
    due_rows(5)
    tasks.reconcile_clinics()
    signed_in.get(PAGE)
    with django_assert_max_num_queries(16):
        signed_in.get(PAGE)


CASES = [
    (
        Cause.CLOCK,
        {"fault": "jumped"},
        "The server's clock jumped: it showed 11 Mar 2026, 10:00 "
        "where 10 Mar 2026, 10:00 was expected.",
    ),
    (
        Cause.CLOCK,
        {"fault": "went_back"},
        "The server started with its clock at 11 Mar 2026, 10:00, "
        "before its last work at 1 Feb 2026, 09:00.",
    ),
    (
        Cause.CLOCK,
        {"fault": "stopped"},
        "Nothing ran for 38 days, from 1 Feb 2026, 09:00 to 11 Mar 2026, 10:00.",
    ),
    (Cause.RESTORE, {}, "The server started from a backup."),
    (Cause.STAFF, {}, "Somebody paused them."),
]


@pytest.mark.parametrize(("cause", "evidence", "why"), CASES)
def test_the_reason_is_said_in_words(cause, evidence, why):
    times = {
        "last": "2026-02-01T15:00:00+00:00",
        "expected": "2026-03-10T15:00:00+00:00",
        "seen": "2026-03-11T15:00:00+00:00",
    }
    pause = SendingPause(cause=cause, evidence=times | evidence)
    assert explaining.explain(pause, "America/Chicago").why == why


def test_after_a_jump_staff_read_that_nothing_ends(signed_in, clinic):
    times = dict.fromkeys(("last", "expected", "seen"), "2026-03-11T15:00:00+00:00")
    pauses.trip(clinic, Cause.CLOCK, fault="jumped", **times)
    assert "nothing ends by itself either" in text(signed_in.get(PAGE))


def test_each_bar_stands_for_its_hour():
    first = clock.now().replace(minute=0, second=0, microsecond=0)
    chart = chart_hours.hours_chart([0, 5, 10, *[0] * 21], first, "UTC")
    assert [bar.number for bar in chart.bars[:3]] == [0, 5, 10]
    heights = [bar.height for bar in chart.bars[:3]]
    assert heights[0] == 0
    assert heights[2] == 2 * heights[1]
    assert chart.total == 15
    assert chart.peak.number == 10


def test_a_day_without_invitations_is_said():
    chart = chart_hours.hours_chart([0] * 24, clock.now(), "UTC")
    assert chart.description == "Nobody is to be asked in the next 24 hours."
