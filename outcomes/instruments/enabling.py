"""Which questions hang on other answers, and whether they are asked. Pure.

As FHIR says it: a question is asked if all of its conditions hold, or any where that
is enough; a condition on a question that is not asked itself does not hold.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from outcomes.instruments.definition import (
    ALL,
    ANY,
    GROUP,
    Condition,
    Given,
    Item,
    Values,
)

_COMPARED = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Items with what was answered; `above` is what a question or a box stands in."""

    answers: Values
    known: Mapping[str, Item]
    above: Mapping[str, Item]
    found: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item], answers: Values) -> "_Sheet":
        known = {each.link_id: each for item in items for each in item.walk()}
        above = {part.link_id: each for each in known.values() for part in each.items}
        return cls(answers, known, above)

    def is_enabled(self, item: Item) -> bool:
        """Whether it is asked, and also what it stands in."""
        if item.link_id not in self.found:
            # Until it is known, so that a ring of conditions ends.
            self.found[item.link_id] = False
            above = self.above.get(item.link_id)
            self.found[item.link_id] = (
                above is None or self.is_enabled(above)
            ) and self._are_met(item)
        return self.found[item.link_id]

    def _are_met(self, item: Item) -> bool:
        holds = [self._holds(condition) for condition in item.enable_when]
        return not holds or (any(holds) if item.enable_any else all(holds))

    def _holds(self, condition: Condition) -> bool:
        if condition.operator in (ALL, ANY):
            holds = [self._holds(each) for each in condition.conditions]
            return all(holds) if condition.operator == ALL else any(holds)
        other = self.known.get(condition.question)
        if other is not None and not self.is_enabled(other):
            return condition.operator == "exists" and condition.answer == "false"
        given = self.answers.get(condition.question)
        if given is None and other is not None:
            given = other.constant
        if condition.operator == "exists":
            return (given is not None) == (condition.answer == "true")
        return given is not None and _compares(given, condition)


def enabled(items: Iterable[Item], answers: Values) -> list[Item]:
    """The questions that are asked, in their order; also those inside of groups."""
    every = list(items)
    return list(_asked(every, _Sheet.of(every, answers)))


def _asked(items: Iterable[Item], sheet: _Sheet) -> Iterator[Item]:
    for item in items:
        if item.is_never_asked or not sheet.is_enabled(item):
            continue
        if item.type == GROUP:
            yield from _asked(item.items, sheet)
        else:
            yield item


def every_question(items: Iterable[Item]) -> list[Item]:
    """All that could be asked, also inside of groups, whatever was answered."""
    found: list[Item] = []
    for item in items:
        if not item.is_never_asked:
            found += every_question(item.items) if item.type == GROUP else [item]
    return found


def conditional(items: Iterable[Item], *, is_inside: bool = False) -> set[str]:
    """The questions that hang on answers, by themselves or by what they stand in."""
    found: set[str] = set()
    for item in items:
        hangs = is_inside or bool(item.enable_when)
        if hangs:
            found.add(item.link_id)
        found |= conditional(item.items, is_inside=hangs)
    return found


def constants(items: Iterable[Item], answers: Values) -> dict[str, Given]:
    """What stands for answers to questions that nobody is asked, where they hold."""
    sheet = _Sheet.of(items, answers)
    return {
        link_id: item.constant
        for link_id, item in sheet.known.items()
        if item.constant is not None and sheet.is_enabled(item)
    }


def _compares(given: Decimal | str, condition: Condition) -> bool:
    compare = _COMPARED[condition.operator]
    if isinstance(given, str):
        return bool(compare(given, condition.answer))
    try:
        return bool(compare(given, Decimal(condition.answer)))
    except InvalidOperation:
        return condition.operator == "!="


def answered(items: Iterable[Item], answers: Values) -> dict[str, Given]:
    """The answers to questions that are asked; what is hidden by now says nothing."""
    kept = {each.link_id for item in enabled(items, answers) for each in item.answered}
    return {link_id: given for link_id, given in answers.items() if link_id in kept}
