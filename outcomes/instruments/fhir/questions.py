"""What an item of a Questionnaire says of its question: answers, range, scale. Pure."""

from collections.abc import Mapping
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments import formulas
from outcomes.instruments.brought import clean, is_name, number, plain
from outcomes.instruments.fhir import addresses, extensions, scores
from outcomes.instruments.fhir.options import Options, find
from outcomes.instruments.fhir.words import Words, in_languages
from outcomes.instruments.findings import Findings

Json = Mapping[str, Any]
Content = dict[str, Any]
MOST_STEPS = 21
_CHOSEN = ("choice", "open_choice", shape.BOXES)
_OF_NUMBERS = {
    addresses.LEAST: "least value",
    addresses.MOST: "highest value",
    addresses.STEP: "step",
    addresses.UNIT: "unit",
}


class Questions:
    """Reads one question after the other; `known` are the items of the whole file."""

    def __init__(
        self,
        known: dict[str, Content],
        words: Words,
        options: Options,
        findings: Findings,
    ) -> None:
        self.known = known
        self.words = words
        self.options = options
        self.findings = findings

    def read(self, item: Content, told: Json) -> None:
        kind = item["type"]
        if told.get("readOnly") is True and kind != shape.DISPLAY:
            item["is_read_only"] = True
        if told.get("required") is not True and kind not in (
            shape.DISPLAY,
            shape.BOXES,
        ):
            item["is_optional"] = True
        if kind in _CHOSEN:
            self._options(item, told)
        if kind in shape.NUMBERS:
            self._range(item, told)
        self._ends_of_scale(item)
        self._own_words(item, told)
        if kind in ("line", "text", "open_choice") and "maxLength" in told:
            self._length(item, told)
        self._name_misplaced(item, told)
        self.code(item, told)
        self._formula(item, told)
        self._initial(item, told)
        self.fix(item)

    def fix(self, item: Content) -> None:
        """What nobody answers has no boxes that somebody answers."""
        boxes = item.get("items", ())
        for box in boxes:
            box |= {key: True for key in ("is_hidden", "is_read_only") if key in item}
        is_filled = item.get("formula") or any("initial" in e for e in (item, *boxes))
        if item.get("is_read_only") and not is_filled:
            self.findings.note(
                item["link_id"], "it is read-only, so nobody fills it in"
            )

    def _options(self, item: Content, told: Json) -> None:
        options = self.options.read(told, item["link_id"])
        if item["type"] == shape.BOXES:
            item["items"] = [self._box(item["link_id"], option) for option in options]
            self._know_boxes(item)
            return
        if item["type"] == "choice" and len(options) == 1:
            self.findings.refuse(item["link_id"], "it has only one option")
        chosen = [each for each in options if each.pop("is_initial") is True]
        if len(chosen) > 1:
            self.findings.refuse(
                item["link_id"], "more than one option is chosen beforehand"
            )
        for option in chosen:
            item["initial"] = str(option["value"])
        for option in options:
            option.pop("link_id", None)
        item["options"] = options

    def _know_boxes(self, item: Content) -> None:
        for box in item["items"]:
            if not is_name(box["link_id"]) or box["link_id"] in self.known:
                self.findings.refuse(
                    item["link_id"], f"the answer {box['link_id']} has too long a name"
                )
            self.known[box["link_id"]] = box

    def _box(self, link_id: str, option: Content) -> Content:
        code = option.get("code") or str(option["value"])
        name = option.pop("link_id", f"{link_id}/{code}")
        box: Content = {"link_id": name, "type": "yes_no"}
        box["text"] = dict(option["label"])
        if option["is_initial"] is True:
            box["initial"] = "1"
        for key in ("code", "system", "weight"):
            if key in option:
                box[key] = option[key]
        return box

    def _range(self, item: Content, told: Json) -> None:
        for key, address in (("minimum", addresses.LEAST), ("maximum", addresses.MOST)):
            told_value = extensions.value(told, address, "valueInteger", "valueDecimal")
            if told_value is None:
                continue
            value = number(told_value)
            if value is None:
                self.findings.refuse(item["link_id"], f"its {key} is no number")
            else:
                item[key] = plain(value)
        if _ends(item) and _ends(item)[0] > _ends(item)[1]:
            self.findings.refuse(item["link_id"], "its minimum is above its maximum")
        unit = extensions.value(told, addresses.UNIT, "valueCoding")
        if isinstance(unit, dict):
            item["unit"] = clean(unit.get("display") or unit.get("code"))[:40]
        self._rating(item, told)

    def _rating(self, item: Content, told: Json) -> None:
        """A scale of few whole steps is asked by radio buttons."""
        ends = _ends(item)
        if item["type"] != "integer" or not ends:
            return
        step = number(extensions.value(told, addresses.STEP, "valueInteger") or 1)
        whole = int(step) if step is not None and step >= 1 else 1
        count = int((ends[1] - ends[0]) // whole) + 1
        is_scale = extensions.control(told) == "slider" or ends == (0, 10)
        are_whole = all(end == int(end) for end in ends)
        if is_scale and are_whole and 2 <= count <= MOST_STEPS:
            item |= {"type": "rating", "step": whole}

    def _ends_of_scale(self, item: Content) -> None:
        """Words at the ends of a scale go with ratings only."""
        ends = [key for key in ("low", "high") if key in item]
        if ends and (item["type"] != "rating" or len(ends) == 1):
            self.findings.note(
                item["link_id"], "the words at the ends of its scale are not shown"
            )
            for key in ends:
                del item[key]

    def _own_words(self, item: Content, told: Json) -> None:
        names = {addresses.CANT_TELL: "cant_tell"}
        if item["type"] == shape.BOXES:
            names = {addresses.NONE: "none"}
        for address, key in names.items():
            words = self.words.known(in_languages(told, address), item["link_id"])
            if words:
                item[key] = words

    def _name_misplaced(self, item: Content, told: Json) -> None:
        """What goes with questions of another type only."""
        link_id, kind = item["link_id"], item["type"]
        if kind not in (*_CHOSEN, shape.DISPLAY):
            for key in ("answerOption", "answerValueSet"):
                if key in told:
                    self.findings.refuse(
                        link_id,
                        f"it has {key}, which goes with a choice only",
                        "Make it a choice or an open-choice.",
                    )
        if kind not in ("line", "text", "open_choice") and "maxLength" in told:
            self.findings.note(link_id, "its maxLength is not used")
        for address, what in _OF_NUMBERS.items():
            is_there = any(e.get("url") == address for e in extensions.of(told))
            if is_there and kind not in (*shape.NUMBERS, "rating"):
                self.findings.note(link_id, f"its {what} is not checked or shown")
        if told.get("type") == "quantity" and "unit" not in item:
            self.findings.note(link_id, "it is asked as a number without a unit")

    def _length(self, item: Content, told: Json) -> None:
        length = number(told["maxLength"])
        if length is None or length != int(length) or not 0 < length <= 4000:
            self.findings.note(
                item["link_id"], "its maxLength is not used; ours is 4000"
            )
        else:
            item["max_length"] = int(length)

    def code(self, item: Content, told: Json) -> None:
        codes = told.get("code")
        listed = (
            [each for each in codes if isinstance(each, dict)]
            if isinstance(codes, list)
            else []
        )
        if len(listed) > 1:
            self.findings.note(item["link_id"], "only its first code is kept")
        for coding in listed[:1]:
            if is_name(coding.get("code")):
                item["code"] = coding["code"]
                if isinstance(coding.get("system"), str):
                    item["system"] = clean(coding["system"])

    def _formula(self, item: Content, told: Json) -> None:
        if extensions.value(told, addresses.CALCULATED, "valueExpression") is None:
            return
        expression = scores.expression_of(told)
        if not expression:
            self.findings.refuse(
                item["link_id"], "its calculatedExpression is not in text/fhirpath"
            )
            return
        fault = formulas.fault(expression)
        if fault:
            self.findings.refuse(item["link_id"], f"its calculation: {fault}")
        elif item["type"] not in (*shape.NUMBERS, "rating"):
            self.findings.refuse(
                item["link_id"], "only a number can be calculated", "Make it a decimal."
            )
        else:
            item["formula"] = expression

    def _initial(self, item: Content, told: Json) -> None:
        """What is chosen or written before anybody answers."""
        listed = told.get("initial")
        if listed is None:
            return
        held = (
            [each for each in listed if isinstance(each, dict)]
            if isinstance(listed, list)
            else []
        )
        is_many = item["type"] == shape.BOXES
        if not held or (len(held) > 1 and not is_many):
            self.findings.refuse(item["link_id"], "its initial value is not one value")
            return
        for each in held:
            if not _begin_with(item, each):
                self.findings.refuse(
                    item["link_id"],
                    "its initial value is no answer to it",
                    "Take it out.",
                )


def _ends(item: Content) -> Any:
    low, high = number(item.get("minimum")), number(item.get("maximum"))
    return () if low is None or high is None else (low, high)


def _begin_with(item: Content, held: Json) -> bool:
    """Puts it on the item, or on the box that it checks; whether it is an answer."""
    key = next((key for key in held if key.startswith("value")), "")
    if "options" in item or "items" in item:
        listed = item.get("options") or item.get("items", [])
        option = find(listed, key.removeprefix("value"), held.get(key))
        if option is not None and "items" in item:
            option["initial"] = "1"
        elif option is not None:
            item["initial"] = str(option["value"])
        return option is not None
    text = _initial_text(item["type"], key, held.get(key))
    if text:
        item["initial"] = text
    return bool(text)


def _initial_text(kind: str, key: str, told: Any) -> str:
    """As the form sends it; empty where it is of another type."""
    if kind == "yes_no":
        return str(int(told)) if key == "valueBoolean" and told in (0, 1) else ""
    if kind in (*shape.NUMBERS, "rating"):
        amount = told.get("value") if isinstance(told, dict) else told
        value = number(amount) if not isinstance(amount, str) else None
        return "" if value is None else plain(value)
    keys = {"date": "valueDate", "time": "valueTime"}
    return clean(told) if key == keys.get(kind, "valueString") else ""
