"""Drafts: kept as typed, published once, and never a plan's business until moved."""

from uuid import uuid4

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from clinic import clock
from clinic.models import AuditEvent
from outcomes.models import Episode, FollowUp
from plans.course import starting
from plans.models import (
    Intervention,
    Plan,
    Protocol,
    ProtocolDraft,
    ProtocolGoal,
    ProtocolStep,
    ReminderRung,
    Timepoint,
)
from plans.protocols import documents, drafts, offered, stored
from tests import factories
from tests.plans.protocols.drafting import content

EVERYTHING = (
    Plan,
    Intervention,
    Episode,
    FollowUp,
    Protocol,
    ProtocolStep,
    Timepoint,
    ProtocolGoal,
    ReminderRung,
)


@pytest.fixture
def prp(clinic):
    return Protocol.objects.get(clinic=clinic, key="prp")


def bytes_of(*models, clinic):
    rows = {model: model.objects.filter(clinic=clinic) for model in models}
    return {
        model: {row.pk: serializers.serialize("json", [row]) for row in found}
        for model, found in rows.items()
    }


def fingerprint(protocol):
    return documents.fingerprint(stored.definition_of(protocol))


def test_every_stored_version_still_says_what_was_published(clinic):
    held = Protocol.objects.filter(clinic=clinic).prefetch_related(*stored.PARTS)
    assert {p.key: fingerprint(p) for p in held} == {p.key: p.sha256 for p in held}


def test_a_published_version_left_every_running_plan_byte_equal(
    clinic, complaint, prp, physician
):
    plan = factories.make_plan(complaint, started_days_ago=40)
    factories.make_performed(plan, days=20)
    before = bytes_of(*EVERYTHING, clinic=clinic)
    steps = [
        {**step, "offset_days": 1}
        for step in documents.write(stored.definition_of(prp))["steps"]
    ]
    new = factories.make_version(prp, by=physician, steps=steps, goals=[])
    after = bytes_of(*EVERYTHING, clinic=clinic)
    for model, rows in before.items():
        assert {pk: after[model][pk] for pk in rows} == rows, model
    assert (new.version, new.sha256) == (prp.version + 1, fingerprint(new))
    assert fingerprint(prp) == prp.sha256
    plan.refresh_from_db()
    assert plan.protocol == prp


@pytest.mark.parametrize(
    ("part", "column"),
    [
        ("steps", "title"),
        ("timepoints", "label"),
        ("goals", "words"),
        ("rungs", "channel"),
    ],
)
def test_the_rows_of_a_version_cannot_be_changed(prp, part, column):
    with pytest.raises(DatabaseError), transaction.atomic():
        getattr(prp, part).update(**{column: "call"})
    with pytest.raises(DatabaseError), transaction.atomic():
        getattr(prp, part).all().delete()


def test_a_draft_begins_as_the_version_it_is_of(prp, physician):
    draft = drafts.begin(prp, by=physician)
    assert drafts.read(draft).definition.steps == stored.definition_of(prp).steps
    assert drafts.begin(prp, by=physician) == draft
    assert AuditEvent.objects.filter(action="protocol_draft.begun").count() == 1


def test_a_new_protocol_gets_a_key_of_its_own(physician):
    keys = [drafts.begin(None, by=physician, title="Prp").key for _ in range(2)]
    assert keys == ["prp-2", "prp-3"]


@pytest.mark.parametrize("title", ["", "  ", "x" * 121])
def test_a_new_protocol_needs_a_title(physician, title):
    with pytest.raises(ValidationError) as caught:
        drafts.begin(None, by=physician, title=title)
    assert list(caught.value.message_dict) == ["title"]


def test_a_draft_may_be_wrong_while_it_is_worked_on(physician):
    draft = drafts.begin(None, by=physician, title="Sample")
    made = content(steps=[{"title": "Go for a walk", "offset_days": "soon"}])
    drafts.save(draft, made, revision=1, by=physician)
    draft.refresh_from_db()
    assert draft.content["steps"] == [
        {"title": "Go for a walk", "offset_days": "soon", "key": "go-for-a-walk"}
    ]
    assert (draft.revision, draft.changed_by) == (2, physician)


def test_what_somebody_saved_meanwhile_is_not_overwritten(prp, physician, admin):
    mine, theirs = drafts.begin(prp, by=admin), drafts.begin(prp, by=physician)
    drafts.save(theirs, content(title="Theirs"), revision=1, by=physician)
    with pytest.raises(ValidationError, match="Dr Okafor saved this draft since"):
        drafts.save(mine, content(title="Mine"), revision=1, by=admin)
    assert ProtocolDraft.objects.get().content["title"] == "Theirs"


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ([], "Give an object"),
        ({"colour": 3}, "'colour' is no part of a protocol"),
        ({"steps": None}, "steps must be a list"),
        ({"steps": ["walk"]}, "steps must be a list"),
        ({"goals": [{}] * 13}, "goals: at most 12 are taken; remove 1"),
        ({"title": "a\x00b"}, "cannot be stored"),
        ({"title": "\ud800"}, "cannot be stored"),
        ({"summary": "x" * 200_001}, "longer than a protocol"),
    ],
)
def test_what_no_draft_can_keep_is_refused(prp, physician, made, told):
    draft = drafts.begin(prp, by=physician)
    with pytest.raises(ValidationError, match=told):
        drafts.save(draft, made, revision=1, by=physician)


def test_a_draft_with_a_fault_is_not_published_and_all_faults_are_told(physician):
    draft = drafts.begin(None, by=physician, title="Sample")
    made = content(anchor="plan_start", goals=[{}])
    drafts.save(draft, made, revision=1, by=physician)
    with pytest.raises(ValidationError) as caught:
        drafts.publish(draft, change_note="First", by=physician)
    places = [message.split(":")[0] for message in caught.value.messages]
    assert "goals 1, measure" in places and "steps 2, is_index" in places
    assert not Protocol.objects.filter(key="sample").exists()


def test_a_new_protocol_is_published_as_its_first_version(physician):
    draft = drafts.begin(None, by=physician, title="Sample")
    drafts.save(draft, content(), revision=1, by=physician)
    protocol = drafts.publish(draft, change_note=" First ", by=physician)
    assert (protocol.version, protocol.change_note) == (1, "First")
    assert protocol.published_by == physician
    assert fingerprint(protocol) == protocol.sha256
    assert not ProtocolDraft.objects.exists()


@pytest.mark.parametrize("note", ["", "  ", "x" * 301])
def test_a_version_says_why_it_is(prp, physician, note):
    draft = factories.make_draft(prp, by=physician)
    with pytest.raises(ValidationError) as caught:
        drafts.publish(draft, change_note=note, by=physician)
    assert list(caught.value.message_dict) == ["change_note"]


def test_nothing_new_is_not_published(prp, physician):
    draft = drafts.begin(prp, by=physician)
    with pytest.raises(ValidationError, match="says the same as version 3"):
        drafts.publish(draft, change_note="Same", by=physician)


def test_two_people_publish_at_once_and_one_version_comes_of_it(prp, physician, admin):
    draft = factories.make_draft(prp, by=physician)
    stale = ProtocolDraft.objects.get()
    drafts.publish(draft, change_note="First", by=physician)
    with pytest.raises(ValidationError, match="published"):
        drafts.publish(stale, change_note="Second", by=admin)
    assert Protocol.objects.filter(key="prp").count() == 2


def test_what_was_saved_since_it_was_looked_at_is_not_published(prp, physician, admin):
    looked_at = factories.make_draft(prp, by=physician)
    seen = looked_at.revision
    made = {**looked_at.content, "summary": "Something else."}
    drafts.save(ProtocolDraft.objects.get(), made, revision=seen, by=admin)
    current = ProtocolDraft.objects.get()
    with pytest.raises(ValidationError, match="saved this draft since"):
        drafts.publish(current, change_note="Mine", by=physician, revision=seen)
    assert Protocol.objects.filter(key="prp").count() == 1


def test_a_discarded_draft_is_gone_and_on_record(prp, physician):
    draft = factories.make_draft(prp, by=physician)
    drafts.discard(draft, by=physician)
    event = AuditEvent.objects.get(action="protocol_draft.discarded")
    assert event.facts["content"]["summary"] == "Changed for this clinic."
    with pytest.raises(ValidationError, match="already"):
        drafts.discard(draft, by=physician)


def test_only_the_newest_version_that_is_not_retired_is_offered(prp, physician):
    new = factories.make_version(prp, by=physician)
    held = offered.all_of(physician)
    assert [p for p in offered.newest(held) if p.key == "prp"] == [new]
    with pytest.raises(ValidationError, match="start from version 4"):
        offered.check(prp)
    drafts.retire(new, by=physician)
    assert not [p for p in offered.newest(offered.all_of(physician)) if p.key == "prp"]
    with pytest.raises(ValidationError, match="retired"):
        offered.check(new)
    drafts.bring_back(new, by=physician)
    offered.check(new)


def test_a_protocol_is_retired_once_and_by_its_newest_version(prp, physician):
    drafts.retire(prp, by=physician)
    with pytest.raises(ValidationError, match="retired already"):
        drafts.retire(Protocol.objects.get(pk=prp.pk), by=physician)
    factories.make_version(prp, by=physician)
    with pytest.raises(ValidationError, match="open version 4"):
        drafts.bring_back(prp, by=physician)


def test_an_unpublished_draft_cannot_be_started(complaint, prp, physician):
    draft = factories.make_draft(prp, by=physician)
    assert draft.pk not in [p.pk for p in offered.all_of(physician)]
    assert not Protocol.objects.filter(pk=draft.pk).exists()


def test_a_plan_pins_the_version_it_was_started_from(complaint, prp, physician):
    new = factories.make_version(prp, by=physician)
    day = factories.days_ago(complaint.clinic, 0)
    plan = starting.start(complaint, protocol=new, started_on=day, by=physician)
    again = factories.make_version(new, by=physician, title="Third")
    plan.refresh_from_db()
    assert (plan.protocol, again.version) == (new, new.version + 1)


def test_a_version_can_change_in_nothing_but_whether_it_is_offered(prp):
    for name in {field.attname for field in Protocol._meta.concrete_fields}:
        rows = Protocol.objects.filter(pk=prp.pk)
        if name == "retired_at":
            assert rows.update(retired_at=clock.now()) == 1
        else:
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(**{name: getattr(prp, name)})
    with pytest.raises(DatabaseError), transaction.atomic():
        Protocol.objects.filter(pk=prp.pk).delete()


def test_no_statement_puts_another_row_in_the_place_of_one_that_is_kept(prp):
    table = "plans_timepoint"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"TRUNCATE {table} CASCADE"
        else:
            statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement)
    assert prp.timepoints.exists()


def test_a_row_with_another_id_takes_no_place_either(prp):
    point = prp.timepoints.first()
    fields = point._meta.concrete_fields
    names = [field.column for field in fields if field.column != "id"]
    if connection.vendor == "postgresql":
        verb = "INSERT"
        conflict = "ON CONFLICT (protocol_id, key) DO UPDATE SET label = 'x'"
    else:
        verb, conflict = "INSERT OR REPLACE", ""
    columns = ", ".join(names)
    statement = (
        f"{verb} INTO plans_timepoint (id, {columns}) SELECT %s, {columns} "
        f"FROM plans_timepoint WHERE id = %s {conflict}"
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement, [uuid4().hex, point.pk.hex])
    assert prp.timepoints.filter(pk=point.pk, label=point.label).exists()
