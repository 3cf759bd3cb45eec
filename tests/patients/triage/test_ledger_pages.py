"""Naming a source on its page: what is offered to cite, and what is kept of it."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from patients.models import Evidence, Finding, SourceHypothesis
from patients.triage import cells, evaluations, ledger, studies
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def address(complaint):
    return reverse("patients:name_source", args=[complaint.pk])


def judgement(**more):
    return {"source": "root_l5", "certainty": "probable", **more}


def test_what_is_ticked_becomes_evidence(provider, address, complaint, physician):
    cells = {"ankle_jerk__left": "1", "slump__left": "absent"}
    factories.make_evaluation(complaint, **cells)
    jerk, slump = Finding.objects.order_by("code")
    study = factories.make_study(complaint)
    studies.receive(
        study, by=physician, performed_on=study.ordered_on, results=["normal"]
    )
    page = provider.get(address)
    for words in ("Ankle jerk, left: 1 reduced", "1 recorded as normal", "MRI of lum"):
        assertContains(page, words)
    cited = {
        f"cite-{jerk.pk}": "for",
        f"cite-{slump.pk}": "against",
        f"cite-{study.pk}": "",
        "words_for": "Foot drop seen\r\n\r\nOn two days",
        "words_against": "",
        "note": "Discussed",
    }
    provider.post(address, judgement(**cited))
    kept = Evidence.objects.order_by("stance", "id")
    assert [(e.stance, e.kind, e.label) for e in kept] == [
        (
            "against",
            "finding",
            "slump reproduces it, easing the neck changes it, left: no",
        ),
        ("for", "finding", "ankle jerk, left: 1 reduced"),
        ("for", "other", "Foot drop seen"),
        ("for", "other", "On two days"),
    ]
    assert SourceHypothesis.objects.get().note == "Discussed"


def test_an_empty_complaint_says_where_evidence_comes_from(provider, address):
    page = provider.get(address)
    assertContains(page, "None recorded yet")
    assertContains(page, "No result yet")
    assertNotContains(page, "Response to an injection")


@pytest.fixture
def block(complaint):
    return factories.make_performed(factories.make_plan(complaint, started_days_ago=60))


def response(block, **parts):
    given = {"cite": "for", "blocked": "L5 block", "before": 8, "after": 1} | parts
    return {f"{name}-{block.pk}": value for name, value in given.items()}


def test_the_response_to_an_injection_is_typed_in(provider, address, block):
    assertContains(provider.get(address), "Response to an injection")
    provider.post(address, judgement(**response(block, lasted="4 h")))
    assert Evidence.objects.get().label == "L5 block: pain 8 → 1 for 4 h"


@pytest.mark.parametrize(
    ("parts", "field", "words"),
    [
        ({"after": ""}, "before", "Give the pain before and after"),
        ({"before": 11}, "before", "less than or equal to 10"),
        ({"cite": ""}, "cite", "Say whether it speaks for or against"),
    ],
)
def test_half_a_response_is_asked_about(provider, address, block, parts, field, words):
    page = provider.post(address, judgement(**response(block, **parts)))
    assert words in page.context["form"].errors[f"{field}-{block.pk}"][0]
    assertContains(page, "L5 block")
    assert not SourceHypothesis.objects.exists()


def test_a_finding_that_changed_meanwhile_is_not_dropped_in_silence(
    provider, address, complaint, physician
):
    draft = factories.make_evaluation(complaint, ankle_jerk__left="1")
    old = Finding.objects.get()
    entry = {("ankle_jerk", "left"): cells.Entry("2")}
    evaluations.record(draft, by=physician, entries=entry)
    page = provider.post(address, judgement(**{f"cite-{old.pk}": "for"}))
    assertContains(page, "has changed; look again")
    assert not SourceHypothesis.objects.exists()


def test_a_colleagues_entry_of_the_same_moment_is_told_and_stands(
    provider, address, complaint, admin
):
    seen = [str(pk) for pk in provider.get(address).context["seen"]]
    ledger.name_source(complaint, by=admin, source="root_l5", certainty="refuted")
    page = provider.post(address, judgement(seen=[*seen, "no-id"]), follow=True)
    assertContains(page, "both entries stand")
    assert SourceHypothesis.objects.filter(superseded_on=None).count() == 2


def test_what_was_seen_is_replaced_and_the_timeline_says_so(
    provider, address, complaint, admin
):
    ledger.name_source(complaint, by=admin, source="root_l5")
    seen = provider.get(address).context["seen"]
    provider.post(address, judgement(seen=seen, certainty="refuted"))
    page = provider.get(address)
    assertContains(page, "timeline__end state state--bad")
    assert [line.ended for line in page.context["lines"]] == ["", "refuted"]


def test_the_patients_page_shows_the_timeline(provider, complaint, physician):
    draft = factories.make_evaluation(complaint, ankle_jerk__left="1")
    cited = [ledger.Citation("for", finding=Finding.objects.get())]
    ledger.name_source(complaint, by=physician, source="root_s1", citations=cited)
    patient = reverse("outcomes:patient", args=[complaint.patient_id])
    assertContains(
        provider.get(patient), "For: ankle jerk, left: 1 reduced. Against: none"
    )
    evaluations.enter_in_error(draft, by=physician, reason="Another patient's")
    assertContains(provider.get(patient), "entered in error since")
