"""The source ledger: judgements with what they rest on, added to and kept."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from clinic import audit
from clinic.models import AuditEvent
from patients.models import Complaint, Evidence, Finding, SourceHypothesis, Study
from patients.triage import (
    cells,
    evaluations,
    evidence,
    evidence_words,
    ledger,
    ledger_lines,
    studies,
)
from patients.triage.evidence import Citation, Response
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def jerk(complaint):
    factories.make_evaluation(complaint, ankle_jerk__left="1")
    return Finding.objects.get()


@pytest.fixture
def mri(complaint, physician):
    study = factories.make_study(complaint)
    result = {"results": ["disc_extrusion"], "levels": ["L4-L5"], "side": "left"}
    return studies.receive(study, by=physician, performed_on=study.ordered_on, **result)


@pytest.fixture
def block(complaint):
    return factories.make_performed(factories.make_plan(complaint, started_days_ago=60))


def name(complaint, by, source="root_l5", **more):
    return ledger.name_source(complaint, by=by, source=source, **more)


def lines(complaint):
    return [(line.entry.certainty, line.ended) for line in ledger_lines.of(complaint)]


def test_the_site_stays_when_a_source_is_named(complaint, physician):
    name(complaint, physician)
    complaint.refresh_from_db()
    assert complaint.pain_site == "foot"
    assert complaint.current_source.label == "L5 nerve root"


def test_naming_a_source_again_supersedes_and_keeps(complaint, physician):
    name(complaint, physician)
    name(complaint, physician, certainty="confirmed")
    assert lines(complaint) == [("confirmed", ""), ("suspected", "replaced")]
    event = AuditEvent.objects.filter(action="source.named").first()
    assert event.facts["before"] == ["suspected"]


def test_refuting_keeps_what_was_thought(complaint, physician):
    name(complaint, physician, "root_s1")
    name(complaint, physician, "plantar_fascia")
    name(complaint, physician, "plantar_fascia", certainty="refuted")
    assert lines(complaint) == [
        ("refuted", ""),
        ("suspected", "refuted"),
        ("suspected", ""),
    ]
    assert complaint.current_source.source == "root_s1"
    name(complaint, physician, "plantar_fascia", certainty="refuted")
    assert lines(complaint)[1] == ("refuted", "replaced")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"source": "shoes"}, "source"),
        ({"certainty": "sure"}, "certainty"),
        ({"note": "x" * 4001}, "note"),
        ({"citations": [Citation("perhaps", words="It may be")]}, "stance"),
        ({"citations": [Citation("for", words=" ")]}, "evidence"),
        ({"citations": [Citation("for", words="x" * 301)]}, "label"),
        ({"citations": [Citation("for", words="x")] * 61}, "evidence"),
    ],
)
def test_a_judgement_that_makes_no_sense_is_refused(
    complaint, physician, fields, named
):
    with pytest.raises(ValidationError) as caught:
        name(complaint, physician, **fields)
    assert named in caught.value.message_dict
    assert not SourceHypothesis.objects.exists()


def test_what_is_cited_keeps_its_words_of_today(complaint, physician, jerk, mri):
    cited = [
        Citation("for", finding=jerk),
        Citation("for", study=mri),
        Citation("against", words="No back pain"),
    ]
    name(complaint, physician, citations=cited)
    evaluations.record(
        jerk.evaluation,
        by=physician,
        entries={("ankle_jerk", "left"): cells.Entry("2")},
    )
    studies.receive(mri, by=physician, results=["normal"])
    day = f"{mri.performed_on.day} {mri.performed_on:%b %Y}"
    assert [(e.stance, e.kind, e.label) for e in Evidence.objects.all()] == [
        ("for", "finding", "ankle jerk, left: 1 reduced"),
        ("for", "study", f"MRI of lumbar spine {day}: disc extrusion, L4-L5 left"),
        ("against", "other", "No back pain"),
    ]


def test_the_audit_names_what_was_cited_and_none_of_its_words(
    complaint, physician, mri
):
    cited = [Citation("for", study=mri), Citation("against", words="Private words")]
    name(complaint, physician, citations=cited, note="More of them")
    facts = AuditEvent.objects.get(action="source.named").facts
    assert facts["evidence"] == [
        {"stance": "for", "kind": "study", "id": str(mri.pk)},
        {"stance": "against", "kind": "other", "id": ""},
    ]
    assert "Private" not in str(facts) and "More" not in str(facts)


def test_the_response_to_an_injection_is_evidence(complaint, physician, block):
    response = Response(block.pk, " L5 block ", 8, 1, "4 h")
    name(complaint, physician, citations=[Citation("for", response=response)])
    assert Evidence.objects.get().label == "L5 block: pain 8 → 1 for 4 h"
    assert Evidence.objects.get().kind == "injection"


@pytest.mark.parametrize("pain", [(-1, 1), (8, 11)])
def test_pain_goes_from_0_to_10(complaint, physician, block, pain):
    response = Response(block.pk, "L5 block", *pain)
    with pytest.raises(ValidationError, match="from 0 to 10"):
        name(complaint, physician, citations=[Citation("for", response=response)])


def test_only_what_is_the_complaints_can_be_cited(
    complaint, physician, jerk, mri, block
):
    other = factories.make_complaint(complaint.patient, side="right")
    for citation in (
        Citation("for", finding=jerk),
        Citation("for", study=mri),
        Citation("for", response=Response(block.pk, "", 8, 1)),
        Citation("for", response=Response(uuid4(), "", 8, 1)),
    ):
        with pytest.raises(ValidationError) as caught:
            name(other, physician, citations=[citation])
        assert "evidence" in caught.value.message_dict
    assert not Evidence.objects.exists()


def test_only_an_injection_that_was_done_has_a_response(complaint, block):
    factories.make_plan(complaint, "image_guided_injection")
    therapy = factories.make_plan(complaint, "physical_therapy", started_days_ago=60)
    therapy.interventions.update(status="performed", performed_on=therapy.started_on)
    assert [each.pk for each in evidence.performed_for(complaint)] == [block.pk]


def test_an_open_order_and_a_replaced_finding_cannot_be_cited(
    complaint, physician, jerk
):
    order = factories.make_study(complaint)
    Finding.objects.update(replaced_in=2)
    jerk.refresh_from_db()
    for citation in (Citation("for", study=order), Citation("for", finding=jerk)):
        with pytest.raises(ValidationError):
            name(complaint, physician, citations=[citation])


def test_what_was_entered_in_error_since_is_marked_where_it_is_cited(
    complaint, physician, jerk, mri
):
    cited = [Citation("for", finding=jerk), Citation("for", study=mri)]
    name(complaint, physician, citations=cited)
    assert [e.is_withdrawn for e in Evidence.objects.all()] == [False, False]
    studies.enter_in_error(mri, by=physician, reason="Another patient's")
    evaluations.enter_in_error(jerk.evaluation, by=physician, reason="The same")
    assert [e.is_withdrawn for e in Evidence.objects.all()] == [True, True]
    assert evidence.findings_of(complaint) == evidence.studies_of(complaint) == []


def test_the_newest_value_of_each_finding_is_offered(complaint, physician):
    cells = {"ankle_jerk__left": "1", "slump__left": "present"}
    evaluations.sign(factories.make_evaluation(complaint, **cells), by=physician)
    factories.make_evaluation(complaint, ankle_jerk__left="0")
    offered = {f.code: f.value for f in evidence.findings_of(complaint)}
    assert offered == {"ankle_jerk": "0", "slump": "present"}


def test_a_colleagues_entry_that_was_not_seen_stands_beside_ours(
    complaint, physician, admin
):
    theirs = name(complaint, admin, certainty="refuted")
    ours = name(complaint, physician, certainty="probable", seen=[])
    assert ledger.beside(ours) == [theirs]
    assert [h.superseded_on for h in complaint.hypotheses.all()] == [None, None]
    later = name(complaint, admin, certainty="confirmed", seen=[theirs.pk, ours.pk])
    assert ledger.beside(later) == []


def test_pressing_twice_leaves_one_standing(complaint, physician):
    for _ in range(2):
        name(complaint, physician, seen=[])
    assert complaint.hypotheses.filter(superseded_on=None).count() == 1
    assert complaint.hypotheses.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_providers_at_once_no_entry_is_lost(complaint, physician, admin):
    key = complaint.pk

    def press(by):
        try:
            name(Complaint.objects.get(pk=key), by, seen=[])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, [physician, admin]))
    standing = complaint.hypotheses.filter(superseded_on=None)
    assert {h.stated_by for h in standing} == {physician, admin}


@pytest.mark.parametrize(
    ("code", "side", "value", "words"),
    [
        ("ankle_jerk", "left", "1", "ankle jerk, left: 1 reduced"),
        ("big_toe_extension", "left", "4", "big-toe extension, left 4/5"),
        ("first_step_pain", "right", "present", "first-step heel pain, right"),
        ("first_step_pain", "right", "absent", "first-step heel pain, right: no"),
        ("sensation_s1", "left", "reduced", "S1: outer heel, left: reduced"),
        ("si_gaenslen", "left", "present", "SI joint: Gaenslen, left"),
        ("si_distraction", "none", "present", "SI joint: distraction"),
        ("abi", "left", "0.8", "ankle-brachial index, left: 0.8"),
        ("slr_angle", "left", "40", "straight-leg raise, left: 40 degrees"),
        ("pain_site_now", "none", "7", "pain at the site now: 7 of 10"),
        ("RF01", "none", "unchanged", ": as before"),
        ("pain_regions", "none", "left_nose", "where it hurts: left nose"),
        ("an_older_test", "left", "3", "an older test, left: 3"),
    ],
)
def test_a_finding_reads_as_a_clinician_says_it(code, side, value, words):
    finding = Finding(code=code, side=side, value=value)
    assert evidence_words.label(finding).endswith(words)


def test_a_study_without_fixed_words_points_to_its_report(complaint):
    study = Study(kind="ct", region="foot", performed_on=complaint.opened_on)
    assert evidence_words.of_study(study).endswith(": see its report")
    assert len(evidence_words.cut("x" * 400)) == evidence_words.LABEL_LENGTH


def test_a_story_is_not_offered_and_the_telling_come_first(complaint):
    told = [
        Finding(code="story", value="Since the walk"),
        Finding(code="ankle_jerk", value="1"),
        Finding(code="ankle_jerk", value="2"),
        Finding(code="slump", value="present"),
        Finding(code="slump", value="absent"),
        Finding(code="abi", value="0.8"),
    ]
    citable = [f for f in told if evidence_words.is_citable(f)]
    assert citable == told[1:]
    telling = [evidence_words.is_telling(f) for f in citable]
    assert telling == [True, False, True, False, True]


def test_the_timeline_reads_no_more_rows_for_a_longer_ledger(
    complaint, physician, jerk, mri, django_assert_num_queries
):
    cited = [Citation("for", finding=jerk), Citation("against", study=mri)]
    for source in ("root_l4", "root_l5", "root_s1"):
        name(complaint, audit.SYSTEM, source, citations=cited)
    shown = (f"hypotheses__{field}" for field in SourceHypothesis.SHOWN_WITH)
    with django_assert_num_queries(6):
        found = Complaint.objects.prefetch_related(*shown).get(pk=complaint.pk)
        for line in ledger_lines.of(found):
            assert [e.is_withdrawn for e in (*line.pro, *line.contra)] == [False] * 2
