"""The response to an injection, from its record into the source ledger."""

from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import audit
from plans.procedures import performing
from tests import factories


def block(complaint, **pains):
    plan = factories.make_plan(complaint, "image_guided_injection")
    intervention = plan.interventions.get(is_index=True)
    return performing.perform_with_details(
        intervention,
        performed_on=factories.days_ago(complaint.clinic, 0),
        values={"target": "L5 nerve root", "kind": "nerve_root_injection", **pains},
        by=audit.SYSTEM,
    )


def test_the_record_shows_the_relief_and_takes_no_verdict(signed_in, complaint):
    done = block(complaint, pain_before=8, pain_after_30min=2)
    page = signed_in.get(reverse("plans:intervention", args=[done.pk]))
    assertContains(page, "75 %")
    assertContains(page, "cut-offs of 50 % and 80 % are both in use")
    assertContains(page, "Use as evidence in the source ledger")
    for verdict in ("positive", "negative", "responder"):
        assertNotContains(page, verdict)


def test_without_pain_before_there_is_no_relief(signed_in, complaint):
    done = block(complaint, pain_before=0, pain_after_30min=0)
    page = signed_in.get(reverse("plans:intervention", args=[done.pk]))
    assertNotContains(page, "Relief while")


def test_what_was_recorded_is_cited_with_one_more_press(signed_in, complaint):
    done = block(complaint, pain_before=8, pain_after_30min=2)
    address = reverse("patients:name_source", args=[complaint.pk])
    form = signed_in.get(address).context["form"]
    fields = {f.html_name: f.value() for f in form if f.value() is not None}
    assert (fields[f"before-{done.pk}"], fields[f"after-{done.pk}"]) == (8, 2)
    chosen = {"source": "root_l5", f"cite-{done.pk}": "for"}
    signed_in.post(address, {**fields, **chosen})
    evidence = complaint.hypotheses.get().evidence.get()
    assert (evidence.kind, evidence.stance) == ("injection", "for")
    assert evidence.label == "L5 nerve root: pain 8 → 2"


def test_a_recorded_response_is_not_cited_by_itself(signed_in, complaint):
    block(complaint, pain_before=8, pain_after_30min=2)
    address = reverse("patients:name_source", args=[complaint.pk])
    form = signed_in.get(address).context["form"]
    fields = {f.html_name: f.value() for f in form if f.value() is not None}
    signed_in.post(address, {**fields, "source": "root_l5"})
    assert not complaint.hypotheses.get().evidence.exists()
