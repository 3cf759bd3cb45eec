"""What a judgement in the source ledger can rest on, and how it is cited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from clinic.templatetags import moments
from patients.models import (
    Complaint,
    Evaluation,
    Evidence,
    Finding,
    SourceHypothesis,
    Study,
)
from patients.triage import evidence_words

FIELD = "evidence"
# Enough to see a change, few enough to read.
EVALUATIONS_OFFERED = 3
MOST_CITATIONS = 60
WORST_PAIN = 10
# What has a needle, and so a pain before and after it.
COLUMNS = ("pk", "title", "target", "performed_on")
RECORDED = (
    *("procedure__pain_before", "procedure__pain_after_30min"),
    *("block_diary__pain_before", "block_diary__lowest", "block_diary__held_minutes"),
)
INJECTIONS = ("prp", "bone_marrow_concentrate", "image_guided_injection", "other")


@dataclass(frozen=True, slots=True)
class Response:
    """What an injection did: what was blocked, and the pain before and after it."""

    intervention: UUID
    blocked: str
    pain_before: int
    pain_after: int
    lasted: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """One thing for or against: a finding, a study, a response, or plain words."""

    stance: str
    finding: Finding | None = None
    study: Study | None = None
    response: Response | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Performed:
    """An injection that was done for the complaint."""

    pk: UUID
    title: str
    target: str
    performed_on: date
    # As they were recorded with it; None where they were not.
    pain_before: int | None = None
    pain_after: int | None = None
    # For how long half of it or more was gone, where the patient kept a diary.
    lasted: str = ""


def findings_of(complaint: Complaint) -> list[Finding]:
    """The newest recorded value of each finding, over the last few evaluations."""
    newest = list(
        complaint.evaluations.exclude(
            state=Evaluation.State.ENTERED_IN_ERROR
        ).prefetch_related("findings")[:EVALUATIONS_OFFERED]
    )
    found: dict[tuple[str, str], Finding] = {}
    for evaluation in newest:
        for finding in evaluation.findings.all():
            if finding.replaced_in is None and evidence_words.is_citable(finding):
                found.setdefault((finding.code, finding.side), finding)
    return list(found.values())


def studies_of(complaint: Complaint) -> list[Study]:
    return list(complaint.studies.filter(state__in=Study.WITH_RESULT))


def performed_for(complaint: Complaint) -> list[Performed]:
    """Injections, newest first; by name, for the plans app stands above this one.

    What a diary after a block came to goes before the one number of its form.
    """
    step = "plans__interventions__"
    names = [f"{step}{name}" for name in (*COLUMNS, *RECORDED)]
    done = {f"{step}status": "performed", f"{step}modality__in": INJECTIONS}
    standing = {"plans__status__in": ["active", "completed", "stopped"]}
    rows = Complaint.objects.filter(pk=complaint.pk, **done, **standing)
    return [
        _performed(dict(zip((*COLUMNS, *RECORDED), row, strict=True)))
        for row in rows.order_by(f"-{step}performed_on").values_list(*names)
    ]


def _performed(row: dict[str, Any]) -> Performed:
    before, after, told, lowest, held = (row[name] for name in RECORDED)
    pk, title, target, performed_on = (row[name] for name in COLUMNS)
    return Performed(
        pk,
        title,
        target,
        performed_on,
        pain_before=told if before is None else before,
        pain_after=after if lowest is None else lowest,
        lasted=moments.lasted(timedelta(minutes=held)) if held else "",
    )


def add(hypothesis: SourceHypothesis, citations: Sequence[Citation]) -> list[Evidence]:
    """Each in its words of today; what is not of the complaint is refused."""
    if len(citations) > MOST_CITATIONS:
        raise _refusal(f"Cite {MOST_CITATIONS} things at most.")
    done = {}
    if any(citation.response for citation in citations):
        done = {each.pk: each for each in performed_for(hypothesis.complaint)}
    cited = [_row(hypothesis, citation, done) for citation in citations]
    for row in cited:
        row.full_clean(exclude=["hypothesis", "finding", "study"])
        row.save()
    return cited


def facts(cited: Iterable[Evidence]) -> list[dict[str, str]]:
    """For the audit: what was cited, and none of its words."""
    return [
        {
            "stance": row.stance,
            "kind": row.kind,
            "id": str(row.finding_id or row.study_id or ""),
        }
        for row in cited
    ]


def _row(
    hypothesis: SourceHypothesis,
    citation: Citation,
    done: dict[UUID, Performed],
) -> Evidence:
    row = Evidence(
        clinic_id=hypothesis.clinic_id,
        hypothesis=hypothesis,
        stance=citation.stance,
        kind=Evidence.Kind.OTHER,
        label=citation.words.strip(),
    )
    if citation.finding is not None:
        _check_finding(hypothesis, citation.finding)
        row.kind, row.finding = Evidence.Kind.FINDING, citation.finding
        row.label = evidence_words.label(citation.finding)
    elif citation.study is not None:
        _check_study(hypothesis, citation.study)
        row.kind, row.study = Evidence.Kind.STUDY, citation.study
        row.label = evidence_words.of_study(citation.study)
    elif citation.response is not None:
        row.kind = Evidence.Kind.INJECTION
        row.label = _response_words(citation.response, done)
    if not row.label:
        raise _refusal("Say in words what speaks for or against it.")
    return row


def _check_finding(hypothesis: SourceHypothesis, finding: Finding) -> None:
    evaluation = finding.evaluation
    is_ours = evaluation.complaint_id == hypothesis.complaint_id
    if not is_ours or evaluation.state == Evaluation.State.ENTERED_IN_ERROR:
        raise _refusal("A finding of this complaint only can be cited.")
    if finding.replaced_in is not None:
        raise _refusal("A finding has been changed meanwhile; look at it again.")


def _check_study(hypothesis: SourceHypothesis, study: Study) -> None:
    if study.complaint_id != hypothesis.complaint_id or not study.has_result:
        raise _refusal("A study of this complaint can be cited once its result came.")


def _response_words(response: Response, done: dict[UUID, Performed]) -> str:
    if response.intervention not in done:
        raise _refusal("Name an injection that was done for this complaint.")
    for pain in (response.pain_before, response.pain_after):
        if not 0 <= pain <= WORST_PAIN:
            raise _refusal(f"Pain goes from 0 to {WORST_PAIN}, not {pain}.")
    known = done[response.intervention]
    blocked = response.blocked.strip() or known.target or known.title
    return evidence_words.of_injection(
        blocked, response.pain_before, response.pain_after, response.lasted.strip()
    )


def _refusal(words: str) -> ValidationError:
    return ValidationError({FIELD: words})
