"""Which questions hang on other answers, and whether they are asked. Pure.

As FHIR says it: a question is asked if all of its conditions hold, or any where that
is enough; a condition on a question that is not asked itself does not hold.
"""

from collections.abc import Iterable, Iterator, Mapping
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


def enabled(items: Iterable[Item], answers: Values) -> list[Item]:
    """The questions that are asked, in their order; also those inside of groups."""
    every = list(items)
    known = {each.link_id: each for item in every for each in item.walk()}
    return list(_asked(every, answers, known, {}))


def every_question(items: Iterable[Item]) -> list[Item]:
    """All that could be asked, also inside of groups, whatever was answered."""
    found: list[Item] = []
    for item in items:
        if not item.is_never_asked:
            found += every_question(item.items) if item.type == GROUP else [item]
    return found


def _asked(
    items: Iterable[Item],
    answers: Values,
    known: Mapping[str, Item],
    found: dict[str, bool],
) -> Iterator[Item]:
    for item in items:
        if item.is_never_asked or not is_enabled(item, answers, known, found):
            continue
        if item.type == GROUP:
            yield from _asked(item.items, answers, known, found)
        else:
            yield item


def is_enabled(
    item: Item,
    answers: Values,
    known: Mapping[str, Item],
    found: dict[str, bool] | None = None,
) -> bool:
    """Whether it is asked, given these answers; `known` are the items beside it."""
    found = {} if found is None else found
    if item.link_id not in found:
        # Until it is known, so that a ring of conditions ends.
        found[item.link_id] = False
        holds = [
            _holds(condition, answers, known, found) for condition in item.enable_when
        ]
        is_any = item.enable_any
        found[item.link_id] = not holds or (any(holds) if is_any else all(holds))
    return found[item.link_id]


def _holds(
    condition: Condition,
    answers: Values,
    known: Mapping[str, Item],
    found: dict[str, bool],
) -> bool:
    if condition.operator in (ALL, ANY):
        holds = [_holds(each, answers, known, found) for each in condition.conditions]
        return all(holds) if condition.operator == ALL else any(holds)
    other = known.get(condition.question)
    if other is not None and not is_enabled(other, answers, known, found):
        return condition.operator == "exists" and condition.answer == "false"
    given = answers.get(condition.question)
    if given is None and other is not None:
        given = other.constant
    if condition.operator == "exists":
        return (given is not None) == (condition.answer == "true")
    return given is not None and _compares(given, condition)


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
