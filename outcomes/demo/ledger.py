"""The rows of the source ledger: each judgement with what it was based on."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.db.models import Model

from outcomes.demo.studies import Seen
from outcomes.demo.visits import Looked, Subject
from patients.catalogue import places
from patients.models import Evidence, Finding, Side, SourceHypothesis
from patients.triage import evidence_words

# What speaks for a source once it is found, and against it where it was refuted.
GROUNDS: dict[str, tuple[str, ...]] = {
    "plantar_fascia": ("first_step_pain", "heel_tender", "windlass"),
    "root_s1": ("slump", "ankle_jerk", "sensation_s1"),
    "root_l5": ("slr", "slump", "sensation_l5"),
    "si_joint": ("pelvis_pain", "si_distraction", "si_thigh_thrust"),
    "spinal_stenosis": ("walking_symptoms", "seated_relief", "forward_relief"),
    "vascular": ("walking_symptoms", "pulse_dorsalis"),
    "disc": ("cough_worse", "back_loading", "lumbar_flexion"),
    "knee_joint": ("knee_flexion_range",),
    "hip_joint": ("hip_internal_rotation", "hip_flexion_range"),
    "rotator_cuff": ("movement_worse", "shoulder_abduction_range"),
}
# Where a normal finding is what refutes.
REFUTED_BY: dict[str, tuple[str, ...]] = {
    "plantar_fascia": ("windlass", "heel_tender", "foot_reproduced"),
    "root_s1": ("slr", "slump"),
    "vascular": ("pulse_dorsalis", "abi"),
}


def rows(
    subject: Subject, looked: Sequence[Looked], studies: Sequence[Seen]
) -> Iterator[Model]:
    """The ledger up to today; a later word on the same source supersedes."""
    about, known = subject.about, dict[str, SourceHypothesis]()
    ledger: list[SourceHypothesis] = []
    for entry in about.condition.ledger:
        stated_on = about.opened_on + timedelta(days=entry.day)
        if stated_on >= subject.moment.today:
            break
        if entry.source in known:
            known[entry.source].superseded_on = stated_on
        has_side = places.pain_sources()[entry.source].has_side
        row = SourceHypothesis(
            clinic_id=subject.complaint.clinic_id,
            complaint=subject.complaint,
            source=entry.source,
            side=about.side if has_side else Side.NONE,
            certainty=entry.certainty,
            stated_on=stated_on,
            stated_by=subject.provider,
            created_at=subject.moment.at(stated_on, 9, 20),
        )
        known[entry.source] = row
        ledger.append(row)
    yield from ledger
    for row in ledger:
        yield from _found(row, looked)
        yield from _seen(row, studies)


def _found(row: SourceHypothesis, looked: Sequence[Looked]) -> Iterator[Evidence]:
    """The findings of the newest visit by then, as the checklist words them.

    Only what differs from normal speaks for a source, only what is normal against it.
    """
    before = [each for each in looked if each.evaluation.examined_on <= row.stated_on]
    if not before:
        return
    is_refuted = row.certainty == SourceHypothesis.Certainty.REFUTED
    grounds = REFUTED_BY if is_refuted else GROUNDS
    stance = Evidence.Stance.AGAINST if is_refuted else Evidence.Stance.FOR
    cited = _cited(before[-1], grounds.get(row.source, ()), row)
    for finding in (each for each in cited if _is_abnormal(each) != is_refuted):
        yield Evidence(
            clinic_id=row.clinic_id,
            hypothesis=row,
            stance=stance,
            kind=Evidence.Kind.FINDING,
            label=evidence_words.label(finding),
            finding=finding,
            created_at=row.created_at,
        )


def _is_abnormal(finding: Finding) -> bool:
    """An index of the ankle has no normal value to differ from: here it is normal."""
    return finding.code != "abi" and evidence_words.is_telling(finding)


def _seen(row: SourceHypothesis, studies: Sequence[Seen]) -> Iterator[Evidence]:
    for seen in studies:
        if seen.speaks_for(row.source, by=row.stated_on):
            yield Evidence(
                clinic_id=row.clinic_id,
                hypothesis=row,
                stance=Evidence.Stance.FOR,
                kind=Evidence.Kind.STUDY,
                label=evidence_words.of_study(seen.study),
                study=seen.study,
                created_at=row.created_at,
            )


def _cited(
    looked: Looked, codes: Sequence[str], row: SourceHypothesis
) -> Iterator[Finding]:
    for code in codes:
        for side in (row.complaint.side, Side.NONE):
            if (code, side) in looked.findings:
                yield looked.findings[code, side]
                break
