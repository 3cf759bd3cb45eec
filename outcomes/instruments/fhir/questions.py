"""What an item of a Questionnaire says of its question: answers, range, scale. Pure."""

from collections.abc import Mapping
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments import formulas
from outcomes.instruments.brought import clean, is_name, number, plain
from outcomes.instruments.fhir import addresses, extensions
from outcomes.instruments.fhir.options import Options
from outcomes.instruments.fhir.words import Words, in_languages
from outcomes.instruments.findings import Findings

Json = Mapping[str, Any]
Content = dict[str, Any]
MOST_STEPS = 21


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
        link_id, kind = item["link_id"], item["type"]
        if told.get("readOnly") is True and kind != shape.DISPLAY:
            item["is_read_only"] = True
        if told.get("required") is not True and kind not in (
            shape.DISPLAY,
            shape.BOXES,
        ):
            item["is_optional"] = True
        if kind in ("choice", "open_choice", shape.BOXES):
            self._options(item, told)
        if kind in shape.NUMBERS:
            self._range(item, told)
        self._ends_of_scale(item)
        self._own_words(item, told)
        if kind in ("line", "text", "open_choice") and "maxLength" in told:
            self._length(item, told)
        self._code(item, told)
        self._formula(item, told)
        self._initial(item, told)
        is_unfilled = item.get("is_read_only") and not (
            item.get("formula") or item.get("initial")
        )
        if is_unfilled:
            self.findings.note(link_id, "it is read-only, so nobody fills it in")

    def _options(self, item: Content, told: Json) -> None:
        options = self.options.read(told, item["link_id"])
        if item["type"] != shape.BOXES:
            if item["type"] == "choice" and len(options) == 1:
                self.findings.refuse(item["link_id"], "it has only one option")
            for option in options:
                option.pop("link_id", None)
            item["options"] = options
            return
        item["items"] = [self._box(item["link_id"], option) for option in options]
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

    def _length(self, item: Content, told: Json) -> None:
        length = number(told["maxLength"])
        if length is None or length != int(length) or not 0 < length <= 4000:
            self.findings.note(
                item["link_id"], "its maxLength is not used; ours is 4000"
            )
        else:
            item["max_length"] = int(length)

    def _code(self, item: Content, told: Json) -> None:
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
        held = extensions.value(told, addresses.CALCULATED, "valueExpression")
        if held is None:
            return
        expression = held.get("expression") if isinstance(held, dict) else None
        language = held.get("language") if isinstance(held, dict) else None
        if not isinstance(expression, str) or language not in ("text/fhirpath", None):
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
        listed = told.get("initial")
        if listed is None:
            return
        held = listed[0] if isinstance(listed, list) and len(listed) == 1 else None
        if not isinstance(held, dict):
            self.findings.refuse(item["link_id"], "its initial value is not one value")
            return
        kind = item["type"]
        found = _initial_text(item, held) if kind != shape.BOXES else None
        if found is None:
            self.findings.refuse(
                item["link_id"], "its initial value is no answer to it", "Take it out."
            )
        else:
            item["initial"] = found


def _ends(item: Content) -> Any:
    low, high = number(item.get("minimum")), number(item.get("maximum"))
    return () if low is None or high is None else (low, high)


def _initial_text(item: Content, held: Json) -> str | None:
    kind = item["type"]
    if kind == "yes_no":
        value = held.get("valueBoolean")
        return str(int(value)) if isinstance(value, bool) else None
    if item.get("options"):
        coding = held.get("valueCoding")
        code = coding.get("code") if isinstance(coding, dict) else None
        told = code if code is not None else held.get("valueInteger")
        for option in item["options"]:
            if told is not None and told in (option.get("code"), option["value"]):
                return str(option["value"])
        return None
    if kind in (*shape.NUMBERS, "rating"):
        quantity = held.get("valueQuantity")
        amount = quantity.get("value") if isinstance(quantity, dict) else None
        value = number(held.get("valueDecimal", held.get("valueInteger", amount)))
        return None if value is None else plain(value)
    text = held.get("valueString", held.get(f"value{kind.title()}"))
    return clean(text) or None
