"""The evaluation page: fills, saves as it goes, shows what follows, signs."""

import pytest
from django.urls import reverse

from patients.models import Evaluation, RedFlag
from patients.triage import cells, evaluations
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def draft(complaint):
    return factories.make_evaluation(complaint, knee_jerk__left="2")


def address(draft):
    return reverse("patients:evaluation", args=[draft.pk])


def test_looking_starts_nothing(at_work, complaint):
    reply = at_work.get(reverse("patients:evaluate", args=[complaint.pk]))
    assert "No evaluation yet" in reply.content.decode()
    assert not Evaluation.objects.exists()


def test_a_press_starts_one_and_leads_to_it(at_work, complaint):
    reply = at_work.post(reverse("patients:evaluate", args=[complaint.pk]))
    assert reply.url == address(Evaluation.objects.get())


def test_the_sheet_saves_what_was_filled_in(at_work, draft):
    form = {"seen": draft.revision, "ankle_jerk.left": "1", "slump.left": "present"}
    form |= {"knee_jerk.left": "2", "since.weakness.left": "", "weakness.left": ""}
    assert at_work.post(address(draft), form).status_code == 302
    assert evaluations.values(draft) == {
        ("knee_jerk", "left"): "2",
        ("ankle_jerk", "left"): "1",
        ("slump", "left"): "present",
    }


def test_what_is_wrong_is_said_beside_it_and_the_rest_is_saved(at_work, draft):
    form = {"big_toe_extension.left": "6", "slump.left": "present"}
    page = at_work.post(address(draft), form).content.decode()
    assert "6 is not between 0 and 5 MRC." in page
    assert evaluations.values(draft)["slump", "left"] == "present"


def test_a_save_in_the_background_answers_with_the_panel(at_work, draft):
    form = {"RF01": "present", "seen": draft.revision}
    reply = at_work.post(address(draft), form, headers={"HX-Request": "true"})
    page = reply.content.decode()
    assert page.lstrip().startswith("<aside") and 'hx-swap-oob="true"' in page
    assert "emergency now" in page
    assert RedFlag.objects.get().flag == "RF01"


def test_an_open_emergency_shuts_the_checklist(at_work, draft):
    at_work.post(address(draft), {"radiating_pain.left": "present", "RF01": "present"})
    page = at_work.get(address(draft)).content.decode()
    assert "Act on the red flag first." in page
    assert "Published:" not in page


def test_the_checklist_shows_what_counted_with_its_figures(at_work, draft):
    at_work.post(address(draft), {"slump.left": "present"})
    page = at_work.get(address(draft)).content.decode()
    assert "transparent, unvalidated" in page
    assert "Slump reproduces it" in page and "Se 0.84" in page


def test_the_checklist_says_where_a_cap_cuts_and_names_a_gap_once(at_work, draft):
    form = {f"{test}.left": "present" for test in ("slr", "slump", "crossed_slr")}
    at_work.post(address(draft), form | {"sensation_s1.left": "reduced"})
    page = at_work.get(address(draft)).content.decode()
    assert "5 given, counts at most 3" in page and "The low back, in all" in page
    gap = "whether the loss of sensation follows one root area"
    assert page.count(gap) == 1


def test_a_prompt_for_a_red_flag_stands_while_the_checklist_is_shut(at_work, draft):
    at_work.post(address(draft), {"RF01": "present", "wide_gait": "present"})
    page = at_work.get(address(draft)).content.decode()
    assert "Act on the red flag first." in page
    assert "answer the red flag on an unsteady gait" in page


@pytest.mark.parametrize("site", ["knee", "hand", "shoulder"])
def test_other_complaints_have_no_lumbar_checklist(at_work, patient, site):
    complaint = factories.make_complaint(patient, pain_site=site)
    draft = factories.make_evaluation(complaint, story="It hurts")
    page = at_work.get(address(draft)).content.decode()
    assert "checklist" not in page
    assert "Red flags" in page


def test_two_staff_at_once_see_what_the_other_saved(at_work, draft, assistant):
    seen = draft.revision
    entries = {("ankle_jerk", "left"): cells.Entry("1")}
    evaluations.record(draft, by=assistant, entries=entries)
    form = {"seen": seen, "ankle_jerk.left": "0", "slump.left": "present"}
    page = at_work.post(address(draft), form).content.decode()
    assert "Somebody else was here" in page and str(assistant) in page
    found = evaluations.values(draft)
    assert found["ankle_jerk", "left"] == "1"
    assert found["slump", "left"] == "present"
    form |= {"mine": "ankle_jerk.left==0"}
    at_work.post(address(draft), form)
    assert evaluations.values(draft)["ankle_jerk", "left"] == "0"


def test_all_the_rest_normal_is_one_press(at_work, draft):
    at_work.post(address(draft), {"ankle_jerk.left": "1", "normal": "reflexes"})
    found = evaluations.values(draft)
    assert found["ankle_jerk", "left"] == "1"
    assert found["ankle_jerk", "right"] == "2"


def test_signed_it_is_read_only(at_work, draft):
    at_work.post(reverse("patients:evaluation_sign", args=[draft.pk]))
    page = at_work.get(address(draft)).content.decode()
    assert "Signed by Dr Okafor" in page
    assert "<select" not in page and "not recorded" in page


def test_an_assistant_enters_and_does_not_sign(client, assistant, draft):
    client.force_login(assistant)
    page = client.get(address(draft)).content.decode()
    assert "<select" in page and "Sign the evaluation" not in page


def test_the_page_makes_few_queries(at_work, draft, django_assert_max_num_queries):
    at_work.post(address(draft), {f"{block}": "x" for block in ("normal",)})
    for block in ("reflexes", "strength", "sensation", "motion", "tension"):
        at_work.post(address(draft), {"normal": block})
    with django_assert_max_num_queries(15):
        at_work.get(address(draft))


HTMX = {"HX-Request": "true"}


def test_a_background_save_does_not_take_back_what_it_does_not_show(
    at_work, draft, assistant
):
    seen = draft.revision
    entries = {("RF01", "none"): cells.Entry("present")}
    evaluations.record(draft, by=assistant, entries=entries)
    blank = {"RF01": "", "seen": seen}
    reply = at_work.post(
        address(draft), blank | {"slump.left": "present"}, headers=HTMX
    )
    # The browser loads the sheet anew, so that the next save knows what stands there.
    assert reply.headers["HX-Refresh"] == "true"
    assert evaluations.values(draft)["RF01", "none"] == "present"
    assert evaluations.values(draft)["slump", "left"] == "present"


def test_a_conflict_stands_until_it_is_decided(at_work, draft, assistant):
    seen = draft.revision
    entries = {("ankle_jerk", "left"): cells.Entry("1")}
    evaluations.record(draft, by=assistant, entries=entries)
    mine = {"ankle_jerk.left": "0", "seen": seen}
    for more in ({}, {"slump.left": "present"}):
        reply = at_work.post(address(draft), mine | more, headers=HTMX)
        page = reply.content.decode()
        assert "Somebody else was here" in page
        assert f'name="seen" value="{seen}"' in page
    assert evaluations.values(draft)["ankle_jerk", "left"] == "1"


def test_ones_own_earlier_save_is_no_conflict(at_work, draft, physician):
    seen = draft.revision
    for value in ("1", "0"):
        at_work.post(address(draft), {"ankle_jerk.left": value, "seen": seen})
    assert evaluations.values(draft)["ankle_jerk", "left"] == "0"


def test_signing_saves_the_sheet_first(at_work, draft):
    form = {"slump.left": "present", "seen": draft.revision}
    at_work.post(reverse("patients:evaluation_sign", args=[draft.pk]), form)
    draft.refresh_from_db()
    assert draft.state == "signed"
    assert evaluations.values(draft)["slump", "left"] == "present"


def test_nothing_is_signed_that_the_signer_did_not_see(at_work, draft, assistant):
    form = {"slump.left": "present", "seen": draft.revision}
    entries = {("ankle_jerk", "left"): cells.Entry("1")}
    evaluations.record(draft, by=assistant, entries=entries)
    at_work.post(reverse("patients:evaluation_sign", args=[draft.pk]), form)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_day_of_the_visit_can_be_corrected(at_work, draft):
    move = reverse("patients:evaluation_move", args=[draft.pk])
    at_work.post(move, {"examined_on": "2026-01-05"})
    at_work.post(move, {"examined_on": "soon"})
    draft.refresh_from_db()
    assert str(draft.examined_on) == "2026-01-05"


def test_what_was_refused_is_never_called_normal(at_work, draft):
    form = {"lumbar_flexion": "900", "normal": "motion", "seen": 1}
    page = at_work.post(address(draft), form).content.decode()
    assert 'value="900"' in page
    stored = evaluations.values(draft)
    assert ("lumbar_flexion", "none") not in stored
    assert stored["hip_flexion_range", "left"] == "full"


def test_one_press_comes_back_to_its_block(at_work, draft):
    form = {"normal": "reflexes", "seen": draft.revision}
    assert at_work.post(address(draft), form).url == f"{address(draft)}#reflexes"


def test_a_save_in_the_background_brings_the_counts_along(at_work, draft):
    form = {"ankle_jerk.left": "1", "seen": draft.revision}
    reply = at_work.post(address(draft), form, headers={"HX-Request": "true"})
    assert 'id="reflexes-count" hx-swap-oob="true">2 of 6 recorded' in (
        reply.content.decode()
    )


@pytest.mark.parametrize(
    "sent",
    [
        {"seen": "9" * 5000},
        {"seen": "²"},
        {"mine": "zzz=2020=present"},
        {"mine": "numbness.left=notadate=present"},
        {"mine": "=="},
    ],
)
def test_a_form_that_no_page_made_changes_nothing(at_work, draft, sent):
    before = evaluations.values(draft)
    assert at_work.post(address(draft), sent).status_code in (200, 302)
    assert evaluations.values(draft) == before


def test_a_no_is_since_no_day(at_work, draft):
    form = {"numbness.left": "absent", "since.numbness.left": "2026-01-02"}
    at_work.post(address(draft), form | {"seen": draft.revision})
    assert evaluations.standing(draft)["numbness", "left"].since_on is None
