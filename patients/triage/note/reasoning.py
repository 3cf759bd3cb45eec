"""What follows from findings, as lines of a note: studies, checklist, ledger. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from clinic import clock
from patients.models import Diagnosis, Evidence, SourceHypothesis, Study
from patients.triage.checklist import Checklist, Line
from patients.triage.note.plain_text import quoted, wrapped
from patients.triage.origin import Group

UNVALIDATED = "transparent, unvalidated"


def studies(found: Iterable[Study], zone: str) -> list[str]:
    lines = [line for study in found for line in _study(study, zone)]
    return lines or ["None ordered."]


def _study(study: Study, zone: str) -> list[str]:
    lines = wrapped(f"{study}: {_progress(study, zone)}.")
    if study.results:
        place = f" ({study.place})" if study.place else ""
        lines += wrapped(f"Result: {', '.join(study.result_labels)}{place}.", indent=2)
    return lines + quoted(study.report)


def _progress(study: Study, zone: str) -> str:
    if study.state == Study.State.CANCELLED:
        return f"cancelled ({study.cancel_reason})"
    day, reviewed = study.ordered_on, study.reviewed_at
    steps = [
        _on("came with the patient" if study.was_brought else "ordered", day),
        _on("scheduled for", study.scheduled_for),
        _on("done", study.performed_on),
        _on("result received", study.received_on),
        _on("reviewed", clock.day_of(reviewed, zone) if reviewed else None),
    ]
    by = f" by {study.reviewed_by}" if study.reviewed_by else ""
    return ", ".join(filter(None, steps)) + by


def _on(step: str, day: date | None) -> str:
    return f"{step} {clock.in_words(day)}" if day else ""


def origin(found: Checklist, *, of: int) -> tuple[str, list[str]]:
    """Title and lines; `of` is how many sides there are to tell apart."""
    side = f", {found.side} side" if of > 1 else ""
    title = f"Low-back origin checklist{side} ({UNVALIDATED})"
    lines = wrapped(found.result.text)
    lines += [line for said in found.flags_to_check for line in wrapped(said)]
    if found.result.is_gated:
        return title, lines
    for line in found.lines:
        lines += _item(line)
    lines += wrapped(f"Points for the low back: {_sum(found.lumbar_groups)}.")
    others = "; ".join(map(_group, found.other_groups)) or "none"
    lines += wrapped(f"Points for other sources: {others}.")
    lines += [line for said in found.remarks for line in wrapped(said)]
    if found.result.unsaid:
        lines += wrapped(f"Not recorded: {'; '.join(found.result.unsaid)}.")
    note = "points are a design choice, not fitted weights; a blank is not a no."
    return title, [*lines, *wrapped(f"The checklist is {UNVALIDATED}: {note}")]


def _item(line: Line) -> list[str]:
    points = f"{line.rule.points:+d}" if line.is_counted else "0"
    basis = f" From: {line.basis}." if line.basis else ""
    why_not = f" Not counted: {line.why_not}." if line.why_not else ""
    finding = line.rule.finding[0].upper() + line.rule.finding[1:]
    said = f"{finding} ({line.rule.group_name}).{basis}{why_not}"
    first, *rest = wrapped(said, indent=4)
    return [f"{points:>2}  {first.strip()}", *rest]


def _sum(counted: Sequence[Group]) -> str:
    total = sum(group.points for group in counted)
    return f"{total}" + (f" = {'; '.join(map(_group, counted))}" if counted else "")


def _group(group: Group) -> str:
    cap = f"{group.given} given, at most" if group.is_cut else "at most"
    return f"{group.name} {group.points} ({cap} {group.cap})"


def ledger(hypotheses: Iterable[SourceHypothesis]) -> list[str]:
    """Newest first, with what was cited for and against each judgement."""
    lines = [line for entry in hypotheses for line in _entry(entry)]
    return lines or ["No source is named yet."]


def _entry(entry: SourceHypothesis) -> list[str]:
    by = f", by {entry.stated_by}" if entry.stated_by else ""
    gone = entry.superseded_on
    replaced = f"; replaced {clock.in_words(gone)}" if gone else ""
    lines = wrapped(
        f"{clock.in_words(entry.stated_on)}: {entry.label}{_side(entry.side)}, "
        f"{entry.get_certainty_display().lower()}{by}{replaced}."
    )
    for stance in Evidence.Stance:
        cited = [_cited(e) for e in entry.evidence.all() if e.stance == stance]
        if cited:
            lines += wrapped(f"{stance.label}: {'; '.join(cited)}.", indent=2)
    return lines + quoted(entry.note)


def _cited(evidence: Evidence) -> str:
    gone = " (entered in error since)" if evidence.is_withdrawn else ""
    return evidence.label + gone


def diagnoses(found: Iterable[Diagnosis]) -> list[str]:
    return [line for each in found for line in _diagnosis(each)] or ["None recorded."]


def _diagnosis(diagnosis: Diagnosis) -> list[str]:
    listed = (
        diagnosis.release if diagnosis.is_listed else "not in our list, unvalidated"
    )
    facts = [
        f"{diagnosis.code} {diagnosis.named}",
        diagnosis.get_role_display(),
        diagnosis.get_certainty_display().lower(),
        listed,
        f"recorded {clock.in_words(diagnosis.recorded_on)}",
    ]
    if diagnosis.status != Diagnosis.Status.ACTIVE:
        facts.append(diagnosis.get_status_display().lower())
    return wrapped("; ".join(facts) + ".")


def _side(side: str) -> str:
    return f", {side}" if side in ("left", "right") else ""
