"""What the demo's visits recorded is what the clinic's own rules would make of it."""

import pytest

from patients.catalogue import findings, study_words
from patients.models import (
    Complaint,
    Evaluation,
    Evidence,
    Finding,
    OutsideClinician,
    Patient,
    RedFlag,
    Study,
)
from patients.triage import checklist, evidence_words

pytestmark = pytest.mark.usefixtures("demo")


def test_every_finding_is_one_that_a_page_could_have_stored() -> None:
    known = findings.definitions()
    rows = Finding.objects.select_related("evaluation__complaint")
    for row in rows:
        definition = known[row.code]
        today = row.evaluation.examined_on
        assert row.side in definition.sides
        assert definition.read(row.value, today=today) == row.value


def test_pain_from_a_root_points_to_the_low_back() -> None:
    roots = Complaint.objects.filter(
        hypotheses__source__in=["root_l5", "root_s1"], hypotheses__certainty="probable"
    ).distinct()
    assert roots.exists()
    for complaint in roots:
        newest = Evaluation.objects.filter(
            complaint=complaint, findings__code="slump"
        ).first()
        assert newest is not None
        values = {(f.code, f.side): f.value for f in newest.findings.all()}
        lists = checklist.of_complaint(values, complaint.side, 50, is_gated=False)
        assert [each.result.band for each in lists] == ["2_consider_lumbar"]


def test_the_first_page_has_flags_in_every_state_and_running_clocks() -> None:
    states = set(RedFlag.objects.values_list("tier", "state"))
    assert {("E0", "acknowledged"), ("E1", "open"), ("E2", "open")} <= states
    running = Complaint.objects.with_running_clock()
    assert ("foot_drop", 12) in {(c.deficit_kind, c.deficit_days) for c in running}


def test_judgements_cite_what_was_found() -> None:
    assert Evidence.objects.filter(kind="finding", finding__isnull=False).count() > 50


def test_only_what_is_abnormal_speaks_for_a_source_and_only_normal_against() -> None:
    cited = Evidence.objects.filter(kind="finding").select_related("finding")
    assert {each.stance for each in cited} == {"for", "against"}
    for each in cited:
        finding = each.finding
        assert finding is not None
        if each.stance == "for":
            assert evidence_words.is_telling(finding), each.label
        else:
            known = findings.definitions()[finding.code]
            assert not known.is_abnormal(finding.value), each.label


def test_studies_stand_where_a_clinics_own_would() -> None:
    for study in Study.objects.select_related("complaint__patient__clinic"):
        assert study.due_on == study.next_due()
        assert study.region in study_words.regions()
        assert study.kind in study_words.regions()[study.region].kinds
        assert len(study.result_labels) == len(study.results)
    states = set(Study.objects.values_list("state", flat=True))
    assert {"ordered", "scheduled", "received", "reviewed"} <= states


def test_a_foot_drop_waits_for_an_mri_that_nobody_booked() -> None:
    late = Study.objects.get(complaint__deficit_kind="foot_drop", state="ordered")
    assert (late.kind, late.missing, late.is_overdue) == ("mri", "not booked", True)
    assert late.owner is not None


def test_a_reviewed_picture_is_cited_by_the_source_it_confirmed() -> None:
    cited = Evidence.objects.filter(kind="study", stance="for")
    assert cited.filter(
        hypothesis__source="root_s1",
        hypothesis__certainty="confirmed",
        study__state="reviewed",
    ).exists()


def test_most_were_sent_by_somebody_the_letter_goes_back_to() -> None:
    referrers = OutsideClinician.objects.filter(role="referrer")
    assert 0.4 < referrers.count() / Patient.objects.count() < 0.8
    for clinician in referrers:
        clinician.full_clean()
