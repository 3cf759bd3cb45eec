"""Which questions several follow-ups ask together, and what each one answers. Pure.

A question asked once may answer for several responses: what concerns the person is
shared by all complaints, and what concerns a body part by all complaints there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from outcomes.instruments import definition as shape
from outcomes.instruments import enabling
from outcomes.instruments.definition import (
    CANT_TELL,
    NONE_OF_THESE,
    YES,
    Given,
    Item,
    Values,
)
from patients.catalogue import places


@dataclass(frozen=True, slots=True)
class Asked:
    """One response to be filled: what it asks, and where it hurts.

    `family` is the questionnaire whose link ids these are: what ships has one of its
    own together, and each that a clinic brings another. `known` is what was said
    before and stands in a question's words or conditions.
    """

    response_id: UUID
    items: tuple[Item, ...]
    site: str
    side: str
    family: str = ""
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A place where an answer is stored."""

    response_id: UUID
    link_id: str


Answers = Mapping[Target, Given]
# So many questions make three taps of it.
TAPS = 3
# Family, link id, site and side.
Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """site and side are empty where the question is about the person.

    Of boxes there is a target for each box and response.
    """

    item: Item
    site: str
    side: str
    targets: tuple[Target, ...]
    family: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    # It is asked only once other answers ask for it, of every response.
    is_conditional: bool = False

    @property
    def key(self) -> str:
        parts = (self.family, self.item.link_id, self.site, self.side)
        return ".".join(filter(None, parts))

    @property
    def response_ids(self) -> set[UUID]:
        return {target.response_id for target in self.targets}

    def wording(self, language: str) -> str:
        phrase = places.site_phrase(self.site, self.side, language) if self.site else ""
        said = self.item.wording(language, phrase)
        for name, text in self.known.items():
            said = said.replace(f"{{{name}}}", text)
        return said

    def by_target(self, given: Values) -> dict[Target, Given]:
        """Where each part of an answer belongs; a question may stand in for another."""
        is_boxes = self.item.type == shape.BOXES
        return {
            target: given[link_id]
            for target in self.targets
            if (link_id := target.link_id if is_boxes else self.item.link_id) in given
        }

    def begun(self, given: Values, answers: Answers) -> Values:
        """Of boxes that are still being ticked: the rest is not answered by that.

        What was ticked before and is not any more has become a "no".
        """
        if self.item.type != shape.BOXES or YES not in given.values():
            return given
        stored = {target.link_id for target in self.targets if target in answers}
        return {
            link_id: value
            for link_id, value in given.items()
            if value == YES or link_id in stored
        }

    def earlier(self, answers: Answers) -> tuple[str, ...] | None:
        """What was answered before, as the form sends it; None where nothing was."""
        given = {t.link_id: answers[t] for t in self.targets if t in answers}
        if not given:
            return None
        if self.item.type != shape.BOXES:
            return (raw(self.item, next(iter(given.values()))),)
        chosen = tuple(link_id for link_id, value in given.items() if value == YES)
        return chosen or (NONE_OF_THESE,)

    @property
    def beginning(self) -> tuple[str, ...]:
        """What is chosen before anybody has answered, as the form sends it."""
        if self.item.type == shape.BOXES:
            return tuple(box.link_id for box in self.item.items if box.initial)
        return (self.item.initial,) if self.item.initial else ()

    def is_answered(self, answers: Answers) -> bool:
        """For every response it answers for: one may have come later."""
        return all(target in answers for target in self.targets)


def raw(item: Item, given: Given) -> str:
    """An answer as the form sends it."""
    if given is None:
        return CANT_TELL if item.allows_cant_tell else ""
    return given if isinstance(given, str) else f"{_short(given):f}"


def _short(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


def compose(
    asked: Sequence[Asked], answers: Answers | None = None, *, all_at_once: bool = False
) -> list[Question]:
    """Every question once, in the order of the questionnaire.

    What hangs on other answers is asked once these stand; all at once it is there from
    the start, as on a sheet of paper.
    """
    given = answers or {}
    order: dict[Place, int] = {}
    items: dict[Place, list[Item]] = defaultdict(list)
    targets: dict[Place, list[Target]] = defaultdict(list)
    known: dict[Place, dict[str, str]] = defaultdict(dict)
    unconditional: set[Place] = set()
    for response in asked:
        said = _said(response, given)
        hanging = enabling.conditional(response.items)
        for item in _items(response, said, all_at_once=all_at_once):
            place = _asked_as(item, response, asked)
            items[place].append(item)
            if item.link_id not in hanging:
                unconditional.add(place)
            known[place].update(_words(said))
            targets[place] += _targets(response, item)
    for response in asked:
        for item in enabling.every_question(response.items):
            order.setdefault((response.family, item.link_id, "", ""), len(order))
    return [
        Question(
            _merged(place[1], items[place], asked),
            place[2],
            place[3],
            tuple(dict.fromkeys(targets[place])),
            place[0],
            known[place],
            is_conditional=place not in unconditional,
        )
        for place in sorted(targets, key=lambda p: order[p[0], p[1], "", ""])
    ]


def _items(response: Asked, said: Values, *, all_at_once: bool) -> list[Item]:
    if all_at_once:
        return enabling.every_question(response.items)
    return enabling.enabled(response.items, said)


def _said(response: Asked, answers: Answers) -> dict[str, Given]:
    """What stands of this response, and what was said before it."""
    own = {t.link_id: value for t, value in answers.items() if _is_of(t, response)}
    return {**response.known, **own}


def _is_of(target: Target, response: Asked) -> bool:
    return target.response_id == response.response_id


def _words(said: Mapping[str, Given]) -> dict[str, str]:
    return {name: text for name, text in said.items() if isinstance(text, str)}


def _targets(response: Asked, item: Item) -> list[Target]:
    return [Target(response.response_id, each.link_id) for each in item.answered]


def _merged(link_id: str, found: Sequence[Item], asked: Sequence[Asked]) -> Item:
    """The item that is asked; with the boxes of all responses that ask some of it."""
    own = [item for item in found if item.link_id == link_id]
    if not own:
        return next(
            item for other in asked for item in other.items if item.link_id == link_id
        )
    boxes = {box.link_id: box for item in own for box in item.items}
    return replace(own[0], items=tuple(boxes.values())) if boxes else own[0]


def few(
    asked: Iterable[Question], cut: Collection[UUID], wanted: Collection[str]
) -> list[Question]:
    """Three of those whose link ids are wanted, in their order.

    Responses that are not cut are asked all; one that is cut is asked something,
    though four complaints make four taps of it.
    """
    every = list(asked)
    cuttable = {
        target.response_id
        for question in every
        if question.item.link_id in wanted
        for target in question.targets
    } & set(cut)
    kept: list[Question] = []
    reached: set[UUID] = set()
    for question in every:
        responses = {target.response_id for target in question.targets}
        is_whole = not responses.issubset(cuttable)
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
        is_asked = any(each.link_id == item.score_from for each in other.items)
        if other.site in item.skip_when_site and is_asked:
            return response.family, item.score_from, other.site, other.side
    if item.scope == "complaint":
        return response.family, item.link_id, response.site, response.side
    return response.family, item.link_id, "", ""
