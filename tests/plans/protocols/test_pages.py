"""The pages of protocols: read, draft, publish, compare, move."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from plans.models import Plan, Protocol, ProtocolDraft
from plans.protocols import documents, drafts, editor
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
        if cell.kind == "several":
            # A browser sends what is ticked in the order of the page.
            data[cell.name] = [key for key, _ in cell.choices if key in cell.value]
        elif cell.kind != "flag" or cell.value:
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
    assert "PRP of ours" in page and "Publish version 4" in page
    data = {"change_note": "Our own name", "revision": 2}
    reply = signed_in.post(address("draft_publish", draft), data)
    made = Protocol.objects.get(key="prp", version=4)
    assert reply.url == address("protocol", made)
    assert (made.title, made.change_note) == ("PRP of ours", "Our own name")


def test_the_years_are_chosen_on_the_page_and_shown(signed_in, draft):
    page = signed_in.get(address("draft", draft)).content.decode()
    assert 'name="yearly_until" id="id_yearly_until" value="10"' in page
    sent = form_of(draft, yearly_until="2")
    page = signed_in.post(address("draft", draft), sent, follow=True).content.decode()
    assert "the time points last until then; name year 3 or a later one" in page
    sent = form_of(ProtocolDraft.objects.get(), yearly_until="4")
    signed_in.post(address("draft", draft), sent)
    page = signed_in.get(address("draft_publish", draft)).content.decode()
    assert "asked every year until year (0: not at all)" in page.casefold()
    made = drafts.publish(
        ProtocolDraft.objects.get(), change_note="-", by=draft.changed_by
    )
    page = signed_in.get(address("protocol", made)).content.decode()
    assert "until year 4" in page and "4 years" in page and "5 years" not in page


def test_overlapping_windows_are_warned_of_before_publishing(signed_in, draft):
    sent = form_of(draft, **{"timepoints-2-close_day": "80"})
    signed_in.post(address("draft", draft), sent)
    page = signed_in.get(address("draft_publish", draft)).content.decode()
    assert "The windows of 1 month (21 to 80) and 3 months (70 to 120) overlap" in page
    assert "Publish version 4" in page


def test_a_draft_with_faults_offers_no_button_to_publish(signed_in, draft):
    sent = form_of(draft, **{"timepoints-2-close_day": "1"})
    signed_in.post(address("draft", draft), sent)
    page = signed_in.get(address("draft_publish", draft)).content.decode()
    assert "It cannot be published yet" in page and "Publish version" not in page


def test_a_window_that_closes_before_it_opens_is_told_at_its_field_and_not_published(
    signed_in, draft, prp
):
    sent = form_of(draft, **{"timepoints-2-close_day": "1"})
    signed_in.post(address("draft", draft), sent)
    page = signed_in.get(address("draft", draft)).content.decode()
    assert 'aria-describedby="id_timepoints-2-close_day_error"' in page
    assert "The window closes on day 1, before it opens (21)." in page
    draft.refresh_from_db()
    given = {"change_note": "All the same", "revision": draft.revision}
    reply = signed_in.post(address("draft_publish", draft), given)
    assert "closes on day: the window closes on day 1" in reply.content.decode()
    assert Protocol.objects.filter(key=prp.key).latest("version") == prp


def test_versions_are_compared_in_words(signed_in, prp, admin):
    new = factories.make_version(prp, by=admin)
    page = signed_in.get(address("protocol_compare", prp, new.pk)).content.decode()
    assert "From version 3 to 4" in page and "Changed for this clinic." in page


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
    assert "1 plan moved to version 4" in reply.content.decode()
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


def test_saving_one_window_changes_that_window_and_no_order(signed_in, draft):
    before = drafts.read(draft).definition
    rows = draft.content["timepoints"]
    rows[1]["measures"] = rows[1]["measures"][::-1]
    drafts.save(draft, draft.content, revision=draft.revision, by=draft.changed_by)
    turned = documents.fingerprint(drafts.read(draft).definition)
    assert turned != documents.fingerprint(before)
    signed_in.post(address("draft", draft), form_of(draft))
    draft.refresh_from_db()
    assert documents.fingerprint(drafts.read(draft).definition) == turned
    sent = form_of(draft, **{"timepoints-2-close_day": "46"})
    page = signed_in.post(
        address("draft", draft), sent | {"do": "publish"}, follow=True
    )
    changed = [(one.what, one.field) for one in page.context["differences"]]
    assert changed == [("1 month", "window closes on day")]


def test_what_is_ticked_anew_comes_after_what_was_there(signed_in, draft):
    rows = draft.content["timepoints"]
    rows[1]["measures"] = ["global_change", "pain_site"]
    drafts.save(draft, draft.content, revision=draft.revision, by=draft.changed_by)
    ticked = ["pain_site", "pain_back", "global_change"]
    sent = form_of(draft, **{"timepoints-1-measures": ticked})
    signed_in.post(address("draft", draft), sent)
    draft.refresh_from_db()
    kept = draft.content["timepoints"][1]["measures"]
    assert kept == ["global_change", "pain_site", "pain_back"]


def test_a_time_point_keeps_its_order_also_where_one_before_it_went(signed_in, draft):
    rows = draft.content["timepoints"]
    rows[2]["measures"] = ["global_change", "pain_site"]
    drafts.save(draft, draft.content, revision=draft.revision, by=draft.changed_by)
    sent = form_of(draft, do="remove-timepoints-2")
    signed_in.post(address("draft", draft), sent)
    draft.refresh_from_db()
    kept = draft.content["timepoints"][1]
    assert (kept["key"], kept["measures"]) == ("m1", ["global_change", "pain_site"])


@pytest.mark.parametrize("junk", [7, "pain_site", [["pain_site"]], [None], {"a": 1}])
def test_a_list_that_is_none_is_shown_and_told(signed_in, draft, junk):
    draft.content["timepoints"][0] |= {"measures": junk, "sources": junk}
    drafts.save(draft, draft.content, revision=draft.revision, by=draft.changed_by)
    page = signed_in.get(address("draft", draft)).content.decode()
    assert "Time point 1, asks for: must be a list of texts" in page


@pytest.mark.parametrize(
    ("typed", "told", "target"),
    [
        (
            {"timepoints-2-close_day": "20"},
            "Time point 3, closes on day: the window closes on day 20",
            "timepoints-2",
        ),
        (
            {"steps-0-after": "loading"},
            "Step 1, comes after: The steps wait for each other: “PRP injection” "
            "after “Return to loading with a therapist” after “PRP injection”.",
            "steps-0",
        ),
        ({"anchor": ""}, "Day 0 is: missing or empty.", "id_anchor"),
        (
            {"anchor": "plan_start"},
            "Step 1, day 0 of the follow-up: day 0 is the start of the plan",
            "steps-0",
        ),
        ({"sources": "NOBODY"}, "Sources: there is no source", "id_sources"),
        (
            {"timepoints-1-is_baseline": "on"},
            "When the patient is asked: exactly one baseline is needed, not 2.",
            "timepoints",
        ),
        (
            {"rungs-3-after_days": "99", "rungs-3-channel": "rescue"},
            "Reminder 4, days before it closes: must be from 0 to 90.",
            "rungs-3",
        ),
        (
            {"rungs-1-after_days": "0", "rungs-1-channel": "preferred"},
            "Reminder 2: the same as reminder 1, and would come once",
            "rungs-1",
        ),
    ],
)
def test_faults_are_listed_in_the_words_of_the_form(
    signed_in, draft, typed, told, target
):
    signed_in.post(address("draft", draft), form_of(draft, **typed))
    for name in ("draft", "draft_publish"):
        faults = signed_in.get(address(name, draft)).context["faults"]
        assert [f.target for f in faults if f.words.startswith(told)] == [target], (
            faults
        )
    page = signed_in.get(address("draft", draft)).content.decode()
    assert f'<a href="#{target}">' in page and f'id="{target}"' in page


def test_the_rescue_counts_its_days_back_from_the_end_of_the_window(draft):
    labels = {
        row["channel"]: cell.label
        for section in editor.sections(draft.content, [])
        if section.name == "rungs"
        for row, shown in zip(draft.content["rungs"], section.rows, strict=True)
        for cell in shown.cells
        if cell.name.endswith("after_days")
    }
    assert labels["rescue"] == "Days before it closes"
    assert set(labels.values()) == {"After days", "Days before it closes"}


def test_the_flags_of_a_time_point_stand_together(draft):
    shown = editor.sections(draft.content, [])[1].rows[0]
    together = [group for group in shown.groups if len(group) > 1]
    assert [[cell.label for cell in group] for group in together] == [
        ["Baseline", "Safety check"]
    ]
    assert [cell for group in shown.groups for cell in group] == shown.cells


# --- What became of a draft -----------------------------------------------------------

LATE = datetime(2027, 2, 12, 1, 37, tzinfo=UTC)


@pytest.fixture
def evening(clinic):
    """The 11th where the clinic is, the 12th in UTC."""
    clinic.zone = "America/Chicago"
    clinic.save()
    with time_machine.travel(LATE, tick=False):
        yield


def test_times_are_those_of_the_clinic(evening, signed_in, draft, admin):
    drafts.begin(None, by=admin, title="Knee school")
    factories.make_draft(draft.based_on, by=admin)
    drafts.retire(draft.based_on, by=admin)
    page = signed_in.get(address("draft", draft)).content.decode()
    assert "Saved 11 Feb 2027, 19:37" in page
    new = drafts.publish(
        ProtocolDraft.objects.get(key="prp"), change_note="x", by=admin
    )
    drafts.retire(new, by=admin)
    pages = signed_in.get(address("protocol", new)).content.decode()
    pages += signed_in.get(reverse("plans:protocols")).content.decode()
    assert pages.count("11 Feb 2027") == 4
    assert "12 Feb 2027" not in pages


def test_who_publishes_second_is_told_who_did_and_keeps_the_note(
    evening, signed_in, prp, physician
):
    draft = factories.make_draft(prp, by=physician)
    made = drafts.publish(draft, change_note="First", by=physician)
    reply = signed_in.post(
        address("draft_publish", draft), {"change_note": "Mine", "revision": 2}
    )
    page = " ".join(reply.content.decode().split())
    assert reply.status_code == 410
    assert "Published by Dr Okafor on 11 Feb 2027, 19:37" in page
    assert f'<a href="{address("protocol", made)}">' in page
    assert "What you sent was not saved" in page and "<p>Mine</p>" in page
    assert Protocol.objects.filter(key="prp").count() == 2


def test_what_was_typed_into_a_draft_that_was_published_stays_in_sight(
    signed_in, prp, physician
):
    draft = factories.make_draft(prp, by=physician)
    typed = {"title": "Mine", "timepoints-2-close_day": "soon"}
    sent = form_of(draft, **typed)
    drafts.publish(draft, change_note="First", by=physician)
    reply = signed_in.post(address("draft", draft), sent)
    assert reply.status_code == 410
    # The day that nobody can read is told, and no other one in its place.
    changed = [(one.field, one.after) for one in reply.context["differences"]]
    assert changed == [("title", "Mine")]
    assert "must be a whole number, not &#x27;soon&#x27;" in reply.content.decode()


def test_a_draft_that_was_discarded_says_by_whom(signed_in, prp, physician):
    draft = factories.make_draft(prp, by=physician)
    sent = form_of(draft, title="Mine")
    gone = address("draft", draft)
    drafts.discard(ProtocolDraft.objects.get(), by=physician)
    reply = signed_in.post(gone, sent)
    assert reply.status_code == 410
    assert "was discarded by Dr Okafor" in reply.content.decode()
    assert [one.after for one in reply.context["differences"]] == ["Mine"]
    discard = gone + "discard/"
    assert signed_in.post(discard).status_code == 410


def test_nobody_else_learns_what_became_of_a_draft(
    client, clinic, assistant, outsider, prp, physician
):
    draft = factories.make_draft(prp, by=physician)
    gone = address("draft", draft)
    drafts.publish(draft, change_note="First", by=physician)
    for who in (assistant, outsider):
        client.force_login(who)
        assert client.get(gone).status_code == 404


# --- The list -----------------------------------------------------------------------


def test_both_lists_stand_in_the_order_of_their_titles(signed_in, clinic):
    groups = signed_in.get(reverse("plans:protocols")).context["groups"]
    for heading in ("For one treatment", "For a condition"):
        titles = [protocol.title.casefold() for protocol, _ in groups[heading]]
        assert len(titles) > 2 and titles == sorted(titles)
