import re
from datetime import timedelta

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import audit, clock
from clinic.models import AuditEvent
from plans.course import interventions, lifecycle
from plans.course.lifecycle import Move
from plans.models import Intervention, Plan, Protocol
from tests import factories, reasons


def start_page(complaint):
    return reverse("plans:start", args=[complaint.pk])


def perform_page(plan):
    return reverse("plans:perform", args=[plan.interventions.get(is_index=True).pk])


def plan_page(plan):
    return reverse("outcomes:plan", args=[plan.pk])


def move_page(plan):
    return reverse("plans:move", args=[plan.pk])


def start_form(complaint, modality="prp", **fields):
    protocol = Protocol.objects.get(clinic=complaint.clinic, key=modality)
    today = factories.days_ago(complaint.clinic, 0)
    return {"protocol": protocol.pk, "started_on": today.isoformat(), **fields}


def done_form(plan, days=0, **fields):
    day = factories.days_ago(plan.clinic, days)
    return {
        "performed_on": day.isoformat(),
        "side": "left",
        **reasons.FORM,
        **fields,
    }


def test_the_library_lists_each_protocol_in_constant_queries(
    signed_in, clinic, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        page = signed_in.get("/protocols/")
    for protocol in Protocol.objects.filter(clinic=clinic):
        assertContains(page, protocol.title)


def test_a_protocol_shows_its_calendar_and_its_sources(signed_in, clinic):
    protocol = Protocol.objects.get(clinic=clinic, key="prp")
    page = signed_in.get(reverse("plans:protocol", args=[protocol.pk]))
    assertContains(page, "670 to 790")
    assertContains(page, "Centeno 2016, adverse events")
    assertContains(page, 'id="source-CENTENO2016"')


def test_an_older_version_is_marked_and_not_offered(signed_in, clinic, complaint):
    newest = Protocol.objects.get(clinic=clinic, key="prp")
    Protocol.objects.create(
        clinic=clinic,
        key=newest.key,
        version=newest.version + 1,
        title="PRP anew",
        modality="prp",
        anchor=newest.anchor,
    )
    assertContains(signed_in.get("/protocols/"), "replaced by a newer one")
    page = signed_in.post(start_page(complaint), {"protocol": newest.pk})
    assert "protocol" in page.context["form"].errors


def test_starting_shows_the_dates_before_it_saves(signed_in, complaint):
    form = start_form(complaint, "physical_therapy", step="preview")
    page = signed_in.post(start_page(complaint), form)
    assertContains(page, "What will be asked when")
    assertContains(page, "follow-ups planned")
    assertContains(page, "24 months")
    assert not Plan.objects.exists()


def test_the_live_preview_is_the_fragment_alone(signed_in, complaint):
    form = start_form(complaint, step="preview")
    page = signed_in.post(start_page(complaint), form, HTTP_HX_REQUEST="true")
    assertContains(page, "The days count from the procedure")
    assertNotContains(page, "<html")


def test_the_live_preview_names_what_is_wrong(signed_in, complaint):
    form = start_form(complaint, step="preview", started_on="2999-01-01")
    page = signed_in.post(start_page(complaint), form, HTTP_HX_REQUEST="true")
    assertContains(page, "is in the future")


def test_a_started_plan_leads_to_its_page(signed_in, complaint, physician):
    form = start_form(complaint, provider=physician.pk)
    page = signed_in.post(start_page(complaint), form)
    assertRedirects(page, plan_page(Plan.objects.get()))
    assert Plan.objects.get().provider == physician
    assert AuditEvent.objects.filter(action="plan.started").exists()


def test_a_procedure_date_is_dropped_where_there_is_no_procedure(signed_in, complaint):
    today = factories.days_ago(complaint.clinic, 0).isoformat()
    form = start_form(complaint, "lifestyle", procedure_on=today)
    signed_in.post(start_page(complaint), form)
    assert Plan.objects.get().modality == "lifestyle"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("protocol", ""),
        ("protocol", "x"),
        ("started_on", "2999-01-01"),
        ("started_on", ""),
        ("procedure_on", "2020-01-01"),
        ("provider", "x"),
    ],
)
def test_a_slip_is_said_beside_its_field(signed_in, complaint, field, value):
    page = signed_in.post(
        start_page(complaint), start_form(complaint, **{field: value})
    )
    assert field in page.context["form"].errors
    assert not Plan.objects.exists()


def test_a_member_of_another_clinic_is_no_provider_here(signed_in, complaint, outsider):
    form = start_form(complaint, provider=outsider.pk)
    page = signed_in.post(start_page(complaint), form)
    assert "provider" in page.context["form"].errors


def test_a_plan_ends_with_each_step_in_its_state(signed_in, complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    assertContains(signed_in.get(plan_page(plan)), "to confirm")
    assertContains(signed_in.get(plan_page(plan)), "Record as done")
    factories.make_performed(plan, days=0)
    assertContains(signed_in.get(plan_page(plan)), "done</span>")
    assert AuditEvent.objects.filter(action="plan.read").exists()


def test_stopping_a_plan_asks_why_and_keeps_the_page(signed_in, complaint):
    plan = factories.make_plan(complaint)
    form = {"move": "stop", "on": plan.started_on, "reason": ""}
    page = signed_in.post(move_page(plan), form)
    assert "reason" in page.context["form"].errors
    signed_in.post(move_page(plan), form | {"reason": "moved away"})
    plan.refresh_from_db()
    assert (plan.status, plan.status_reason) == ("stopped", "moved away")
    assertContains(signed_in.get(plan_page(plan)), "moved away")
    assertContains(signed_in.get(move_page(plan)), "Reopen")


def test_recording_shows_what_it_moves_before_it_saves(signed_in, complaint):
    plan = factories.make_plan(complaint)
    form = done_form(plan, step="preview")
    page = signed_in.post(perform_page(plan), form)
    assertContains(page, "this changes the follow-up")
    fragment = signed_in.post(perform_page(plan), form, HTTP_HX_REQUEST="true")
    assertNotContains(fragment, "<html")
    assert not Intervention.objects.filter(status="performed").exists()


@pytest.mark.parametrize(("days", "links"), [(0, 1), (1, 0)])
def test_before_the_needle_the_baseline_is_asked_beside_the_form(
    signed_in, complaint, days, links
):
    plan = factories.make_plan(complaint)
    step = plan.interventions.get(is_index=True)
    baseline = reverse("outcomes:baseline_of", args=[step.pk])
    page = signed_in.post(perform_page(plan), done_form(plan, days, step="preview"))
    # In a tab of its own: what is filled in already must not be lost.
    beside = f'href="{baseline}" target="_blank" rel="noopener"'
    assertContains(page, beside, count=links)


def test_a_recorded_procedure_keeps_the_protocols_words(signed_in, complaint, admin):
    plan = factories.make_plan(complaint)
    words = plan.interventions.get(is_index=True).detail
    page = signed_in.post(perform_page(plan), done_form(plan, target="plantar fascia"))
    done = Intervention.objects.get(status="performed")
    baseline = reverse("outcomes:baseline_of", args=[done.pk])
    assertRedirects(page, baseline, fetch_redirect_response=False)
    assert (done.target, done.detail, done.performed_by) == (
        "plantar fascia",
        words,
        admin,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("performed_on", "2999-01-01"),
        ("performed_on", ""),
        ("side", "up"),
        ("target", "x" * 121),
    ],
)
def test_what_was_done_is_checked(signed_in, complaint, field, value):
    plan = factories.make_plan(complaint)
    page = signed_in.post(perform_page(plan), done_form(plan, **{field: value}))
    assert field in page.context["form"].errors
    # Each is named at the head of the long form, and one press away.
    assertContains(page, f'<a href="#id_{field}')
    assert not Intervention.objects.filter(status="performed").exists()


def test_tomorrow_is_refused_even_for_a_planned_day(signed_in, complaint):
    plan = factories.make_plan(complaint)
    tomorrow = factories.days_ago(plan.clinic, 0) + timedelta(days=1)
    form = done_form(plan) | {"performed_on": tomorrow.isoformat()}
    page = signed_in.post(perform_page(plan), form)
    assert "is in the future" in page.context["form"].errors["performed_on"][0]


def test_what_is_done_already_says_so(signed_in, complaint):
    plan = factories.make_plan(complaint)
    page = perform_page(plan)
    factories.make_performed(plan, days=0)
    assertContains(signed_in.get(page), "is performed, on")
    assertContains(signed_in.post(page, done_form(plan)), "already")


def test_the_days_are_named_in_the_patients_zone(signed_in, clinic):
    patient = factories.make_patient(clinic, zone="Pacific/Honolulu")
    # The clinic may be a day ahead of the patient.
    plan = factories.make_plan(factories.make_complaint(patient), started_days_ago=1)
    for page in (start_page(plan.complaint), perform_page(plan), plan_page(plan)):
        assertContains(signed_in.get(page), "Pacific/Honolulu")


def test_an_assistant_records_but_neither_starts_nor_ends(client, assistant, complaint):
    plan = factories.make_plan(complaint)
    client.force_login(assistant)
    assert client.get(start_page(complaint)).status_code == 403
    assert client.post(move_page(plan), {}).status_code == 403
    assertNotContains(client.get(plan_page(plan)), "What can happen to it")
    assert client.get(perform_page(plan)).status_code == 200


def test_to_the_front_desk_plans_do_not_exist(client, clerk, complaint):
    plan = factories.make_plan(complaint)
    client.force_login(clerk)
    pages = (plan_page(plan), perform_page(plan), start_page(complaint))
    assert [client.get(page).status_code for page in pages] == [404] * 3
    assert client.get("/protocols/").status_code == 403


def test_outsiders_find_nothing(client, outsider, complaint):
    plan = factories.make_plan(complaint)
    client.force_login(outsider)
    pages = (
        plan_page(plan),
        perform_page(plan),
        start_page(complaint),
        reverse("plans:protocol", args=[plan.protocol_id]),
    )
    assert [client.get(page).status_code for page in pages] == [404] * 4


def test_a_plan_is_kept_as_a_draft_from_its_page(signed_in, complaint):
    protocol = Protocol.objects.filter(key="prp").latest("version")
    day = factories.days_ago(complaint.clinic, 0).isoformat()
    form = {"protocol": protocol.pk, "started_on": day, "step": "draft"}
    signed_in.post(reverse("plans:start", args=[complaint.pk]), form)
    plan = Plan.objects.get()
    assert plan.status == "draft"
    page = signed_in.get(reverse("outcomes:plan", args=[plan.pk]))
    assertContains(page, "Propose to the patient")


def reschedule_page(intervention):
    return reverse("plans:reschedule", args=[intervention.pk])


def shown(page):
    """What the confirming press of a page sends."""
    fields = re.findall(
        r'<input type="hidden" name="(seen|stood_\w+)" value="([^"]*)"',
        page.content.decode(),
    )
    return dict(fields)


def test_a_move_is_confirmed_of_what_was_shown(signed_in, complaint):
    plan = factories.make_plan(complaint)
    index = plan.interventions.get(is_index=True)
    mine, theirs = (index.planned_on + timedelta(days=n) for n in (3, 13))
    page = signed_in.post(reschedule_page(index), {"day": mine.isoformat()})
    confirmed = {"day": mine.isoformat(), **shown(page)}
    interventions.reschedule(index, day=theirs, by=audit.SYSTEM)
    page = signed_in.post(reschedule_page(index), confirmed)
    words = f"Moved to {clock.in_words(theirs)} by somebody else since; look again."
    assertContains(page, words)
    index.refresh_from_db()
    assert index.planned_on == theirs
    again = {"day": mine.isoformat(), **shown(page)}
    assertRedirects(signed_in.post(reschedule_page(index), again), plan_page(plan))
    index.refresh_from_db()
    assert index.planned_on == mine


def test_a_planned_day_is_not_moved_once_it_was_done(signed_in, complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    index = plan.interventions.get(is_index=True)
    day = index.planned_on - timedelta(days=2)
    page = signed_in.post(reschedule_page(index), {"day": day.isoformat()})
    done = factories.make_performed(plan, days=6)
    confirmed = {"day": day.isoformat(), **shown(page)}
    page = signed_in.post(reschedule_page(index), confirmed)
    assertContains(page, "Somebody else made it performed since; look again.")
    index.refresh_from_db()
    assert index.performed_on == done.performed_on


def test_what_cannot_be_moved_says_why_and_has_no_form(signed_in, complaint):
    plan = factories.make_plan(complaint)
    index, step = plan.interventions.order_by("-is_index")
    interventions.cancel(step, reason="enough", by=audit.SYSTEM)
    page = signed_in.get(reschedule_page(step))
    assertContains(page, "It cannot be moved. This intervention is cancelled.")
    lifecycle.move(plan, Move.HOLD, reason="travels", by=audit.SYSTEM)
    page = signed_in.get(reschedule_page(index))
    assertContains(page, "This plan is on hold")
    assertContains(page, f'<a href="{plan_page(plan)}">See the plan</a>')
    assertNotContains(page, 'name="day"')


def test_the_page_of_one_move_is_named_for_it_and_asks_what_it_needs(
    signed_in, complaint
):
    plan = factories.make_plan(complaint)
    page = signed_in.get(f"{move_page(plan)}?move=stop")
    assertContains(page, f"<title>Stop: {plan.title}")
    assertContains(page, ">Stop the plan</button>")
    assertContains(page, 'Reason <span class="note">needed</span>')
    form = {"move": "stop", "on": plan.started_on, "reason": ""}
    page = signed_in.post(f"{move_page(plan)}?move=stop", form)
    assert page.context["form"].errors == {"reason": ["Say why."]}
    signed_in.post(f"{move_page(plan)}?move=stop", form | {"reason": "moved away"})
    plan.refresh_from_db()
    assert plan.status == "stopped"


def test_a_move_that_needs_no_reason_says_so(signed_in, complaint):
    plan = factories.make_plan(complaint)
    page = signed_in.get(f"{move_page(plan)}?move=complete")
    assertContains(page, 'Reason <span class="note">optional</span>')
    assertContains(page, ">Complete the plan</button>")


@pytest.mark.parametrize("named", ["", "?move=resume", "?move=nonsense"])
def test_without_a_move_that_may_be_made_each_is_offered(signed_in, complaint, named):
    page = signed_in.get(move_page(factories.make_plan(complaint)) + named)
    for value in ("hold", "complete", "stop", "void"):
        assertContains(page, f'type="radio" name="move" value="{value}"')
    assertContains(page, ">Change it</button>")
    assertContains(page, "Needed to hold, stop or take back.")


def test_how_long_it_is_held_is_asked_of_a_hold(signed_in, complaint):
    plan = factories.make_plan(complaint)
    assertContains(signed_in.get(f"{move_page(plan)}?move=hold"), "On hold until")
    page = signed_in.get(f"{move_page(plan)}?move=stop")
    assertNotContains(page, "On hold until")
