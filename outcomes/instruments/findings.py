"""What was found wrong in a file that brings a questionnaire, item by item. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# More than anybody reads; what is beyond is counted.
MOST = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` is a link id, a field or a path; a refusal must be put right first."""

    where: str
    problem: str
    remedy: str = ""
    is_refusal: bool = True

    def __str__(self) -> str:
        said = f"{self.where}: {self.problem}."
        return f"{said} {self.remedy}" if self.remedy else said


@dataclass(slots=True)
class Findings:
    """Collects them while a file is read."""

    found: list[Finding] = field(default_factory=list)
    beyond: int = 0

    def refuse(self, where: str, problem: str, remedy: str = "") -> None:
        """What cannot be brought in as it stands."""
        self._add(Finding(_short(where), _short(problem), remedy))

    def note(self, where: str, problem: str, remedy: str = "") -> None:
        """What is brought in, but not wholly; whoever publishes it has seen it."""
        self._add(Finding(_short(where), _short(problem), remedy, is_refusal=False))

    def _add(self, finding: Finding) -> None:
        if finding in self.found:
            return
        if len(self.found) < MOST or finding.is_refusal and not self.is_refused:
            self.found.append(finding)
        else:
            self.beyond += 1

    @property
    def is_refused(self) -> bool:
        return any(each.is_refusal for each in self.found)

    def __iter__(self) -> Iterator[Finding]:
        yield from self.found
        if self.beyond:
            yield Finding(
                "The file", f"{self.beyond} more were found", is_refusal=self.is_refused
            )


def _short(text: str) -> str:
    """Whatever a file names, as something a page and a database can hold."""
    shown = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text
    )
    return shown if len(shown) <= 200 else f"{shown[:199]}…"


def to_json(found: Iterable[Finding]) -> list[dict[str, Any]]:
    return [asdict(each) for each in found]


def from_json(content: Iterable[Mapping[str, Any]]) -> list[Finding]:
    return [Finding(**each) for each in content]
