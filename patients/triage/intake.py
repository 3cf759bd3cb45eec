"""What the patient comes with: places that hurt become complaints, a side each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.audit import By
from patients.catalogue import findings
from patients.catalogue import regions as body
from patients.models import Complaint, Patient
from patients.triage import complaints, evaluations
from patients.triage.cells import Entry

BOTH_SIDES = "both"
NOT_ASKED = "This is not asked of a pain there: leave it empty."
OTHER_SIDE = {"left": "right", "right": "left"}


@transaction.atomic
def take(
    patient: Patient,
    *,
    by: By,
    regions: Sequence[str] = (),
    worst_region: str = "",
    pain_site: str = "",
    side: str = "none",
    onset_on: date | None = None,
    answers: Mapping[str, str] | None = None,
    **details: Any,
) -> list[Complaint]:
    """Open what was marked on the body map, or the one site that was chosen.

    Pain of one site on both sides makes two complaints. What was said goes into a
    draft evaluation of the first, which is the one that hurts most.
    """
    if regions:
        return _from_map(
            patient, by, list(regions), worst_region, onset_on, answers or {}, details
        )
    sides = list(OTHER_SIDE) if side == BOTH_SIDES else [side]
    opened = [
        complaints.open_complaint(
            patient,
            by=by,
            pain_site=pain_site,
            side=each,
            onset_on=onset_on,
            **details,
        )
        for each in sides
    ]
    _note(opened[0], by, onset_on, answers or {})
    return opened


def _from_map(
    patient: Patient,
    by: By,
    chosen: list[str],
    worst: str,
    onset_on: date | None,
    answers: Mapping[str, str],
    details: Mapping[str, Any],
) -> list[Complaint]:
    worst = worst_of(chosen, worst)
    site, side = body.site_of(worst)
    mirrored = [
        value for value in chosen if body.site_of(value) == (site, OTHER_SIDE.get(side))
    ]
    opened = [
        complaints.open_complaint(
            patient, by=by, pain_site=site, side=side, onset_on=onset_on, **details
        )
    ]
    here = [value for value in chosen if value not in mirrored]
    said = {"pain_regions": ",".join(here), "pain_worst": worst, **answers}
    _note(opened[0], by, onset_on, said)
    if mirrored:
        other = complaints.open_complaint(
            patient,
            by=by,
            pain_site=site,
            side=OTHER_SIDE[side],
            onset_on=onset_on,
            **details,
        )
        opened.append(other)
        said = {"pain_regions": ",".join(mirrored), "pain_worst": mirrored[0]}
        _note(other, by, None, said)
    return opened


def worst_of(chosen: Sequence[str], worst: str) -> str:
    """The place that counts as the worst; ValidationError where nobody said which."""
    for value in chosen:
        try:
            body.parse(value)
        except ValueError as error:
            raise ValidationError({"regions": str(error)}) from None
    if worst in chosen:
        return worst
    if len(chosen) == 1:
        return chosen[0]
    raise ValidationError(
        {"worst_region": "Say which of the places you marked is the worst."}
    )


def _note(
    complaint: Complaint, by: By, onset_on: date | None, answers: Mapping[str, str]
) -> None:
    """Keep what was said with who took it down; nothing said makes no evaluation."""
    said = {code: value for code, value in answers.items() if value}
    if not said:
        return
    asked = {definition.key for definition in findings.of_site(complaint.pain_site)}
    if unasked := set(said) - asked:
        raise ValidationError(dict.fromkeys(unasked, NOT_ASKED))
    if onset_on:
        said["pain_onset"] = onset_on.isoformat()
    draft = evaluations.start(complaint, by=by)
    entries = {(code, "none"): Entry(value) for code, value in said.items()}
    evaluations.record(draft, by=by, entries=entries)
