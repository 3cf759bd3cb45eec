from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import audit
from clinic.models import AuditEvent
from plans.course import interventions
from plans.procedures import recorded
from plans.procedures.prp import passport
from tests import factories
from tests.plans.procedures.papers import treated


def passport_page(intervention):
    return reverse("plans:passport", args=[intervention.pk])


def read(intervention, user):
    rows = recorded.with_details(type(intervention).objects.all())
    return passport.read(rows.get(pk=intervention.pk), by=user)


def in_api(client, intervention):
    return client.get(f"/api/v1/interventions/{intervention.pk}/passport/")


@pytest.fixture
def injection(complaint):
    return treated.prp(complaint)


def test_the_page_shows_classes_numbers_and_lot(signed_in, injection):
    page = signed_in.get(passport_page(injection))
    for words in ("BCA", "P3-B?", "1,000 thousand per µL × 5 mL injected"):
        assertContains(page, words)
    assertContains(page, "B-1042")
    assertContains(page, "ultrasound")
    assertContains(page, "They do not say what it did")


def test_the_page_names_exactly_what_is_missing(signed_in, injection, admin):
    page = signed_in.get(passport_page(injection))
    missing = read(injection, admin).completeness.labels
    assert page.context["passport"].completeness.labels == missing
    assert "Consent" in missing and "Kit or device and its lot" not in missing
    for label in missing:
        assertContains(page, label)
    assertContains(page, "This is no MIBO score")


def test_a_kit_without_its_lot_is_missing(complaint, admin):
    lots = [treated.Lot(kind="kit", name="Duo Spin")]
    injection = treated.prp(complaint, lots=lots)
    assert "Kit or device and its lot" in read(injection, admin).completeness.labels


def test_assumed_counts_are_said_and_have_no_class(signed_in, complaint):
    injection = treated.prp(complaint, count_source="kit_default")
    page = signed_in.get(passport_page(injection))
    assertContains(page, "counts are what the kit promises")
    assertNotContains(page, "P3-B")
    assertContains(page, ">assumed<", count=5)
    assertContains(page, "no class<", count=2)


def test_a_recovery_above_100_warns_beside_its_number(signed_in, complaint):
    injection = treated.prp(complaint, prp_platelets=Decimal(3000))
    page = signed_in.get(passport_page(injection))
    assertContains(page, "slip in a unit")
    assertContains(page, "120 %")


def test_nothing_recorded_is_not_characterised(signed_in, complaint):
    plan = factories.make_plan(complaint, started_days_ago=44)
    page = signed_in.get(passport_page(factories.make_performed(plan, days=30)))
    assertContains(page, "not characterised", count=8)
    assertContains(page, "No kit or lot is recorded.")


def test_days_are_counted_from_the_injection_before(complaint, admin):
    first = treated.prp(complaint, days=50)
    again = interventions.add(
        first.plan,
        title="PRP again",
        modality="prp",
        planned_on=factories.days_ago(complaint.clinic, 8),
        is_repeat=True,
        by=audit.SYSTEM,
    )
    interventions.perform(again, performed_on=again.planned_on, by=audit.SYSTEM)
    assert read(first, admin).interval_days is None
    assert read(again, admin).interval_days == 42


def test_a_planned_injection_says_that_it_is_not_done(signed_in, complaint):
    plan = factories.make_plan(complaint)
    page = signed_in.get(passport_page(plan.interventions.get(is_index=True)))
    assertContains(page, "not recorded as done")


def test_other_treatments_have_no_passport(signed_in, complaint):
    therapy = treated.added(complaint, "physical_therapy")
    assert signed_in.get(passport_page(therapy)).status_code == 404
    assert in_api(signed_in, therapy).status_code == 404


def test_the_api_says_the_same(signed_in, injection):
    found = in_api(signed_in, injection).json()
    assert (found["depa_code"], found["paw_code"]) == ("BCA", "P3-B?")
    assert found["depa"][0]["number"] == 5
    assert found["lots"][0]["lot"] == "B-1042"
    done = found["completeness"]
    missing = done["missing_required"] + done["missing_recommended"]
    assert done["asked"] == done["recorded"] + len(missing)


def test_reading_is_on_record(signed_in, injection, admin):
    signed_in.get(passport_page(injection))
    event = AuditEvent.objects.get(action="passport.read")
    assert event.actor == admin


def test_the_page_takes_few_queries(
    signed_in, injection, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        signed_in.get(passport_page(injection))
