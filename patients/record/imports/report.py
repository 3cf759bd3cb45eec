"""What an import did, for somebody at a terminal."""

from dataclasses import dataclass

from patients.record.imports.steps import DIAGNOSES, PASSED_OVER, PATIENTS, REFUSED

FIRST_SHOWN = 20
OUTCOMES = ("new", "changed", "same", REFUSED)


@dataclass(frozen=True, slots=True)
class Report:
    """`refused` are row, what it was, and why; the first of them."""

    counts: dict[str, dict[str, int]]
    refused: list[tuple[int, str, str]]
    is_dry: bool

    @property
    def number_refused(self) -> int:
        return sum(
            self.counts.get(of, {}).get(REFUSED, 0) for of in (PATIENTS, DIAGNOSES)
        )

    def lines(self) -> list[str]:
        """For people, one sentence a line."""
        lines = [
            f"{of.capitalize()}: {self._outcomes(of)}."
            for of in (PATIENTS, DIAGNOSES)
            if of in self.counts
        ]
        passed_over = self.counts.get(PASSED_OVER, {})
        lines += [f"  {number:,} x {what}" for what, number in passed_over.items()]
        if passed_over:
            lines.insert(-len(passed_over), "Passed over:")
        lines += [f"  row {row}{of}: {why}" for row, of, why in self.refused]
        more = self.number_refused - len(self.refused)
        if more > 0:
            lines.append(
                f"  and {more:,} more refused; the page of imports lists them."
            )
        if self.is_dry:
            lines.append("Nothing was written: this was a dry run.")
        return lines

    def _outcomes(self, of: str) -> str:
        found = self.counts[of]
        return ", ".join(f"{found.get(outcome, 0):,} {outcome}" for outcome in OUTCOMES)


def named(resource: str) -> str:
    return f" ({resource})" if resource else ""
