"""Whether a code may stand on a complaint: heading, side, Excludes1, our list.

A refusal carries what would lift it: OTHER_SIDE or UNRELATED, each a tick of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from patients.catalogue import icd10
from patients.catalogue.icd10 import Code
from patients.models import Complaint, Diagnosis, Side

OTHER_SIDE, UNRELATED = "other_side", "unrelated"
SIDED = (Side.LEFT, Side.RIGHT)


@dataclass(frozen=True, slots=True)
class Checked:
    """A code in its printed spelling; known is None where our list lacks it."""

    code: str
    known: Code | None

    @property
    def own_side(self) -> str:
        laterality = self.known.laterality if self.known else ""
        return laterality if laterality in SIDED else ""


def read(code: str) -> Checked:
    """A listed code that can be recorded, or one that is at least written like one."""
    known = icd10.lookup(code)
    if known is not None and known.is_billable:
        return Checked(known.code, known)
    if known is None and not icd10.is_well_formed(code):
        raise _refused(
            f"{code!r} is not written like a code, such as M54.16; search by words."
        )
    spelled = icd10.spelled(code)
    if known is not None or _has_codes_below(spelled):
        raise _refused(f"{spelled} is only a heading; choose a code below it.")
    return Checked(spelled, None)


def side_of(
    checked: Checked, complaint: Complaint, side: str | None, *, is_other_side: bool
) -> str:
    """The side of the diagnosis: the code's own, the one given, or the complaint's."""
    own, given = checked.own_side, side or complaint.side
    if own and given in SIDED and given not in (own, complaint.side):
        raise ValidationError(
            {"side": f"{checked.code} is for the {own} side, not the {given}."}
        )
    chosen = own or given
    is_elsewhere = complaint.side in SIDED and chosen in SIDED
    if is_elsewhere and chosen != complaint.side and not is_other_side:
        raise _elsewhere(checked, complaint, chosen)
    return chosen


def refuse_excluded(code: str, beside: Iterable[Diagnosis]) -> None:
    """Excludes1 among what stands, with who stands in the way and what to do."""
    held = {diagnosis.code for diagnosis in beside if diagnosis.is_standing}
    found = icd10.conflicts(code, sorted(held - {code}))
    if not found:
        return
    in_the_way = sorted({c.code if c.code in held else c.excluded for c in found})
    raise _refused(
        f"{' '.join(conflict.words for conflict in found)} On this complaint: "
        f"{', '.join(in_the_way)}. Keep the one that says more and resolve or refute "
        "the other; or say that the two have nothing to do with each other.",
        UNRELATED,
    )


def warnings(diagnosis: Diagnosis) -> list[str]:
    """What was kept all the same and deserves a second look."""
    if not diagnosis.is_listed:
        return [f"{diagnosis.code} is not in our list: nobody has checked it."]
    found = []
    problem = icd10.side_problem(diagnosis.code, diagnosis.complaint.side)
    if problem is not None and not problem.is_error:
        found.append(problem.words)
    elsewhere = Diagnosis.objects.filter(
        complaint__patient=diagnosis.complaint.patient_id,
        status=Diagnosis.Status.ACTIVE,
    ).exclude(complaint=diagnosis.complaint_id)
    codes = sorted({other.code for other in elsewhere if other.is_standing})
    conflicts = icd10.conflicts(diagnosis.code, codes)
    found += [f"{c.words} The other is on another complaint." for c in conflicts]
    return found


def _has_codes_below(code: str) -> bool:
    """Our list has no row for every heading; what begins with it shows that it is."""
    start = icd10.compact(code)
    found = icd10.search(code, limit=1)
    return any(icd10.compact(hit.code).startswith(start) for hit in found)


def _elsewhere(checked: Checked, complaint: Complaint, side: str) -> ValidationError:
    if not checked.own_side:
        words = f"The complaint is on the {complaint.side}, this is on the {side}."
        return _refused(f"{words} Is it really the other side?", OTHER_SIDE, "side")
    problem = icd10.side_problem(checked.code, complaint.side)
    words = problem.words if problem else ""
    return _refused(f"{words} Or is it really the other side?", OTHER_SIDE)


def _refused(words: str, code: str = "", field: str = "code") -> ValidationError:
    return ValidationError({field: ValidationError(words, code=code or None)})
