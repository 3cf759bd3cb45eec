"""What is wrong with a protocol, and where: the row and the field are named."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`section` and `number` are empty for the protocol itself; rows count from 1."""

    words: str
    field: str = ""
    section: str = ""
    number: int | None = None

    @property
    def row(self) -> int | None:
        """Its row counted from 0, as the form names it."""
        return self.number - 1 if self.number else None

    @property
    def place(self) -> str:
        """As whoever writes a document finds it; form_words says it for the page."""
        row = f"{self.section} {self.number}" if self.number else self.section
        return ", ".join(part for part in (row, self.field) if part)

    def __str__(self) -> str:
        return f"{self.place}: {self.words}" if self.place else self.words
