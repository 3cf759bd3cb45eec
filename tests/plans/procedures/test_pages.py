from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import audit, clock
from patients.record import consents
from plans.course import lifecycle
from plans.models import Intervention, LotUse, Procedure
from plans.procedures import details, lifestyle, performing, recorded
from tests import factories, reasons
from tests.api_client import with_token


@pytest.fixture
def planned(complaint):
    return factories.make_plan(complaint).interventions.get(is_index=True)


@pytest.fixture
def done(planned):
    return performing.perform_with_details(
        planned,
        performed_on=factories.days_ago(planned.clinic, 0),
        values={"side": "left", "spins": 2, "pain_before": 6},
        by=audit.SYSTEM,
    )


def page_of(name, intervention):
    return reverse(f"plans:{name}", args=[intervention.pk])


def sent(intervention, **fields):
    day = factories.days_ago(intervention.clinic, 0).isoformat()
    return {"performed_on": day, "side": "left", **fields}


def test_the_wrong_side_needs_a_tick(signed_in, planned):
    page = signed_in.post(page_of("perform", planned), sent(planned, side="right"))
    assertContains(page, "The complaint is on the left, this is the right.")
    assertContains(page, 'name="checked"')
    assert Intervention.objects.get(pk=planned.pk).status == "planned"
    again = sent(planned, side="right", checked="on") | reasons.FORM
    assert signed_in.post(page_of("perform", planned), again).status_code == 302
    assert Intervention.objects.get(pk=planned.pk).side == "right"


def test_an_expired_lot_needs_a_tick_and_is_marked(signed_in, planned):
    day = factories.days_ago(planned.clinic, 1)
    lot = {"kind": "kit", "lot": "B-7", "expires_on": day.isoformat()}
    form = sent(planned, **{f"lot-0-{part}": value for part, value in lot.items()})
    page = signed_in.post(page_of("perform", planned), form)
    assertContains(page, f"Lot B-7 had expired on {clock.in_words(day)}.")
    assert Intervention.objects.get(pk=planned.pk).status == "planned"
    again = form | {"checked": "on"} | reasons.FORM
    assert signed_in.post(page_of("perform", planned), again).status_code == 302
    for name in ("intervention", "passport"):
        assertContains(signed_in.get(page_of(name, planned)), "expired when used")
    note = signed_in.get(page_of("procedure_note", planned))
    assertContains(note, "EXPIRED WHEN USED")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("blood_draw_ml", "-5"),
        ("blood_draw_ml", "0"),
        ("blood_draw_ml", "lots"),
        ("spin_g", "1500 rpm"),
        ("injection_number", "0"),
        ("pain_before", "11"),
        ("targets", "moon"),
        ("indication", "x"),
        ("lot-0-lot", "x" * 61),
        ("lot-0-expires_on", "2031-05-01"),
    ],
)
def test_a_slip_is_said_beside_its_field(signed_in, planned, field, value):
    page = signed_in.post(page_of("perform", planned), sent(planned, **{field: value}))
    wrong = "lot-0-lot" if field.startswith("lot") else field
    assert list(page.context["form"].errors) == [wrong]
    assert not LotUse.objects.exists()


def test_a_bound_is_said_with_its_unit(signed_in, planned):
    form = sent(planned, blood_draw_ml="500")
    page = signed_in.post(page_of("perform", planned), form)
    assertContains(page, "Give 5 to 240 mL, not 500.")


def test_what_is_not_asked_is_refused_when_it_was_typed(signed_in, planned):
    form = sent(planned, guidance="ultrasound", fluoro_seconds="40")
    page = signed_in.post(page_of("perform", planned), form)
    assertContains(page, "This is recorded only where “Image guidance” is")


def test_the_form_says_which_fields_hang_on_others(signed_in, planned):
    page = signed_in.get(page_of("perform", planned))
    assertContains(page, 'data-asked-if="spins over 0"')
    assertContains(page, 'data-procedure="prp"')
    assertContains(page, "plans/procedure.js")


def test_the_record_names_what_nobody_recorded(signed_in, done):
    page = signed_in.get(page_of("intervention", done))
    assertContains(page, "Not recorded")
    assertContains(page, "Blood drawn")
    assertContains(page, "6 of 10")


def test_a_correction_is_on_the_record(signed_in, done, admin):
    form = signed_in.get(page_of("details", done)).context["form"]
    fields = {f.html_name: f.value() for f in form if f.value() is not None}
    fields |= {"spins": "1", "reason": "Misread"}
    reply = signed_in.post(page_of("details", done), fields)
    assertRedirects(reply, page_of("intervention", done))
    page = signed_in.get(page_of("intervention", done))
    assertContains(page, f"by {admin.name}")
    assertContains(page, "Misread")
    done.prp.refresh_from_db()
    assert done.prp.spins == 1


def test_two_who_correct_at_once_are_told(signed_in, done):
    form = signed_in.get(page_of("details", done)).context["form"]
    fields = {f.html_name: f.value() for f in form if f.value() is not None}
    details.record(done, values={"pain_before": 4}, by=audit.SYSTEM)
    page = signed_in.post(page_of("details", done), {**fields, "spins": "1"})
    assertContains(page, "Somebody changed these details meanwhile")
    done.procedure.refresh_from_db()
    assert done.procedure.pain_before == 4


def test_a_planned_procedure_has_no_details_yet(signed_in, planned):
    page = signed_in.get(page_of("details", planned))
    assertContains(page, "details are recorded of what was done")
    assertNotContains(page, "Save the details")


def test_habits_are_measured_and_listed(signed_in, complaint):
    plan = factories.make_plan(complaint, "lifestyle", started_days_ago=9)
    habits = plan.interventions.filter(modality="lifestyle")[0]
    details.record(habits, values={"height_cm": 170}, by=audit.SYSTEM)
    for days, weight in ((8, "86.7"), (0, "80")):
        day = factories.days_ago(complaint.clinic, days).isoformat()
        form = {"measured_on": day, "weight_kg": weight, "desk_setup": "foot_support"}
        reply = signed_in.post(page_of("measure", habits), form)
        assertRedirects(reply, page_of("intervention", habits))
    page = signed_in.get(page_of("intervention", habits))
    for words in ("86.7", "30", "27.7", "-7.7", "foot support", "Body mass index"):
        assertContains(page, words)


def test_nothing_else_is_measured(signed_in, done):
    page = signed_in.get(page_of("measure", done))
    assertContains(page, "Nothing is measured")
    form = {"measured_on": sent(done)["performed_on"], "weight_kg": "80"}
    assertContains(
        signed_in.post(page_of("measure", done), form), "Only a change of lifestyle"
    )


def test_the_record_takes_few_queries(signed_in, done, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        signed_in.get(page_of("intervention", done))


def test_the_protocols_instruction_is_no_note_of_what_was_done(signed_in, done):
    instruction = done.step.detail
    assert instruction and done.detail == instruction
    page = signed_in.get(page_of("intervention", done))
    assertContains(page, "What the protocol says")
    assertNotContains(page, "<h2>Note</h2>")
    details.record(done, values={"detail": "Went well."}, by=audit.SYSTEM)
    page = signed_in.get(page_of("intervention", done))
    assertContains(page, "<h2>Note</h2>")
    assertNotContains(page, "What the protocol says")


def test_a_question_stands_in_the_open_with_what_hangs_on_it(signed_in, planned):
    form = signed_in.get(page_of("perform", planned)).context["form"]
    main = {asked.field.column for part in form.sections for asked in part.main}
    for part in form.sections:
        for asked in part.main:
            assert not set(asked.hangs_on) & set(form.fields) - main


def test_more_labels_than_expected_are_kept(signed_in, planned):
    page = signed_in.get(page_of("perform", planned))
    assertContains(page, "More labels")
    kind, _, lot, _ = page.context["form"].spare_lot_lines[-1]
    label = {kind.html_name: "drug", lot.html_name: "ZZ-1"}
    form = sent(planned, **label) | reasons.FORM
    assert signed_in.post(page_of("perform", planned), form).status_code == 302
    assert LotUse.objects.get().lot == "ZZ-1"


def offered(client, intervention, name):
    """The scopes of the consents that the form lists."""
    page = client.get(page_of(name, intervention))
    field = page.context["form"].fields["consent"]
    return [consent.scope for consent in field.queryset]


@pytest.fixture
def agreed(patient):
    return consents.give(patient, by=audit.SYSTEM, scope="procedure")


def test_only_a_consent_to_procedures_is_offered_and_taken_for_granted(
    signed_in, planned, patient
):
    assert {"email", "treatment"} <= set(consents.in_force(patient))
    assert offered(signed_in, planned, "perform") == []
    page = signed_in.get(page_of("perform", planned))
    assertContains(page, "None is on file")
    given = consents.give(patient, by=audit.SYSTEM, scope="procedure")
    form = signed_in.get(page_of("perform", planned)).context["form"]
    assert form["consent"].value() == given.pk


def test_a_consent_that_stands_stays_choosable(signed_in, done, patient, agreed):
    email = consents.in_force(patient)["email"]
    Procedure.objects.filter(intervention=done).update(consent=email)
    assert sorted(offered(signed_in, done, "details")) == ["email", "procedure"]
    form = sent(done, consent=str(email.pk), needle_gauge="25") | reasons.FORM
    assert signed_in.post(page_of("details", done), form).status_code == 302
    assert Procedure.objects.get(intervention=done).consent == email


def test_the_api_takes_a_consent_to_procedures_alone(admin, done, patient, agreed):
    held = consents.in_force(patient)
    address = f"/api/v1/interventions/{done.pk}/record_details/"

    def reply(scope):
        body = {"procedure": {"consent": str(held[scope].pk)}}
        body["caution_reasons"] = reasons.ALL
        return with_token(admin).post(address, body)

    refused = reply("email")
    assert refused.status_code == 400
    words = ["Choose a consent to procedures."]
    assert refused.json() == {"procedure": {"consent": words}}
    assert reply("procedure").status_code == 200


def test_warnings_that_were_passed_stand_in_the_record(signed_in, planned, admin):
    form = sent(planned) | reasons.FORM
    assert signed_in.post(page_of("perform", planned), form).status_code == 302
    page = signed_in.get(page_of("intervention", planned))
    assertContains(page, "Warnings that were passed")
    assertContains(page, reasons.ALL["no_consent"])
    row = with_token(admin).get(f"/api/v1/interventions/{planned.pk}/").json()
    assert reasons.ALL["no_consent"] in [c["reason"] for c in row["cautions_passed"]]


def test_a_time_to_come_is_refused_on_the_patients_clock(signed_in, planned, admin):
    patient = planned.plan.complaint.patient
    patient.zone = "Asia/Tokyo"
    patient.save()
    with time_machine.travel(clock.now().replace(hour=3, minute=7), tick=False):
        day = clock.today(patient.time_zone).isoformat()
        form = {"performed_on": day, "side": "left", "drawn_at": "12:30"}
        page = signed_in.post(page_of("perform", planned), form)
        assertContains(page, "is still to come; for the patient it is 12:07.")
        assert list(page.context["form"].errors) == ["drawn_at"]
        address = f"/api/v1/interventions/{planned.pk}/perform/"
        body = {"performed_on": day, "procedure": {"performed_at": "23:59"}}
        reply = with_token(admin).post(address, body)
    assert reply.status_code == 400
    assert "still to come" in reply.json()["procedure"]["performed_at"][0]


def test_no_day_is_corrected_to_one_whose_recorded_time_is_to_come(planned, admin):
    with time_machine.travel(clock.now().replace(hour=16, minute=7), tick=False):
        yesterday = factories.days_ago(planned.clinic, 1)
        performing.perform_with_details(
            planned,
            performed_on=yesterday,
            values={"side": "left", "performed_at": time(23, 30)},
            by=audit.SYSTEM,
        )
        address = f"/api/v1/interventions/{planned.pk}/reschedule/"
        today = factories.days_ago(planned.clinic, 0)
        body = {"day": today.isoformat(), "seen": yesterday.isoformat()}
        reply = with_token(admin).post(address, body)
    assert reply.status_code == 400
    (said,) = reply.json()["day"]
    assert said.startswith(f"23:30 on {clock.in_words(today)} is still to come;")
    assert said.endswith("Correct the recorded time first.")
    planned.refresh_from_db()
    assert planned.performed_on == yesterday


def test_a_day_to_come_is_refused_before_the_form_is_sent(signed_in, planned):
    day = factories.days_ago(planned.clinic, -3).isoformat()
    form = {"performed_on": day, "step": "preview"}
    page = signed_in.post(page_of("perform", planned), form, HTTP_HX_REQUEST="true")
    assertContains(page, "field__errors")
    assertNotContains(page, "this moves no follow-up")


def test_nothing_is_filled_in_of_a_plan_on_hold(signed_in, planned):
    by = audit.SYSTEM
    lifecycle.move(planned.plan, lifecycle.Move.HOLD, reason="abroad", by=by)
    page = signed_in.get(page_of("perform", planned))
    assertContains(page, "See the plan.")
    assertNotContains(page, "Record as done")


def test_the_record_says_what_was_delivered(signed_in, planned):
    values = {
        "count_source": "kit_default",
        "prp_platelets": 1000,
        "prp_volume_ml": 6,
        "injected_volume_ml": 5,
    }
    day = factories.days_ago(planned.clinic, 0)
    performing.perform_with_details(
        planned, performed_on=day, values=values, by=audit.SYSTEM
    )
    page = signed_in.get(page_of("intervention", planned))
    assertContains(page, "Platelets injected")
    assertContains(page, "assumed from the kit")


def test_the_count_of_a_kit_is_asked_about_where_it_is_said_to_be_measured(
    signed_in, planned, admin
):
    plan = factories.make_plan(factories.make_complaint(planned.plan.complaint.patient))
    performing.perform_with_details(
        plan.interventions.get(is_index=True),
        performed_on=factories.days_ago(planned.clinic, 0),
        values={
            "kind": "prp_injection",
            "count_source": "kit_default",
            "prp_platelets": 350,
        },
        by=admin,
        caution_reasons=reasons.ALL,
    )
    page = signed_in.get(page_of("perform", planned))
    assertContains(page, 'data-usual-while="count_source in kit_default"')
    assertContains(page, 'data-usual="350"')
    form = sent(planned, count_source="measured", prp_platelets="350") | reasons.FORM
    words = "350 is what was assumed from a kit."
    assertContains(signed_in.post(page_of("perform", planned), form), words)
    again = signed_in.post(page_of("perform", planned), form | {"checked": "on"})
    assert again.status_code == 302


def test_when_it_was_recorded_is_told_in_the_patients_time(signed_in, complaint):
    patient = complaint.patient
    patient.zone = "America/Chicago"
    patient.save()
    with time_machine.travel(datetime(2026, 11, 29, 1, 37, tzinfo=UTC), tick=False):
        plan = factories.make_plan(complaint, started_days_ago=10)
        done = performing.perform_with_details(
            plan.interventions.get(is_index=True),
            performed_on=clock.today(patient.time_zone),
            values={"side": "left"},
            by=audit.SYSTEM,
        )
    page = signed_in.get(page_of("intervention", done))
    assertContains(page, "Recorded as done by the system, 28 Nov 2026, 19:37")


def test_a_review_is_asked_for_no_sessions(signed_in, complaint):
    plan = factories.make_plan(complaint, "physical_therapy", started_days_ago=60)
    review = plan.interventions.get(step__key="recheck")
    form = signed_in.get(page_of("perform", review)).context["form"]
    assert "sessions_prescribed" not in form.fields and "side" in form.fields
    course = plan.interventions.get(step__key="therapy")
    form = signed_in.get(page_of("perform", course)).context["form"]
    assert "sessions_prescribed" in form.fields
    day = factories.days_ago(plan.clinic, 1)
    done = performing.perform_with_details(review, performed_on=day, by=audit.SYSTEM)
    missing = recorded.completeness_of(done).missing
    assert {field.table for field in missing} <= {"intervention"}
    values = {"sessions_attended": 2}
    details.record(done, values=values, by=audit.SYSTEM)
    assert "sessions_prescribed" in [
        field.column for field in recorded.completeness_of(done).missing
    ]


def test_a_weight_far_from_the_one_before_needs_a_tick(signed_in, complaint):
    plan = factories.make_plan(complaint, "lifestyle", started_days_ago=20)
    habits = plan.interventions.filter(modality="lifestyle")[0]

    def measure(days, weight, **more):
        day = factories.days_ago(complaint.clinic, days).isoformat()
        form = {"measured_on": day, "weight_kg": weight, **more}
        return signed_in.post(page_of("measure", habits), form)

    assert measure(15, "103.7").status_code == 302
    page = measure(0, "180")
    assertContains(page, "74 % apart in 15 days")
    assert habits.lifestyle_measurements.count() == 1
    assert measure(0, "180", checked="on").status_code == 302
    assert habits.lifestyle_measurements.count() == 2


def test_a_weight_from_before_the_programme_is_no_first_of_it(signed_in, complaint):
    plan = factories.make_plan(complaint, "lifestyle", started_days_ago=20)
    habits = plan.interventions.filter(modality="lifestyle")[0]
    began = clock.in_words(factories.days_ago(complaint.clinic, 20))

    def measure(days, weight, **more):
        day = factories.days_ago(complaint.clinic, days).isoformat()
        form = {"measured_on": day, "weight_kg": weight, **more}
        return signed_in.post(page_of("measure", habits), form)

    assertContains(measure(27, "110"), f"is before the programme began on {began}.")
    assert not habits.lifestyle_measurements.exists()
    assert measure(27, "110", checked="on").status_code == 302
    assert measure(20, "100").status_code == 302
    assert measure(1, "95").status_code == 302
    page = signed_in.get(page_of("intervention", habits))
    columns = [field.column for field in page.context["columns"]]
    at = columns.index("weight_change_pct")
    changes = [row.labelled[at][0] for row in page.context["rows"]]
    assert changes == ["", "0", "-5"]


def test_what_was_weighed_before_counts_where_nothing_was_since(signed_in, complaint):
    plan = factories.make_plan(complaint, "lifestyle", started_days_ago=20)
    habits = plan.interventions.filter(modality="lifestyle")[0]
    for days, weight in ((40, 100), (30, 98)):
        lifestyle.measure(
            habits,
            measured_on=factories.days_ago(complaint.clinic, days),
            values={"weight_kg": Decimal(weight)},
            by=audit.SYSTEM,
            checked=True,
        )
    page = signed_in.get(page_of("intervention", habits))
    assertContains(page, ">-2<")


def test_who_comes_second_keeps_in_sight_what_was_filled_in(signed_in, planned):
    form = sent(planned, kind="", guidance="ultrasound", pain_before="7")
    form |= {"targets": ["joint", "si_joint"], "lot-0-kind": "kit", "lot-0-lot": "B-7"}
    form |= {"lot-1-kind": "drug", "detail": "No trouble"}
    performing.perform_with_details(
        planned,
        performed_on=factories.days_ago(planned.clinic, 0),
        values={"side": "left"},
        by=audit.SYSTEM,
    )
    page = signed_in.post(page_of("perform", planned), form)
    assertContains(page, "What you filled in, to compare or copy")
    assertContains(page, page_of("details", planned))
    found = dict(page.context["filled_in"])
    day = clock.in_words(factories.days_ago(planned.clinic, 0))
    assert found == {
        "Done on": day,
        "Side": "left",
        "Structures injected": "joint, SI joint",
        "Image guidance": "ultrasound",
        "Pain just before (of 10)": "7",
        "Kit or lot": "Kit, B-7",
        "Note": "No trouble",
    }


def test_what_is_no_more_to_be_done_is_read_without_a_list(signed_in, done):
    page = signed_in.get(page_of("perform", done))
    assertContains(page, "Read what was recorded")
    assertNotContains(page, "What you filled in")


def test_a_plan_that_stopped_meanwhile_leaves_what_was_filled_in(signed_in, planned):
    lifecycle.move(planned.plan, "stop", reason="Moved away", by=audit.SYSTEM)
    page = signed_in.post(page_of("perform", planned), sent(planned, pain_before="7"))
    assertContains(page, "What you filled in, to compare or copy")
    assert "7" in dict(page.context["filled_in"]).values()
