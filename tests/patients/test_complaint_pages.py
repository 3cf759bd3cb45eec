import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic.models import AuditEvent
from patients.models import Complaint
from patients.triage import diagnoses, evaluations, ledger

FOOT = {"pain_site": "foot", "side": "left", "onset_on": "", "note": "Worse standing"}


def complaint_page(patient):
    return reverse("patients:open_complaint", args=[patient.pk])


def diagnose_page(complaint):
    return reverse("patients:diagnose", args=[complaint.pk])


def source_page(complaint):
    return reverse("patients:name_source", args=[complaint.pk])


def test_a_complaint_keeps_site_and_source_apart(signed_in, patient):
    page = signed_in.post(
        complaint_page(patient), FOOT | {"suspected_source": "root_l5"}
    )
    assertRedirects(page, reverse("outcomes:patient", args=[patient.pk]))
    complaint = Complaint.objects.get()
    assert complaint.pain_site == "foot"
    assert complaint.current_source.source == "root_l5"
    assert AuditEvent.objects.filter(action="complaint.opened").exists()
    assert AuditEvent.objects.filter(action="source.named").exists()


def test_both_sides_open_two_complaints(signed_in, patient):
    signed_in.post(complaint_page(patient), FOOT | {"side": "both"})
    sides = Complaint.objects.order_by("id").values_list("side", flat=True)
    assert list(sides) == ["left", "right"]


HEELS = {"regions": ["heel_below:left", "arch:left"], "worst_region": "heel_below:left"}


def test_the_worst_place_on_the_map_is_the_complaints_site(signed_in, patient):
    said = {"pain_site_now": "7", "pain_back_now": "0", "tried": ["rest", "shoes"]}
    page = signed_in.post(complaint_page(patient), HEELS | said)
    complaint = Complaint.objects.get()
    assert (complaint.pain_site, complaint.side) == ("heel", "left")
    draft = complaint.evaluations.get()
    assertRedirects(page, reverse("patients:evaluation", args=[draft.pk]))
    assert evaluations.values(draft) == {
        ("pain_regions", "none"): "heel_below:left,arch:left",
        ("pain_worst", "none"): "heel_below:left",
        ("pain_site_now", "none"): "7",
        ("pain_back_now", "none"): "0",
        ("tried", "none"): "rest,shoes",
    }


def test_both_heels_on_the_map_open_a_complaint_each(signed_in, patient):
    both = HEELS | {"regions": [*HEELS["regions"], "heel_back:right"]}
    signed_in.post(complaint_page(patient), both)
    left, right = Complaint.objects.order_by("id")
    assert (left.side, right.side) == ("left", "right")
    said = evaluations.values(right.evaluations.get())
    assert said["pain_regions", "none"] == "heel_back:right"


@pytest.mark.parametrize(
    ("field", "value"),
    [("regions", ["tail:left"]), ("worst_region", ""), ("worst_region", "arch:right")],
)
def test_a_slip_on_the_map_keeps_what_was_marked(signed_in, patient, field, value):
    page = signed_in.post(complaint_page(patient), HEELS | {field: value})
    assert field in page.context["form"].errors
    assert page.context["errors"]
    assert not Complaint.objects.exists()


def test_the_back_needs_no_side(signed_in, patient):
    signed_in.post(
        complaint_page(patient), FOOT | {"pain_site": "low_back", "side": ""}
    )
    assert Complaint.objects.get().side == "none"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pain_site", ""),
        ("pain_site", "soul"),
        ("side", ""),
        ("onset_on", "2999-01-01"),
    ],
)
def test_a_slip_is_said_beside_its_field(signed_in, patient, field, value):
    page = signed_in.post(complaint_page(patient), FOOT | {field: value})
    assert field in page.context["form"].errors
    assert not Complaint.objects.exists()


def test_an_assistant_opens_a_complaint_but_names_no_source(client, assistant, patient):
    client.force_login(assistant)
    assertNotContains(client.get(complaint_page(patient)), "Where it comes from")
    client.post(complaint_page(patient), FOOT | {"suspected_source": "root_l5"})
    assert Complaint.objects.get().current_source is None


def test_roles_without_the_act_are_refused(client, clerk, assistant, complaint):
    client.force_login(clerk)
    assert client.get(complaint_page(complaint.patient)).status_code == 403
    client.force_login(assistant)
    for page in (source_page(complaint), diagnose_page(complaint)):
        assert client.post(page, {}).status_code == 403


def test_outsiders_find_nothing(client, outsider, complaint):
    client.force_login(outsider)
    for page in (
        complaint_page(complaint.patient),
        source_page(complaint),
        diagnose_page(complaint),
    ):
        assert client.get(page).status_code == 404


def test_the_ledger_is_shown_and_added_to(signed_in, complaint, admin):
    ledger.name_source(complaint, by=admin, source="root_s1")
    assertContains(signed_in.get(source_page(complaint)), "S1 nerve root")
    assert AuditEvent.objects.filter(action="complaint.read").exists()
    signed_in.post(
        source_page(complaint), {"source": "root_l5", "certainty": "probable"}
    )
    assert complaint.hypotheses.count() == 2


def test_a_source_outside_the_list_is_refused(signed_in, complaint):
    page = signed_in.post(
        source_page(complaint), {"source": "shoes", "certainty": "probable"}
    )
    assert "source" in page.context["form"].errors


def test_codes_are_found_by_word_without_javascript(signed_in, complaint):
    page = signed_in.get(diagnose_page(complaint), {"q": "radiculopathy lumbar"})
    assertContains(page, 'value="M54.16"')
    assertContains(page, "<html")


def test_live_results_are_the_fragment_alone(signed_in):
    page = signed_in.get(reverse("patients:icd10"), {"q": "M54.16"})
    assertContains(page, 'value="M54.16"')
    assertNotContains(page, "<html")


def test_a_heading_has_no_button(signed_in):
    page = signed_in.get(reverse("patients:icd10"), {"q": "G57.5"})
    assertContains(page, "heading only")
    assertNotContains(page, "Record G57.5 ")


def test_an_unknown_code_is_not_in_our_list(signed_in, complaint):
    page = signed_in.get(reverse("patients:icd10"), {"q": "<Q99>"})
    assertContains(page, "“&lt;Q99&gt;” is not in our list")


def test_the_search_needs_the_role(client, clerk):
    client.force_login(clerk)
    assert client.get(reverse("patients:icd10"), {"q": "M54"}).status_code == 403


def test_a_diagnosis_is_recorded_and_can_be_revised(signed_in, complaint):
    given = {"code": "M54.16", "role": "source", "certainty": "suspected"}
    signed_in.post(diagnose_page(complaint), given)
    made = complaint.diagnoses.get()
    page = reverse("patients:revise_diagnosis", args=[made.pk])
    signed_in.post(page, {"certainty": "confirmed"})
    made.refresh_from_db()
    assert made.certainty == "confirmed"
    assert AuditEvent.objects.filter(action="diagnosis.revised").exists()


def test_a_refused_code_is_said_on_the_page(signed_in, complaint):
    given = {"code": "G57.5", "role": "source", "certainty": "suspected"}
    assertContains(signed_in.post(diagnose_page(complaint), given), "only a heading")
    assert not complaint.diagnoses.exists()


def test_a_code_of_the_other_side_is_explained_and_can_be_confirmed(
    signed_in, complaint
):
    given = {"code": "M79.671", "role": "source", "certainty": "suspected"}
    page = signed_in.post(diagnose_page(complaint), given)
    assertContains(page, "M79.672 is the one for the left")
    assertContains(page, "Record M79.671 all the same")
    assert not complaint.diagnoses.exists()
    signed_in.post(diagnose_page(complaint), given | {"is_other_side": "on"})
    assert complaint.diagnoses.get().side == "right"


def test_what_excludes_a_code_is_explained_and_can_be_unrelated(
    signed_in, complaint, admin
):
    diagnoses.diagnose(complaint, by=admin, code="M51.16")
    given = {"code": "M54.16", "role": "source", "certainty": "suspected"}
    page = signed_in.post(diagnose_page(complaint), given)
    assertContains(page, "M51.16 already covers the radiculopathy")
    assertContains(page, "nothing to do with each other")
    assert complaint.diagnoses.count() == 1
    signed_in.post(diagnose_page(complaint), given | {"is_unrelated": "on"})
    assert complaint.diagnoses.count() == 2


def test_the_search_says_what_stands_against_a_code_here(signed_in, complaint, admin):
    diagnoses.diagnose(complaint, by=admin, code="M51.16")
    asked = {"q": "M54", "complaint": complaint.pk}
    page = signed_in.get(reverse("patients:icd10"), asked)
    assertContains(page, "cannot stand beside M51.16 (Excludes1)")
    page = signed_in.get(reverse("patients:icd10"), asked | {"q": "M51.16"})
    assertContains(page, "recorded</span>")
    page = signed_in.get(reverse("patients:icd10"), asked | {"q": "pain in right foot"})
    assertContains(page, "the complaint is left")
    for unknown in ("no-id", "01a22259-7e7d-7494-b996-b86f655368a8"):
        asked = {"q": "M54", "complaint": unknown}
        assert signed_in.get(reverse("patients:icd10"), asked).status_code == 404


def test_a_whole_code_that_our_list_lacks_can_be_recorded_unchecked(
    signed_in, complaint
):
    page = signed_in.get(diagnose_page(complaint), {"q": "z99.99"})
    assertContains(page, "Record Z99.99 unchecked")
    assertContains(page, "ICD-10-CM April 2026")
    given = {"code": "Z99.99", "title": "In our book", "certainty": "suspected"}
    page = signed_in.post(
        diagnose_page(complaint), given | {"role": "source"}, follow=True
    )
    assertContains(page, "not in our list, not checked")
    assert complaint.diagnoses.get().title == "In our book"


def test_a_diagnosis_entered_in_error_moves_out_of_the_way(signed_in, complaint, admin):
    made = diagnoses.diagnose(complaint, by=admin, code="M54.16")
    page = reverse("patients:revise_diagnosis", args=[made.pk])
    refused = signed_in.post(page, {"status": "entered_in_error"})
    assertContains(refused, "Say why, such as")
    given = {"status": "entered_in_error", "reason": "Another patient"}
    kept = signed_in.post(page, given, follow=True)
    assertContains(kept, "Entered in error: 1")
    assertContains(kept, "Another patient")


def test_a_page_from_before_a_colleagues_revision_takes_nothing_back(
    signed_in, complaint, admin, physician
):
    made = diagnoses.diagnose(complaint, by=admin, code="M54.16")
    shown = {"initial-certainty": "suspected", "initial-status": "active"}
    diagnoses.revise_diagnosis(made, by=physician, certainty="confirmed")
    page = reverse("patients:revise_diagnosis", args=[made.pk])
    signed_in.post(page, shown | {"certainty": "suspected", "status": "resolved"})
    made.refresh_from_db()
    assert (made.certainty, made.status) == ("confirmed", "resolved")
    reply = signed_in.post(page, shown | {"certainty": "refuted"})
    assertContains(reply, "meanwhile; look again")


def test_an_unknown_certainty_changes_no_diagnosis(signed_in, complaint, admin):
    made = diagnoses.diagnose(complaint, by=admin, code="M54.16")
    page = reverse("patients:revise_diagnosis", args=[made.pk])
    reply = signed_in.post(page, {"certainty": "sure"}, follow=True)
    assertContains(reply, "Select a valid choice. sure is not one")
    made.refresh_from_db()
    assert made.certainty == "suspected"


def test_the_diagnosis_page_loads_htmx_and_nothing_inline(signed_in, complaint):
    page = signed_in.get(diagnose_page(complaint))
    html = page.content.decode()
    assert "htmx-2.min.js" in html
    assert "<style" not in html
    assert "unsafe" not in page["Content-Security-Policy"]


def test_a_form_without_a_code_records_nothing_and_keeps_the_results(
    signed_in, complaint
):
    given = {"code": "", "q": "M54.16", "role": "source", "certainty": "confirmed"}
    page = signed_in.post(diagnose_page(complaint), given)
    assertContains(page, "Choose a code")
    assertContains(page, "Record M54.16 ")
    assert not complaint.diagnoses.exists()


def test_all_that_is_wrong_is_said_at_once(signed_in, patient):
    sent = HEELS | {"worst_region": "", "onset_on": "2999-01-01"}
    page = signed_in.post(complaint_page(patient), sent)
    assert {"worst_region", "onset_on"} <= set(page.context["form"].errors)
    assert not Complaint.objects.exists()


def test_what_is_not_asked_of_the_place_is_not_lost_but_refused(signed_in, patient):
    shoulder = {"pain_site": "shoulder", "side": "left", "pain_back_now": "7"}
    page = signed_in.post(complaint_page(patient), shoulder)
    assert "pain_back_now" in page.context["form"].errors
    assert not Complaint.objects.exists()
