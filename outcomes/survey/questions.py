"""Which questions several follow-ups ask together, and what each one answers. Pure.

A question asked once may answer for several responses: what concerns the person is
shared by all complaints, and what concerns a body part by all complaints there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from outcomes.instruments import library
from outcomes.instruments.library import InstrumentDefinition, Item
from patients.catalogue import places


@dataclass(frozen=True, slots=True)
class Asked:
    """One response to be filled: its questionnaire, and where it hurts."""

    response_id: UUID
    instrument: InstrumentDefinition
    site: str
    side: str
    is_after_anchor: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A place where an answer is stored."""

    response_id: UUID
    link_id: str


Answers = Mapping[Target, Decimal | None]
# So many questions make three taps of it.
TAPS = 3
# Link id, site and side.
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """value is None where the patient could not tell."""

    value: Decimal | None

    @property
    def raw(self) -> str:
        """As the form sends it."""
        return library.CANT_TELL if self.value is None else str(int(self.value))


@dataclass(frozen=True, slots=True)
class Question:
    """site and side are empty where the question is about the person."""

    item: Item
    site: str
    side: str
    targets: tuple[Target, ...]

    @property
    def key(self) -> str:
        return ".".join(filter(None, (self.item.link_id, self.site, self.side)))

    def wording(self, language: str) -> str:
        if not self.site:
            return self.item.wording(language, "")
        phrase = places.site_phrase(self.site, self.side, language)
        return self.item.wording(language, phrase)

    def earlier(self, answers: Answers) -> Answered | None:
        """What was answered before, None where nothing was."""
        given = [answers[target] for target in self.targets if target in answers]
        return Answered(given[0]) if given else None

    def is_answered(self, answers: Answers) -> bool:
        """For every response it answers for: one may have come later."""
        return all(target in answers for target in self.targets)


def compose(asked: Sequence[Asked]) -> list[Question]:
    """Every question once, in the order of the questionnaire."""
    items = {
        item.link_id: item for response in asked for item in response.instrument.items
    }
    order = list(items)
    targets: dict[Place, list[Target]] = defaultdict(list)
    for response in asked:
        for item in library.items_for(
            response.instrument, response.is_after_anchor, response.site
        ):
            target = Target(response.response_id, item.link_id)
            targets[_asked_as(item, response, asked)].append(target)
    return [
        Question(items[link_id], site, side, tuple(targets[link_id, site, side]))
        for link_id, site, side in sorted(targets, key=lambda p: order.index(p[0]))
    ]


def few(
    asked: Iterable[Question], cut: Collection[UUID], wanted: Collection[str]
) -> list[Question]:
    """Three of those whose link ids are wanted, in their order.

    Responses that are not cut are asked all; one that is cut is asked something,
    though four complaints make four taps of it.
    """
    kept: list[Question] = []
    reached: set[UUID] = set()
    for question in asked:
        responses = {target.response_id for target in question.targets}
        is_whole = not responses.issubset(cut)
        is_needed = len(kept) < TAPS or not responses <= reached
        if is_whole or (is_needed and question.item.link_id in wanted):
            kept.append(question)
            reached |= responses
    return kept


def first_unanswered(questions: Sequence[Question], answers: Answers) -> int | None:
    """Its number, counted from 1."""
    for number, question in enumerate(questions, 1):
        if not question.is_answered(answers):
            return number
    return None


def _asked_as(item: Item, response: Asked, asked: Iterable[Asked]) -> Place:
    """The question that answers this item, which may be another complaint's own.

    Back pain is not asked beside the pain of a complaint in the low back.
    """
    for other in asked:
        if other.site in item.skip_when_site:
            return item.score_from, other.site, other.side
    if item.scope == "complaint":
        return item.link_id, response.site, response.side
    return item.link_id, "", ""
