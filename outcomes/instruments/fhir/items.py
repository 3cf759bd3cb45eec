"""From the items of a Questionnaire to items as stored definitions hold them. Pure."""

from collections.abc import Mapping
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments import formulas
from outcomes.instruments.brought import MOST_ITEMS, clean, is_name, number, plain
from outcomes.instruments.fhir import addresses
from outcomes.instruments.fhir.document import items_of
from outcomes.instruments.fhir.options import Options
from outcomes.instruments.fhir.words import Words, extensions, in_languages
from outcomes.instruments.findings import Findings

Json = Mapping[str, Any]
Content = dict[str, Any]
DEEPEST = 8
MOST_STEPS = 21
TYPES = {
    "group": shape.GROUP,
    "display": shape.DISPLAY,
    "boolean": "yes_no",
    "decimal": "decimal",
    "quantity": "decimal",
    "integer": "integer",
    "date": "date",
    "time": "time",
    "string": "line",
    "text": "text",
    "choice": "choice",
    "open-choice": "open_choice",
}
INSTEAD = {
    "dateTime": "Ask for a date.",
    "url": "Ask for a string.",
    "question": "Give it the type of its answer.",
}
# Read here or by others; whatever else stands on an item is named.
_READ = {
    *("linkId", "text", "_text", "type", "required", "repeats", "readOnly", "item"),
    *("maxLength", "answerOption", "answerValueSet", "enableWhen", "enableBehavior"),
    *("initial", "extension", "code", "id", "modifierExtension"),
}
_LOST_KEYS = {
    "prefix": "its number or prefix is not shown",
    "definition": "the element it is defined by is not kept",
}
# Displays that belong to the question they stand in.
_PARTS = {"help": "help", "flyover": "help", "lower": "low", "upper": "high"}
_PARTS |= {"prompt": "help", "unit": "unit"}


class Items:
    """Reads items one after the other; conditions come once all are known."""

    def __init__(self, words: Words, options: Options, findings: Findings) -> None:
        self.words = words
        self.options = options
        self.findings = findings
        self.known: dict[str, Content] = {}
        # What each looked like in the file, for what is read later.
        self.told: dict[str, Json] = {}

    def read(self, questionnaire: Json) -> list[Content]:
        count = sum(1 for _ in items_of(questionnaire))
        if count > MOST_ITEMS:
            self.findings.refuse("item", f"there are {count}; at most {MOST_ITEMS}")
            return []
        return self._inside(questionnaire, "", 0)

    def _inside(self, held: Json, path: str, depth: int) -> list[Content]:
        items = held.get("item", [])
        if not isinstance(items, list):
            self.findings.refuse(f"{path}item", "it is no list")
            return []
        found: list[Content] = []
        for place, item in enumerate(items):
            here = f"{path}item[{place}]"
            if not isinstance(item, dict):
                self.findings.refuse(here, "it is no item")
            elif depth >= DEEPEST:
                self.findings.refuse(here, f"it stands more than {DEEPEST} groups deep")
            else:
                found += self._item(item, here, depth)
        return found

    def _item(self, told: Json, path: str, depth: int) -> list[Content]:
        """The item, and after it those that stood in a question."""
        link_id = self._link_id(told, path)
        kind = self._type(told, link_id or path)
        if not link_id or not kind:
            # What stands in it is read all the same, so that all is named at once.
            self._inside(told, f"{path}.", depth + 1)
            return []
        item: Content = {"link_id": link_id, "type": kind}
        self.known[link_id], self.told[link_id] = item, told
        self._name_unread(told, link_id)
        text = self.words.read(told, "text", link_id)
        if text:
            item["text"] = text
        elif kind != shape.GROUP:
            self.findings.refuse(link_id, "its text is empty", "Give it a text.")
        return [item, *self._by_type(item, told, path, depth)]

    def _by_type(
        self, item: Content, told: Json, path: str, depth: int
    ) -> list[Content]:
        if item["type"] == shape.GROUP:
            self._hidden(item, told)
            self._group(item, told, path, depth)
            return []
        beside = self._parts(item, told, path, depth)
        self._question(item, told)
        return beside

    def _link_id(self, told: Json, path: str) -> str:
        link_id = told.get("linkId")
        if not is_name(link_id):
            self.findings.refuse(
                path,
                "its linkId is missing, has spaces around it or is longer than 60",
                "Give each item a linkId of its own.",
            )
            return ""
        name = str(link_id)
        if name in self.known:
            self.findings.refuse(name, "the linkId stands twice", "Use each one once.")
            return ""
        return name

    def _type(self, told: Json, where: str) -> str:
        told_type = told.get("type")
        kind = TYPES.get(told_type, "") if isinstance(told_type, str) else ""
        if not kind:
            remedy = INSTEAD.get(str(told_type), "Take it out, or ask it as a text.")
            self.findings.refuse(
                where, f"the type {told_type!r} is not supported", remedy
            )
        if told.get("repeats") is True and kind not in ("choice", ""):
            self.findings.refuse(
                where,
                f"repeats is not supported for the type {told_type}",
                "Only a choice can have several answers.",
            )
        is_many = kind == "choice" and told.get("repeats") is True
        return shape.BOXES if is_many else kind

    def _name_unread(self, told: Json, link_id: str) -> None:
        if "modifierExtension" in told:
            self.findings.refuse(
                link_id, "a modifierExtension changes what it means", "Take it out."
            )
        for key in told:
            if key not in _READ and key != "_linkId":
                lost = _LOST_KEYS.get(key, f"{key} is not used")
                self.findings.note(link_id, lost)
        for extension in extensions(told):
            self._name_extension(str(extension.get("url")), link_id)

    def _name_extension(self, address: str, link_id: str) -> None:
        if address in _OURS or address in addresses.HARMLESS:
            return
        if address in addresses.REFUSED:
            what = addresses.REFUSED[address]
            self.findings.refuse(link_id, f"{what} is not supported", "Take it out.")
        else:
            lost = addresses.LOST.get(address, f"the extension {address} is not used")
            self.findings.note(link_id, lost)

    # --- Groups, and what stands in questions ----------------------------------------

    def _group(self, item: Content, told: Json, path: str, depth: int) -> None:
        item["items"] = self._inside(told, f"{path}.", depth + 1)
        if not item["items"]:
            self.findings.refuse(item["link_id"], "the group holds no questions")
        for each in item["items"] if "text" in item else ():
            # A page shows one question, so what is said of all stands at each.
            if each["type"] not in (shape.GROUP, shape.DISPLAY):
                each.setdefault("help", dict(item["text"]))

    def _parts(self, item: Content, told: Json, path: str, depth: int) -> list[Content]:
        """Displays that explain a question become part of it; others follow it."""
        rest = []
        inside = told.get("item")
        for each in inside if isinstance(inside, list) else []:
            part = _PARTS.get(_control(each)) if isinstance(each, dict) else None
            if part and each.get("type") == "display":
                self._part(item, part, each)
            else:
                rest.append(each)
        if rest and "enableWhen" in told:
            self.findings.refuse(
                item["link_id"],
                "questions stand in a question that has a condition",
                "Put them beside it, in a group.",
            )
        elif rest:
            self.findings.note(
                item["link_id"], "the questions within it are asked after it"
            )
        return self._inside({"item": rest}, f"{path}.", depth + 1)

    def _part(self, item: Content, part: str, told: Json) -> None:
        text = self.words.read(told, "text", f"{item['link_id']}, {part}")
        if text:
            item[part] = text[self.words.base] if part == "unit" else text

    # --- Questions --------------------------------------------------------------------

    def _question(self, item: Content, told: Json) -> None:
        link_id, kind = item["link_id"], item["type"]
        self._hidden(item, told)
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

    def _hidden(self, item: Content, told: Json) -> None:
        if _value(told, addresses.HIDDEN, "valueBoolean") is True:
            item["is_hidden"] = True

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
            told_value = _value(told, address, "valueInteger", "valueDecimal")
            if told_value is None:
                continue
            value = number(told_value)
            if value is None:
                self.findings.refuse(item["link_id"], f"its {key} is no number")
            else:
                item[key] = plain(value)
        if _ends(item) and _ends(item)[0] > _ends(item)[1]:
            self.findings.refuse(item["link_id"], "its minimum is above its maximum")
        unit = _value(told, addresses.UNIT, "valueCoding")
        if isinstance(unit, dict):
            item["unit"] = clean(unit.get("display") or unit.get("code"))[:40]
        self._rating(item, told)

    def _rating(self, item: Content, told: Json) -> None:
        """A scale of few whole steps is asked by radio buttons."""
        ends = _ends(item)
        if item["type"] != "integer" or not ends:
            return
        step = number(_value(told, addresses.STEP, "valueInteger") or 1)
        whole = int(step) if step is not None and step >= 1 else 1
        count = int((ends[1] - ends[0]) // whole) + 1
        is_scale = _control(told) == "slider" or ends == (0, 10)
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
        held = _value(told, addresses.CALCULATED, "valueExpression")
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


_OURS = {
    *(addresses.HIDDEN, addresses.CONTROL, addresses.UNIT, addresses.STEP),
    *(addresses.CANT_TELL, addresses.NONE),
    *(addresses.LEAST, addresses.MOST, addresses.CALCULATED, addresses.ENABLE_WHEN),
}


def _value(told: Json, address: str, *keys: str) -> Any:
    for extension in extensions(told):
        if extension.get("url") == address:
            return next((extension[key] for key in keys if key in extension), None)
    return None


def _control(told: Json) -> str:
    concept = _value(told, addresses.CONTROL, "valueCodeableConcept")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    listed = codings if isinstance(codings, list) else []
    codes = [each.get("code") for each in listed if isinstance(each, dict)]
    return next((code for code in codes if isinstance(code, str)), "")


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
