from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Complaint, RedFlag
from patients.record import consents, merging
from patients.triage import diagnoses, evaluations, flags
from plans.cautions import facts, forms, passing
from plans.cautions.catalogue import cautions
from plans.course import interventions
from plans.models import (
    AdverseEvent,
    CautionPass,
    GuidedInjection,
    Intervention,
    MarrowConcentrate,
    Procedure,
)
from plans.procedures import performing
from tests import factories, reasons
from tests.api_client import with_token


@pytest.fixture
def planned(complaint):
    """PRP to be done today; the complaint's own evaluation raised nothing."""
    return factories.make_plan(complaint).interventions.get(is_index=True)


@pytest.fixture
def today(clinic):
    return clock.today(clinic.zone)


def standing(intervention, on):
    fresh = Intervention.objects.get(pk=intervention.pk)
    return {line.key: line for line in passing.sheet(fresh, on=on).standing}


def perform(intervention, by, on, given=None):
    return interventions.perform(
        intervention, performed_on=on, by=by, caution_reasons=given
    )


def steroid(complaint, days_ago, mg="40"):
    """A performed injection with a steroid."""
    plan = factories.make_plan(complaint, started_days_ago=days_ago + 1)
    done = plan.interventions.get(is_index=True)
    Intervention.objects.filter(pk=done.pk).update(modality="image_guided_injection")
    done = Intervention.objects.get(pk=done.pk)
    day = factories.days_ago(complaint.clinic, days_ago)
    interventions.perform(done, performed_on=day, by=audit.SYSTEM)
    GuidedInjection.objects.create(
        clinic=done.clinic, intervention=done, steroid="dexamethasone", steroid_mg=mg
    )
    return done


def agreed(patient, scope="procedure"):
    held = patient.consents.filter(scope=scope).first()
    return held or consents.give(patient, by=audit.SYSTEM, scope=scope)


def as_injection(planned, **columns):
    Intervention.objects.filter(pk=planned.pk).update(
        modality="image_guided_injection", **columns
    )
    return Intervention.objects.get(pk=planned.pk)


def test_what_no_record_holds_stands_until_it_is_recorded(
    planned, complaint, physician, today
):
    assert set(standing(planned, today)) == {
        "anticoagulant",
        "no_indication",
        "no_signed_evaluation",
        "no_consent",
    }
    diagnoses.diagnose(complaint, by=physician, code="M72.2")
    draft = factories.make_evaluation(complaint, RF21="absent")
    evaluations.sign(draft, by=physician)
    Procedure.objects.create(
        clinic=planned.clinic,
        intervention=planned,
        consent=agreed(complaint.patient),
    )
    assert standing(planned, today) == {}


def test_the_facts_are_gathered_in_six_queries(
    planned, complaint, today, django_assert_num_queries
):
    factories.make_evaluation(complaint, RF21="present", RF10="present")
    steroid(complaint, 20)
    found = Intervention.objects.select_related(
        "plan__complaint__patient__clinic", "plan__complaint__patient__merged_into"
    ).get(pk=planned.pk)
    with django_assert_num_queries(6):
        facts.gather(found, on=today)


def test_an_open_flag_stops_and_names_itself(planned, complaint, physician, today):
    factories.make_evaluation(complaint, foot_drop__left="present")
    with pytest.raises(ValidationError, match="RF06.*Acknowledge it"):
        perform(planned, physician, today, reasons.ALL)
    planned.refresh_from_db()
    assert planned.status == "planned"
    assert not CautionPass.objects.exists()


def test_a_flag_that_was_acted_on_needs_a_reason_alone(
    planned, complaint, physician, today
):
    factories.make_evaluation(complaint, foot_drop__left="present")
    flag = RedFlag.objects.get()
    flags.acknowledge(flag, by=physician, action="Seen by the surgeon")
    assert "acted_red_flag" in standing(planned, today)
    perform(planned, physician, today, reasons.ALL)
    assert CautionPass.objects.filter(caution="acted_red_flag").exists()


def test_what_was_done_before_a_flag_can_still_be_recorded(
    planned, complaint, physician, today
):
    factories.make_evaluation(complaint, RF18="present")
    yesterday = today - timedelta(days=1)
    assert standing(planned, today)["open_red_flag"].stops
    assert "later_red_flag" in standing(planned, yesterday)
    perform(planned, physician, yesterday, reasons.ALL)
    assert CautionPass.objects.filter(caution="later_red_flag").exists()


def test_each_caution_needs_its_own_reason(planned, physician, today):
    given = {**reasons.ALL, "no_consent": "  "}
    with pytest.raises(ValidationError) as caught:
        perform(planned, physician, today, given)
    [message] = caught.value.message_dict["caution_reasons"]
    assert "(no_consent)" in message
    assert not CautionPass.objects.exists()


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"no_such": "x"}, "no_such is no caution"),
        ({"no_consent": "x" * 301}, "at most 300 characters"),
    ],
)
def test_a_faulty_reason_is_named(planned, physician, today, given, fault):
    with pytest.raises(ValidationError, match=fault):
        perform(planned, physician, today, reasons.ALL | given)


def test_a_pass_keeps_words_reason_and_who(planned, physician, today):
    shown = standing(planned, today)["no_consent"].words
    perform(planned, physician, today, reasons.ALL | {"no_consent": " On paper "})
    kept = CautionPass.objects.get(caution="no_consent")
    assert (kept.words, kept.reason) == (shown, "On paper")
    assert kept.passed_by == physician
    event = AuditEvent.objects.get(action="cautions.passed")
    assert event.facts["cautions"]["no_consent"]["reason"] == "On paper"


def test_a_reason_for_what_does_not_stand_is_kept_nowhere(planned, physician, today):
    perform(planned, physician, today, reasons.ALL)
    assert set(CautionPass.objects.values_list("caution", flat=True)) == {
        "anticoagulant",
        "no_indication",
        "no_signed_evaluation",
        "no_consent",
    }


def test_a_passed_caution_stays_listed_when_its_condition_is_gone(
    planned, complaint, physician, today
):
    perform(planned, physician, today, reasons.ALL)
    diagnoses.diagnose(complaint, by=physician, code="M72.2")
    found = passing.sheet(Intervention.objects.get(pk=planned.pk), on=today)
    gone = [line for line in found.lines if not line.is_standing]
    assert [line.key for line in gone] == ["no_indication"]
    assert gone[0].passed.reason == reasons.ALL["no_indication"]


def test_the_same_words_are_asked_once_and_others_again(planned, physician, today):
    kept = passing.require(planned, on=today, reasons=reasons.ALL, by=physician)
    assert len(kept) == 4
    assert passing.require(planned, on=today, reasons={}, by=physician) == []
    CautionPass.objects.filter(caution="no_consent").update(words="Other words.")
    with pytest.raises(ValidationError, match="no_consent"):
        passing.require(planned, on=today, reasons={}, by=physician)
    passing.require(planned, on=today, reasons=reasons.ALL, by=physician)
    assert CautionPass.objects.filter(caution="no_consent").count() == 1
    before = AuditEvent.objects.filter(action="cautions.passed").latest("id").facts
    assert before["cautions"]["no_consent"]["before"] == reasons.ALL["no_consent"]


def test_the_system_is_not_asked_and_keeps_what_stood(planned, today):
    perform(planned, audit.SYSTEM, today)
    kept = CautionPass.objects.get(caution="no_consent")
    assert (kept.reason, kept.passed_by) == (passing.NOBODY_ASKED, None)


def test_the_last_steroid_here_counts_also_on_a_merged_record(
    planned, complaint, physician, today
):
    other = factories.make_patient(complaint.clinic)
    steroid(factories.make_complaint(other), 89)
    merging.merge(complaint.patient, merged=other, reason="same", by=physician)
    injection = as_injection(planned, kind="joint_injection")
    assert "repeat_steroid" in standing(injection, today)
    assert "repeat_steroid" not in standing(injection, today + timedelta(days=1))


def test_the_steroid_of_a_year_is_shown_and_not_judged(complaint, planned, today):
    steroid(complaint, 300)
    steroid(complaint, 200, mg=None)
    steroid(complaint, 365)
    injection = as_injection(planned)
    found = passing.sheet(injection, on=today)
    assert found.steroid_mg == "40 mg in 2 injections, 1 without a dose"
    assert "repeat_steroid" not in standing(injection, today)


def test_guidance_of_treatment_and_harvest_counts(planned, today):
    assert "pregnancy_x_rays" not in standing(planned, today)
    Intervention.objects.filter(pk=planned.pk).update(guidance="ct")
    # The patient of the tests is 68.
    assert "pregnancy_x_rays" not in standing(planned, today)
    type(planned.plan.complaint.patient).objects.update(birth_date="1990-01-01")
    assert standing(planned, today)["pregnancy_x_rays"]
    Intervention.objects.filter(pk=planned.pk).update(guidance="")
    MarrowConcentrate.objects.create(
        clinic=planned.clinic, intervention=planned, harvest_guidance="fluoroscopy"
    )
    assert standing(planned, today)["pregnancy_x_rays"]


def test_allergic_reactions_of_the_past_are_known(planned, complaint, today):
    done = steroid(complaint, 200)
    Procedure.objects.create(
        clinic=done.clinic, intervention=done, complications=["allergic"]
    )
    AdverseEvent.objects.create(
        clinic=done.clinic,
        patient=complaint.patient,
        category="allergic",
        onset_on=today,
    )
    words = standing(planned, today)["allergic_reaction"].words
    assert done.title in words
    assert clock.in_words(today) in words


def test_a_named_indication_must_stand_still(planned, complaint, physician, today):
    diagnosis = diagnoses.diagnose(complaint, by=physician, code="M72.2")
    Intervention.objects.filter(pk=planned.pk).update(indication=diagnosis)
    assert "no_indication" not in standing(planned, today)
    diagnoses.revise_diagnosis(diagnosis, by=physician, certainty="refuted")
    assert "no_indication" in standing(planned, today)


def test_a_yes_to_what_answers_serve_is_none_to_a_needle(planned, complaint, today):
    Procedure.objects.create(
        clinic=planned.clinic,
        intervention=planned,
        consent=agreed(complaint.patient, "treatment"),
    )
    assert "no_consent" in standing(planned, today)


def test_a_withdrawn_consent_is_none(planned, complaint, today):
    consent = agreed(complaint.patient)
    Procedure.objects.create(
        clinic=planned.clinic, intervention=planned, consent=consent
    )
    assert "no_consent" not in standing(planned, today)
    type(consent).objects.filter(pk=consent.pk).update(withdrawn_on=today)
    assert "no_consent" in standing(planned, today)


def test_a_running_clock_and_diabetes_are_read_from_the_records(
    planned, complaint, physician, today
):
    diagnoses.diagnose(complaint, by=physician, code="E11.42")
    Complaint.objects.filter(pk=complaint.pk).update(
        deficit_kind="foot_drop", deficit_since=today
    )
    found = standing(as_injection(planned), today)
    assert "Foot drop since" in found["motor_deficit"].words
    assert "E11.42" in found["diabetes_steroid"].words


# --- Page and API ------------------------------------------------------------------


def page_of(intervention):
    return reverse("plans:perform", args=[intervention.pk])


def test_the_page_asks_a_reason_for_each_and_marks_the_missing(
    signed_in, planned, today
):
    page = signed_in.get(page_of(planned))
    assertContains(page, "Why do you go on?", 4)
    assertNotContains(page, "Say why you go on, or leave")
    form = {"performed_on": today, "side": "left", "caution-no_consent": "On paper"}
    page = signed_in.post(page_of(planned), form)
    assertContains(page, "Say why you go on, or leave", 3)
    assertContains(page, 'value="On paper"')
    planned.refresh_from_db()
    assert planned.status == "planned"


def test_the_page_leads_to_each_reason_that_is_missing(signed_in, planned, today):
    form = {"performed_on": today, "side": "left", "caution-no_consent": "On paper"}
    page = signed_in.post(page_of(planned), form)
    assertContains(page, 'class="banner banner--bad"', 1)
    assertNotContains(page, "(no_signed_evaluation)")
    link = '<a href="#id_caution-no_signed_evaluation">Why you go on: No evaluation'
    assertContains(page, link)
    assertNotContains(page, 'href="#id_caution-no_consent"')
    # Beside a field that is wrong they are named at once.
    page = signed_in.post(page_of(planned), form | {"blood_draw_ml": "500"})
    assertContains(page, link)
    assertContains(page, 'href="#id_blood_draw_ml"')
    assertContains(page, 'class="banner banner--bad"', 1)


def test_the_page_of_details_leads_to_the_reasons_too(signed_in, planned, today):
    performing.perform_with_details(planned, performed_on=today, by=audit.SYSTEM)
    planned.cautions_passed.filter(caution="no_consent").delete()
    page = signed_in.post(reverse("plans:details", args=[planned.pk]), {"spins": "1"})
    assertContains(page, '<a href="#id_caution-no_consent">Why you go on: No consent')
    assertContains(page, 'class="banner banner--bad"', 1)


def test_the_api_names_the_key_of_each_reason_that_is_missing(admin, planned, today):
    address = f"/api/v1/interventions/{planned.pk}/perform/"
    reply = with_token(admin).post(address, {"performed_on": today.isoformat()})
    assert reply.status_code == 400
    said = " ".join(reply.json()["caution_reasons"])
    assert "Say why you go on (no_signed_evaluation)." in said


def test_the_page_leads_from_a_stop_to_its_flag(signed_in, planned, complaint):
    factories.make_evaluation(complaint, foot_drop__left="present")
    page = signed_in.get(page_of(planned))
    assertContains(page, "This is stopped")
    flag = RedFlag.objects.get()
    assertContains(page, reverse("patients:red_flag", args=[flag.pk]))


def test_the_preview_knows_the_side_that_was_picked(signed_in, planned, today):
    form = {"performed_on": today, "side": "right", "step": "preview"}
    page = signed_in.post(page_of(planned), form, HTTP_HX_REQUEST="true")
    assertContains(page, "The side treated is right, the complaint&#x27;s is left.")


def test_the_preview_knows_what_the_form_says_of_blood_and_consent(
    signed_in, planned, complaint, today
):
    consent = agreed(complaint.patient)
    form = {"performed_on": today, "anticoagulant_plan": "none", "consent": consent.pk}
    page = signed_in.post(
        page_of(planned), form | {"step": "preview"}, HTTP_HX_REQUEST="true"
    )
    assertContains(page, "caution-no_indication")
    assertNotContains(page, "caution-no_consent")
    assertNotContains(page, "caution-anticoagulant")
    assert not Procedure.objects.exists()


def test_usual_reasons_are_offered_with_a_warning(signed_in, planned):
    page = signed_in.get(page_of(planned))
    assertContains(page, 'list="id_caution-anticoagulant_offered"')
    for reason in cautions()["anticoagulant"].usual_reasons:
        assertContains(page, f'<option value="{reason}">')


def test_what_was_passed_stays_on_the_page(signed_in, planned, today):
    form = {"performed_on": today, "side": "left", **reasons.FORM}
    assert signed_in.post(page_of(planned), form).status_code == 302
    page = signed_in.get(page_of(planned))
    assertContains(page, "Warnings that were passed")
    assertContains(page, reasons.ALL["no_consent"])
    assertNotContains(page, "Why do you go on?")


def test_reasons_are_read_from_the_fields_of_a_page():
    assert forms.reasons({"caution-a": "x", "side": "left"}) == {"a": "x"}


def test_the_api_lists_what_stands_and_takes_the_reasons(physician, planned, today):
    api = with_token(physician)
    address = f"/api/v1/interventions/{planned.pk}/"
    found = api.get(f"{address}cautions/").json()
    assert found["on"] == today.isoformat()
    assert {row["key"] for row in found["cautions"] if row["needs_reason"]} == {
        "anticoagulant",
        "no_indication",
        "no_signed_evaluation",
        "no_consent",
    }
    body = {"performed_on": today}
    refused = api.post(f"{address}perform/", body)
    assert refused.status_code == 400
    assert list(refused.json()) == ["caution_reasons"]
    body["caution_reasons"] = {row["key"]: "Known" for row in found["cautions"]}
    assert api.post(f"{address}perform/", body).status_code == 200
    after = api.get(f"{address}cautions/").json()["cautions"]
    assert {row["passed"]["reason"] for row in after} == {"Known"}


def test_the_api_says_what_a_day_looks_like(physician, planned):
    api = with_token(physician)
    address = f"/api/v1/interventions/{planned.pk}/cautions/"
    assert list(api.get(address, {"on": "soon"}).json()) == ["on"]
    assert api.get(address, {"at": "2025-01-01"}).status_code == 400
