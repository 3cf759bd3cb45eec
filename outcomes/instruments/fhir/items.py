"""From the items of a Questionnaire to items as stored definitions hold them. Pure."""

from collections.abc import Mapping
from typing import Any

from outcomes.instruments import brought
from outcomes.instruments import definition as shape
from outcomes.instruments.brought import MOST_ITEMS, is_name
from outcomes.instruments.fhir import addresses, extensions, scores
from outcomes.instruments.fhir.document import items_of
from outcomes.instruments.fhir.options import Options
from outcomes.instruments.fhir.questions import Questions
from outcomes.instruments.fhir.words import Words
from outcomes.instruments.findings import Findings

Json = Mapping[str, Any]
Content = dict[str, Any]
DEEPEST = 8
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
_LOST_OF_GROUPS = {
    "required": "that some of its questions must be answered is not checked",
    "initial": "its initial value is not used, as it is a group",
    "maxLength": "its maxLength is not used, as it is a group",
    "answerOption": "its options are not used, as it is a group",
    "answerValueSet": "its options are not used, as it is a group",
}
# Displays that belong to the question they stand in.
_PARTS = {"help": "help", "flyover": "help", "lower": "low", "upper": "high"}
_PARTS |= {"prompt": "help", "unit": "unit"}


class Items:
    """Reads items one after the other; conditions come once all are known."""

    def __init__(self, words: Words, options: Options, findings: Findings) -> None:
        self.words = words
        self.findings = findings
        self.known: dict[str, Content] = {}
        self.questions = Questions(self.known, words, options, findings)
        # What is no question but a score, as we write it.
        self.scores: list[Json] = []
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
        if scores.is_one(told):
            self.scores.append(told)
            return []
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
        if extensions.value(told, addresses.HIDDEN, "valueBoolean") is True:
            item["is_hidden"] = True
        if item["type"] == shape.GROUP:
            self._group(item, told, path, depth)
            return []
        beside = self._parts(item, told, path, depth)
        self.questions.read(item, told)
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
        for extension in extensions.of(told):
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
        for key, lost in _LOST_OF_GROUPS.items():
            if told.get(key):
                self.findings.note(item["link_id"], lost)
        self.questions.code(item, told)
        self._fix_inside(item, is_read_only=told.get("readOnly") is True)
        for each in item["items"] if "text" in item else ():
            # A page shows one question, so what is said of all stands at each.
            if each["type"] not in (shape.GROUP, shape.DISPLAY):
                each.setdefault("help", dict(item["text"]))

    def _fix_inside(self, item: Content, *, is_read_only: bool) -> None:
        """Of a group that nobody sees or fills in, nobody answers the questions."""
        for each in brought.walk(item["items"]):
            if item.get("is_hidden"):
                each["is_hidden"] = True
            if is_read_only and each["type"] not in (shape.GROUP, shape.DISPLAY):
                each["is_read_only"] = True
                self.questions.fix(each)

    def _parts(self, item: Content, told: Json, path: str, depth: int) -> list[Content]:
        """Displays that explain a question become part of it; others follow it."""
        rest = []
        inside = told.get("item")
        for each in inside if isinstance(inside, list) else []:
            part = (
                _PARTS.get(extensions.control(each)) if isinstance(each, dict) else None
            )
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


_OURS = {
    *(addresses.HIDDEN, addresses.CONTROL, addresses.UNIT, addresses.STEP),
    *(addresses.CANT_TELL, addresses.NONE),
    *(addresses.LEAST, addresses.MOST, addresses.CALCULATED, addresses.ENABLE_WHEN),
}
