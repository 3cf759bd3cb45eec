"""The pages of protocols: read, draft, publish, compare, move."""

import pytest
from django.urls import reverse

from plans.models import Plan, Protocol, ProtocolDraft
from plans.protocols import drafts, editor
from tests import factories
from tests.plans.protocols.drafting import content


@pytest.fixture
def prp(clinic):
    return Protocol.objects.get(clinic=clinic, key="prp")


@pytest.fixture
def draft(prp, admin):
    return drafts.begin(prp, by=admin)


def address(name, row, *more):
    return reverse(f"plans:{name}", args=[row.pk, *more])


def cells_of(draft):
    sections = editor.sections(draft.content, [])
    rows = [row for section in sections for row in section.rows]
    return [*editor.head(draft.content, []), *(c for row in rows for c in row.cells)]


def form_of(draft, **changes):
    """What a browser sends back of the draft's page."""
    data = {"seen": draft.revision, "do": "save"}
    for section in editor.sections(draft.content, []):
        for row in section.rows:
            data[f"{section.name}-{row.place}-row"] = "1"
    for cell in cells_of(draft):
        if cell.kind != "flag" or cell.value:
            data[cell.name] = cell.value
    return data | changes


def test_a_version_is_shown_with_all_it_says_and_its_sources(signed_in, prp):
    page = signed_in.get(address("protocol", prp)).content.decode()
    for said in (
        "PRP arm had more mild transient pain (65% vs 24-33%)",
        "DORIO2021",
        "Pain at the site: less by 30 %",
        "three-tap rescue 3 days before the window closes",
        "14 after “PRP injection”",
        prp.sha256,
    ):
        assert said in page, said


def test_the_list_tells_drafts_and_retired_ones(signed_in, draft, prp, admin):
    drafts.begin(None, by=admin, title="Knee school")
    drafts.retire(prp, by=admin)
    page = signed_in.get(reverse("plans:protocols")).content.decode()
    assert "Knee school" in page and "retired" in page
    assert page.count('class="pill pill--warn"') == 1


def test_the_list_takes_the_same_queries_with_more_drafts(
    signed_in, admin, clinic, django_assert_max_num_queries
):
    for protocol in Protocol.objects.filter(clinic=clinic):
        factories.make_draft(protocol, by=admin)
    with django_assert_max_num_queries(9):
        signed_in.get(reverse("plans:protocols"))


def test_the_page_sent_back_as_it_was_changes_nothing(signed_in, draft):
    before = dict(draft.content)
    reply = signed_in.post(address("draft", draft), form_of(draft))
    assert reply.status_code == 302
    draft.refresh_from_db()
    assert draft.content == before
    assert drafts.read(draft).definition.steps[1].after == "prp"


def test_what_is_wrong_is_kept_as_typed_and_told_beside_the_field(signed_in, draft):
    wrong = {"timepoints-2-close_day": "soon", "steps-1-after": "nobody"}
    page = signed_in.post(
        address("draft", draft), form_of(draft, **wrong), follow=True
    ).content.decode()
    assert (
        'value="soon" inputmode="text" autocomplete="off" aria-invalid="true"' in page
    )
    assert "Must be a whole number, not &#x27;soon&#x27;." in page
    assert "There is no step &#x27;nobody&#x27; to come after." in page
    assert 'href="#timepoints-2"' in page


@pytest.mark.parametrize(
    ("act", "keys", "where"),
    [
        ("add-steps", ["prp", "loading", None], "#steps-2"),
        ("remove-steps-1", ["loading"], "#steps-0"),
        ("up-steps-2", ["loading", "prp"], "#steps-0"),
        ("up-steps-1", ["prp", "loading"], "#steps-0"),
        ("remove-steps-9", ["prp", "loading"], "#steps-8"),
        ("remove-steps-x", ["prp", "loading"], "#steps--2"),
        ("add-hats", ["prp", "loading"], ""),
    ],
)
def test_rows_come_and_go_with_a_button(signed_in, draft, act, keys, where):
    reply = signed_in.post(address("draft", draft), form_of(draft, do=act))
    assert reply.url.startswith(address("draft", draft))
    draft.refresh_from_db()
    assert [row.get("key") for row in draft.content["steps"]] == keys
    if act in ("add-steps", "remove-steps-1", "up-steps-2"):
        assert reply.url.endswith(where)


def test_what_was_typed_stays_when_somebody_saved_meanwhile(
    signed_in, draft, physician
):
    sent = form_of(draft, title="Mine")
    drafts.save(draft, content(title="Theirs"), revision=1, by=physician)
    page = signed_in.post(address("draft", draft), sent).content.decode()
    assert "Dr Okafor saved this draft since you opened it" in page
    assert 'value="Mine"' in page
    assert ProtocolDraft.objects.get().content["title"] == "Theirs"


def test_publishing_shows_the_differences_first(signed_in, draft):
    sent = form_of(draft, do="publish", title="PRP of ours")
    reply = signed_in.post(address("draft", draft), sent)
    assert reply.url == address("draft_publish", draft)
    page = signed_in.get(reply.url).content.decode()
    assert "PRP of ours" in page and "Publish version 3" in page
    data = {"change_note": "Our own name", "revision": 2}
    reply = signed_in.post(address("draft_publish", draft), data)
    made = Protocol.objects.get(key="prp", version=3)
    assert reply.url == address("protocol", made)
    assert (made.title, made.change_note) == ("PRP of ours", "Our own name")


def test_overlapping_windows_are_warned_of_before_publishing(signed_in, draft):
    sent = form_of(draft, **{"timepoints-2-close_day": "80"})
    signed_in.post(address("draft", draft), sent)
    page = signed_in.get(address("draft_publish", draft)).content.decode()
    assert "The windows of 1 month (21 to 80) and 3 months (70 to 120) overlap" in page
    assert "Publish version 3" in page


def test_a_draft_with_faults_offers_no_button_to_publish(signed_in, draft):
    sent = form_of(draft, **{"timepoints-2-close_day": "1"})
    signed_in.post(address("draft", draft), sent)
    page = signed_in.get(address("draft_publish", draft)).content.decode()
    assert "It cannot be published yet" in page and "Publish version" not in page


def test_versions_are_compared_in_words(signed_in, prp, admin):
    new = factories.make_version(prp, by=admin)
    page = signed_in.get(address("protocol_compare", prp, new.pk)).content.decode()
    assert "From version 2 to 3" in page and "Changed for this clinic." in page


def test_who_may_not_edit_sees_no_button_for_it(client, assistant, prp, draft):
    client.force_login(assistant)
    pages = [
        client.get(place).content.decode()
        for place in (address("protocol", prp), reverse("plans:protocols"))
    ]
    assert not any("Edit as a draft" in page or "draft/" in page for page in pages)
    assert client.get(address("draft", draft)).status_code == 403


def test_moving_says_what_changes_for_whom_and_moves_the_chosen(
    signed_in, complaint, admin, prp
):
    plan = factories.make_plan(complaint)
    steps = drafts.begin(prp, by=admin).content["steps"][:1]
    new = factories.make_version(prp, by=admin, steps=steps)
    place = address("protocol_move", new)
    page = signed_in.get(place).content.decode()
    assert complaint.patient.family_name in page
    assert "Return to loading with a therapist is cancelled." in page
    page = signed_in.post(place, {}).content.decode()
    assert "Choose at least one plan." in page
    reply = signed_in.post(place, {"plans": [plan.pk]}, follow=True)
    assert "1 plan moved to version 3" in reply.content.decode()
    assert Plan.objects.get().protocol == new


def test_measures_are_ticked_by_name(signed_in, draft):
    page = signed_in.get(address("draft", draft)).content.decode()
    assert "Pain at the site, Back pain" in " ".join(page.split())
    name = "timepoints-1-measures"
    form = form_of(draft, **{name: ["pain_site", "global_change"]})
    assert signed_in.post(address("draft", draft), form).status_code == 302
    draft.refresh_from_db()
    row = draft.content["timepoints"][1]
    assert row["measures"] == ["pain_site", "global_change"]


def test_what_a_document_names_and_nobody_knows_is_shown_and_kept(draft):
    asks = draft.content["timepoints"][0]
    asks["measures"] = ["pain_site", "horoscope"]
    draft.content["steps"][1]["after"] = "gone"
    drafts.save(draft, draft.content, revision=draft.revision, by=draft.changed_by)
    by_name = {cell.name: cell for cell in cells_of(draft)}
    assert by_name["timepoints-0-measures"].picked.endswith("horoscope (not known)")
    assert ("gone", "gone (not known)") in by_name["steps-1-after"].choices


def test_a_step_comes_after_another_one_not_itself(draft):
    by_name = {cell.name: cell for cell in cells_of(draft)}
    first, second = (row["key"] for row in draft.content["steps"][:2])
    offered = [key for key, _ in by_name["steps-1-after"].choices]
    assert first in offered and second not in offered
