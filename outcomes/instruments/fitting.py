"""Whether the parts of a questionnaire fit together; a fault names its place. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from clinic.reference_data import Entry
from outcomes.instruments import definition as shape
from outcomes.instruments.definition import (
    Condition,
    InstrumentDefinition,
    Item,
    Scale,
)
from patients.catalogue import places


def check_item(entry: Entry, item: Item) -> None:
    _check_place(entry, item)
    if item.type in (shape.BOXES, shape.GROUP) and not item.items:
        raise entry.error("items", "name at least one question inside.")
    if item.type == "rating" and not item.values:
        raise entry.error("minimum", "a rating needs a minimum, a maximum and a step.")
    for key in ("skip_when_site", "only_sites"):
        for site in getattr(item, key):
            if site not in places.body_sites():
                raise entry.error(key, f"{site!r} is no body site.")
    for box in item.items if item.type == shape.BOXES else ():
        if box.type != "yes_no":
            raise entry.error(f"items ({box.link_id})", "a box is of type yes_no.")


def _check_place(entry: Entry, item: Item) -> None:
    """A question of one complaint names its site; a question of the person cannot."""
    is_of_complaint = item.scope == "complaint"
    for language, text in item.text.items():
        is_named = shape.SITE in text
        if is_named and not is_of_complaint:
            wrong = "must not"
        elif is_of_complaint and item.is_rating and not is_named:
            wrong = "must"
        else:
            continue
        raise entry.error(
            f"text.{language}", f"{wrong} hold {shape.SITE}, as scope is {item.scope}."
        )


def check_together(entry: Entry, found: InstrumentDefinition) -> None:
    items = found.by_link_id
    for item in items.values():
        _check_score_from(entry, item, items)
        _check_conditions(entry, item, items)
    used: set[str] = {item.measure for item in items.values() if item.measure}
    for scale in found.scales:
        where = f"scales ({scale.measure})"
        if scale.measure in used:
            raise entry.error(where, "another score is called the same.")
        used.add(scale.measure)
        _check_scale(entry, where, scale, items)


def _check_score_from(entry: Entry, item: Item, items: Mapping[str, Item]) -> None:
    where = f"items ({item.link_id})"
    if bool(item.skip_when_site) != bool(item.score_from):
        raise entry.error(where, "skip_when_site and score_from need each other.")
    if not item.score_from:
        return
    other = items.get(item.score_from)
    if other is None or not _can_answer_for(other, item):
        raise entry.error(
            f"{where}, score_from",
            f"{item.score_from!r} must be an item that is always asked "
            "and has the same values.",
        )


def _can_answer_for(other: Item, item: Item) -> bool:
    is_always_asked = other.when == "always" and not other.skip_when_site
    return is_always_asked and other.values == item.values


def _check_conditions(entry: Entry, item: Item, items: Mapping[str, Item]) -> None:
    for condition in _single(item):
        if condition.question not in items:
            raise entry.error(
                f"items ({item.link_id}), enable_when",
                f"there is no question {condition.question!r}.",
            )
    if item.link_id in _leads_to(item, items):
        raise entry.error(
            f"items ({item.link_id}), enable_when",
            "hangs on its own answer, over the questions that it hangs on.",
        )


def _single(item: Item) -> Iterator[Condition]:
    """Its conditions on one answer each."""
    for condition in item.enable_when:
        yield from condition.single()


def named(item: Mapping[str, Any]) -> set[str]:
    """The questions that the conditions of an item name, as it stands in a file."""
    found: set[str] = set()
    ahead = list(item.get("enable_when", ()))
    while ahead:
        condition = ahead.pop()
        ahead += condition.get("conditions", ())
        found |= {condition["question"]} if condition.get("question") else set()
    return found


def _leads_to(item: Item, items: Mapping[str, Item]) -> set[str]:
    """All questions whose answers decide whether this one is asked."""
    seen: set[str] = set()
    ahead = [condition.question for condition in _single(item)]
    while ahead:
        name = ahead.pop()
        if name not in seen and name in items:
            seen.add(name)
            ahead += [condition.question for condition in _single(items[name])]
    return seen


def _check_scale(
    entry: Entry, where: str, scale: Scale, items: Mapping[str, Item]
) -> None:
    if not scale.items:
        raise entry.error(f"{where}, items", "name the questions that it is made of.")
    for link_id in (*scale.items, *scale.reversed, *scale.weights):
        if link_id not in items:
            raise entry.error(where, f"there is no question {link_id!r}.")
    for link_id in scale.reversed:
        if not items[link_id].values and items[link_id].maximum is None:
            raise entry.error(where, f"{link_id!r} has no range to be reversed in.")
    if scale.at_least > len(scale.items):
        raise entry.error(
            f"{where}, at_least", f"there are only {len(scale.items)} questions."
        )
    bounds = [band.up_to for band in scale.bands]
    if bounds != sorted(set(bounds)):
        raise entry.error(f"{where}, bands", "must rise, each up_to once.")
