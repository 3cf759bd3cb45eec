"""A definition becomes a FHIR R4 Questionnaire again. Pure.

Equal in link ids, options and conditions to what was brought in. What FHIR has no word
for ("I can't tell", "none of these", boxes with names of their own) stands in
extensions of ours, which reading.py knows.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments.definition import (
    InstrumentDefinition,
    Item,
    Option,
    Words,
    in_language,
)
from outcomes.instruments.fhir import addresses, condition_writing, score_writing

Content = dict[str, Any]
TYPES = {
    "rating_0_10": "integer",
    "rating": "integer",
    "yes_no": "boolean",
    "open_choice": "open-choice",
    "line": "string",
    shape.BOXES: "choice",
}
# What stands for the part of the body, which only a survey knows.
SOMEWHERE = {"en": "where it hurts", "es": "donde le duele"}


def questionnaire(
    definition: InstrumentDefinition, measures: Mapping[str, score_writing.Named]
) -> Content:
    """As plain JSON values, in the order in which FHIR lists them.

    `measures` name its scores; `score_writing.unsaid` tells what is left out.
    """
    write = _Writer(definition)
    found: Content = {
        "resourceType": "Questionnaire",
        "language": write.base,
        "url": definition.url,
        "version": str(definition.version),
        "name": definition.key,
        **write.words("title", definition.title),
        "status": "active",
        "subjectType": ["Patient"],
        "copyright": definition.copyright or definition.licence,
        "item": [
            *(write.item(item) for item in definition.items),
            *score_writing.items(definition, measures),
        ],
    }
    return _plain({key: value for key, value in found.items() if value})


class _Writer:
    def __init__(self, definition: InstrumentDefinition) -> None:
        self.languages = definition.languages or tuple(definition.title)
        self.base = self.languages[0]
        self.items = definition.by_link_id

    def words(self, key: str, words: Words) -> Content:
        """The text in the first language, and its translations beside it."""
        if not words:
            return {}
        text = {
            language: in_language(words, language).replace(
                shape.SITE, in_language(SOMEWHERE, language)
            )
            for language in self.languages
        }
        others = [
            _in_language(addresses.TRANSLATION, language, text[language])
            for language in self.languages[1:]
        ]
        found: Content = {key: text[self.base]}
        return found | ({f"_{key}": {"extension": others}} if others else {})

    def item(self, item: Item, above: Item | None = None) -> Content:
        found: Content = {
            "extension": self._extensions(item),
            "linkId": item.link_id,
            "code": [_coding(item.code, item.system)] if item.code else [],
            **self.words("text", item.text),
            "type": TYPES.get(item.type, item.type),
            **condition_writing.enable_when(item, self.items),
            **self._answers(item),
            "item": self._inside(item, above),
        }
        return {key: value for key, value in found.items() if value not in ([], {}, "")}

    def _answers(self, item: Item) -> Content:
        if item.type in (shape.GROUP, shape.DISPLAY):
            return {}
        found: Content = {
            "required": not item.is_optional,
            "repeats": item.type == shape.BOXES,
            "readOnly": item.is_read_only,
        }
        found = {key: True for key, value in found.items() if value}
        if item.max_length:
            found["maxLength"] = item.max_length
        if item.options:
            places = [option.value for option in item.options]
            is_in_order = places == list(range(1, len(places) + 1))
            found["answerOption"] = [
                self._option(option, is_in_order=is_in_order)
                | _chosen(is_so=str(option.value) == item.initial)
                for option in item.options
            ]
        if item.type == shape.BOXES:
            found["answerOption"] = [
                self._box(item, box) | _chosen(is_so=box.initial == str(shape.YES))
                for box in item.items
            ]
        if item.initial and not item.options:
            found["initial"] = [condition_writing.initial(item)]
        return found

    def _option(self, option: Option, *, is_in_order: bool) -> Content:
        found: Content = {}
        if option.weight is not None:
            found["extension"] = [_decimal(addresses.WEIGHTS[0], option.weight)]
        number = str(option.value)
        if option.code:
            return found | self._coded(option.code, option.system, option.label)
        if set(option.label.values()) == {number}:
            return found | {"valueInteger": option.value}
        if is_in_order:
            return found | self.words("valueString", option.label)
        return found | self._coded(number, "", option.label)

    def _box(self, item: Item, box: Item) -> Content:
        code = condition_writing.code_of(box)
        listed = []
        if box.weight is not None:
            listed.append(_decimal(addresses.WEIGHTS[0], box.weight))
        if box.link_id != f"{item.link_id}/{code}":
            listed.append({"url": addresses.LINK_ID, "valueString": box.link_id})
        found: Content = {"extension": listed} if listed else {}
        if condition_writing.is_coded(item, box):
            return found | self._coded(code, box.system, box.text)
        if set(box.text.values()) == {code}:
            return found | {"valueInteger": int(code)}
        return found | self.words("valueString", box.text)

    def _coded(self, code: str, system: str, label: Words) -> Content:
        return {"valueCoding": _coding(code, system) | self.words("display", label)}

    # --- What stands beside ----------------------------------------------------------

    def _extensions(self, item: Item) -> list[Content]:
        found: list[Content] = []
        if item.is_hidden:
            found.append({"url": addresses.HIDDEN, "valueBoolean": True})
        found += self._range(item)
        if item.unit:
            unit = {"display": item.unit, "code": item.unit}
            found.append({"url": addresses.UNIT, "valueCoding": unit})
        if item.formula:
            expression = {"language": "text/fhirpath", "expression": item.formula}
            found.append({"url": addresses.CALCULATED, "valueExpression": expression})
        for address, words in (
            (addresses.CANT_TELL, item.cant_tell),
            (addresses.NONE, item.none),
        ):
            found += [
                _in_language(address, language, in_language(words, language))
                for language in (self.languages if words else ())
            ]
        return found + condition_writing.expression(item, self.items)

    def _range(self, item: Item) -> list[Content]:
        ends = (item.minimum, item.maximum)
        if item.type == "rating_0_10":
            ends = (Decimal(0), Decimal(10))
        found = [
            {"url": address, **_number(item, end)}
            for address, end in zip(
                (addresses.LEAST, addresses.MOST), ends, strict=True
            )
            if end is not None
        ]
        if item.is_rating:
            found.append(_control("slider"))
        if item.step > 1:
            found.append({"url": addresses.STEP, "valueInteger": item.step})
        return found

    def _inside(self, item: Item, above: Item | None) -> list[Content]:
        """What stands in a group; else what explains the question."""
        if item.type == shape.GROUP:
            return [self.item(each, item) for each in item.items]
        is_of_group = above is not None and item.help == above.text
        parts = (
            ("help", {} if is_of_group else item.help),
            ("lower", item.low),
            ("upper", item.high),
        )
        return [
            {
                "extension": [_control(name)],
                "linkId": f"{item.link_id}/{name}",
                **self.words("text", words),
                "type": "display",
            }
            for name, words in parts
            if words
        ]


def _chosen(*, is_so: bool) -> Content:
    """Beforehand; beside answerOption R4 knows no initial."""
    return {"initialSelected": True} if is_so else {}


def _in_language(address: str, language: str, text: str) -> Content:
    told = [
        {"url": "lang", "valueCode": language},
        {"url": "content", "valueString": text},
    ]
    return {"url": address, "extension": told}


def _coding(code: str, system: str) -> Content:
    return ({"system": system} if system else {}) | {"code": code}


def _number(item: Item, end: Decimal) -> Content:
    if item.type == "decimal":
        return {"valueDecimal": end}
    return {"valueInteger": int(end)}


def _decimal(url: str, value: Decimal) -> Content:
    return {"url": url, "valueDecimal": value}


def _control(code: str) -> Content:
    coding = {"system": addresses.CONTROLS, "code": code}
    return {"url": addresses.CONTROL, "valueCodeableConcept": {"coding": [coding]}}


def _plain(content: Mapping[str, Any]) -> Content:
    """With numbers as JSON writes them."""
    return {key: _json(value) for key, value in content.items()}


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return _plain(value)
    return [_json(each) for each in value] if isinstance(value, list) else value
