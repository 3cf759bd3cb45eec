"""How a finding, a study or a response reads where it is cited. Pure."""

from patients.catalogue import findings, regions
from patients.catalogue.findings import Definition, Kind
from patients.models import Finding, Side, Study

LABEL_LENGTH = 300
# A story is for reading, a day for the history; neither speaks for a source.
NEVER_CITED = (Kind.TEXT, Kind.DATE)
NAMES = ("Gaenslen",)


def label(finding: Finding) -> str:
    """Such as "ankle jerk, left: 1 reduced" or "big-toe extension, left 4/5"."""
    side = "" if finding.side == Side.NONE else f", {finding.side}"
    known = findings.definitions().get(finding.code)
    if known is None:
        # Of an edition that asked for more than this one does.
        return cut(f"{finding.code.replace('_', ' ')}{side}: {finding.value}")
    said = f"{_lowered(known)}{side}{_value(known, finding.value)}"
    if finding.since_on:
        said += f" since {finding.since_on.day} {finding.since_on:%b %Y}"
    return cut(said)


def is_citable(finding: Finding) -> bool:
    known = findings.definitions().get(finding.code)
    return known is None or known.kind not in NEVER_CITED


def is_telling(finding: Finding) -> bool:
    """Abnormal, or without a normal: it is offered first."""
    known = findings.definitions().get(finding.code)
    if known is None or known.is_abnormal(finding.value):
        return True
    return known.kind not in (Kind.PRESENCE, Kind.CHOICE, Kind.GRADE) and (
        finding.value != known.normal
    )


def of_study(study: Study) -> str:
    """Such as "MRI of lumbar spine 3 Feb 2026: disc extrusion, L4-L5 left"."""
    day = study.performed_on or study.ordered_on
    parts = [*study.result_labels, study.place] if study.results else [study.place]
    shown = ", ".join(filter(None, parts))
    said = f"{study} {day.day} {day:%b %Y}"
    return cut(f"{said}: {shown}" if shown else f"{said}: see its report")


def of_injection(blocked: str, before: int, after: int, lasted: str) -> str:
    """Such as "L5 block: pain 8 → 1 for 4 h"."""
    for_how_long = f" for {lasted}" if lasted else ""
    return cut(f"{blocked}: pain {before} → {after}{for_how_long}")


def cut(text: str) -> str:
    return text if len(text) <= LABEL_LENGTH else f"{text[: LABEL_LENGTH - 1]}…"


def _lowered(known: Definition) -> str:
    name = known.label
    if known.block == "si_joint":
        return f"SI joint: {name if name in NAMES else name.lower()}"
    # "MRI" and "L1" stay, and so does who a test is named for.
    is_word = name[1:2].islower() and not name.startswith(NAMES)
    return name[0].lower() + name[1:] if is_word else name


def _value(known: Definition, value: str) -> str:
    if known.kind == Kind.PRESENCE:
        said = known.words(value)
        return "" if said == findings.PRESENCE[findings.PRESENT] else f": {said}"
    if known.kind == Kind.GRADE:
        return f" {value}/5"
    if known.kind == Kind.SCALE:
        return f": {value} of 10"
    if known.kind in (Kind.REGION, Kind.REGIONS):
        return f": {', '.join(map(_place, value.split(',')))}"
    return f": {known.words(value)}"


def _place(value: str) -> str:
    try:
        return regions.label(value, "en")
    except ValueError:
        return value.replace("_", " ")
