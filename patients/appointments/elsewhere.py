"""Whether a schedule looks like another clinic's; pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from patients.appointments.draft import Draft
from patients.record.imports.fields import plain
from patients.record.imports.refusals import ImportFileError, shown

# With fewer numbers nobody can tell.
FEWEST = 5


class ElsewhereError(ImportFileError):
    """The file is refused as a whole, unless somebody says that it is ours."""


@dataclass(frozen=True, slots=True)
class Doubt:
    why: str

    @property
    def refusal(self) -> str:
        return (
            f"This looks like the schedule of another clinic: {self.why}. Look at the "
            "file; if it is ours all the same, say so."
        )


def doubt(
    drafts: Collection[Draft], *, is_known: Collection[str], names: Iterable[str]
) -> Doubt | None:
    """`is_known` holds the folded MRNs of ours, `names` what we and our places are
    called.
    """
    return _named_elsewhere(drafts, names) or _few_known(drafts, is_known)


def _few_known(drafts: Collection[Draft], is_known: Collection[str]) -> Doubt | None:
    mrns = {draft.mrn.lower() for draft in drafts}
    known = sum(mrn in is_known for mrn in mrns)
    if len(mrns) < FEWEST or 2 * known >= len(mrns):
        return None
    return Doubt(f"of {len(mrns)} MRNs only {known} {_is(known)} known here")


def _named_elsewhere(drafts: Collection[Draft], names: Iterable[str]) -> Doubt | None:
    said = [draft.clinic for draft in drafts if draft.clinic]
    ours = [*filter(None, map(plain, names))]
    strange = [name for name in said if not _is_one_of(plain(name), ours)]
    if not said or 2 * len(strange) <= len(said):
        return None
    return Doubt(f"its rows name {shown(strange[0])}")


def _is_one_of(name: str, ours: Collection[str]) -> bool:
    """A part of the whole name is enough: “Lakeview” for “Lakeview Spine”."""
    return any(f" {name} " in f" {own} " or f" {own} " in f" {name} " for own in ours)


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
