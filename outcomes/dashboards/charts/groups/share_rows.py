"""What a chart of outcome shares is given, and how its rows are told."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from outcomes.dashboards import statistics
from outcomes.dashboards.charts import tables
from outcomes.dashboards.charts.inline import percent
from outcomes.dashboards.charts.parts import ENGLISH, Part, PartWords
from outcomes.dashboards.charts.tables import Cell, TableRow


@dataclass(frozen=True, slots=True)
class ShareRow:
    """People of one group by how it went. A count of None must stay hidden.

    Without `unanswered` the shares are of those who answered, with it of all due.
    Fewer than 10 answers are single people and never a rate.
    """

    key: str
    label: str
    worsened: int | None
    unchanged: int | None
    improved: int | None
    unanswered: int | None = 0

    @property
    def counts(self) -> dict[Part, int | None]:
        return {
            Part.WORSENED: self.worsened,
            Part.UNCHANGED: self.unchanged,
            Part.IMPROVED: self.improved,
            Part.UNANSWERED: self.unanswered,
        }

    @property
    def is_hidden(self) -> bool:
        """One hidden count hides all: the others would give it away."""
        given = (self.worsened, self.unchanged, self.improved, self.unanswered)
        return None in given

    @property
    def answered(self) -> int:
        return (self.worsened or 0) + (self.unchanged or 0) + (self.improved or 0)

    @property
    def total(self) -> int:
        return self.answered + (self.unanswered or 0)

    @property
    def is_few(self) -> bool:
        return self.answered < statistics.SMALLEST_SHOWN_CELL

    def share(self, part: Part) -> float | None:
        """Of the total; None where a rate must not or cannot be told."""
        n = self.counts[part]
        if n is None or self.is_hidden or self.is_few:
            return None
        return n / self.total

    def data(self, part: Part) -> SafeString:
        mark = f"{self.key} {part}"
        if self.is_hidden:
            return tables.attributes(mark)
        return tables.attributes(mark, n=self.counts[part], of=self.total)


def row_words(row: ShareRow, words: PartWords = ENGLISH) -> str:
    """The row as a phrase, such as "worsened 6 (5 %), improved 64 (54 %); of 118"."""
    if row.is_hidden:
        return words.hidden
    few = f"; {words.too_few}" if row.is_few and row.answered else ""
    return f"{counts_words(row, words)}; {words.of} {row.total}{few}"


def counts_words(row: ShareRow, words: PartWords) -> str:
    """Worsened and improved are always told, the others where there are any."""
    always = (Part.WORSENED, Part.IMPROVED) if row.answered else ()
    told = [part for part in Part if row.counts[part] or part in always]
    return ", ".join(part_phrase(row, part, words) for part in told)


def spoken(row: ShareRow, part: Part, words: PartWords) -> str:
    """Such as "PRP: worsened 6 (5 %), of 118"."""
    phrase = part_phrase(row, part, words)
    return f"{row.label}: {phrase}, {words.of} {row.total}"


def part_phrase(row: ShareRow, part: Part, words: PartWords) -> str:
    """Such as "worsened 6 (5 %)"."""
    share = row.share(part)
    rate = "" if share is None else f" ({percent(share)})"
    return f"{words.of_part(part)} {row.counts[part] or 0}{rate}"


def table_row(row: ShareRow, shown: tuple[Part, ...]) -> TableRow:
    cells = [Cell(_cell_text(row, part), row.data(part)) for part in shown]
    n = None if row.is_hidden else row.total
    return TableRow(row.label, (*cells, Cell(tables.count(n))))


def _cell_text(row: ShareRow, part: Part) -> str:
    if row.is_hidden:
        return tables.HIDDEN
    share = row.share(part)
    return f"{row.counts[part]}" + ("" if share is None else f" ({percent(share)})")
