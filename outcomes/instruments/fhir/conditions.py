"""When a question is asked: enableWhen, and the expressions that we write ourselves."""

from collections.abc import Callable, Mapping
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments.brought import clean, number, plain
from outcomes.instruments.fhir import addresses, expressions, extensions
from outcomes.instruments.fhir.options import find
from outcomes.instruments.findings import Findings

Json = Mapping[str, Any]
Content = dict[str, Any]
Refuse = Callable[[str], None]
# The kinds of questions that each kind of answer can be compared with.
_NUMBERED = (*shape.NUMBERS, *shape.RATINGS)
_FITS = {
    "answerBoolean": ("yes_no",),
    "answerCoding": ("choice", "open_choice", shape.BOXES),
    "answerInteger": (*_NUMBERED, "choice", "open_choice", shape.BOXES),
    "answerDecimal": _NUMBERED,
    "answerQuantity": _NUMBERED,
    "answerString": ("line", "text", "choice", "open_choice", shape.BOXES),
    "answerDate": ("date",),
    "answerTime": ("time",),
}
MOST = 50


class Conditions:
    """Reads conditions once all items are known."""

    def __init__(self, items: Mapping[str, Content], findings: Findings) -> None:
        self.items = items
        self.findings = findings

    def read(self, told: Json, item: Content) -> None:
        """Puts them on the item; what cannot be kept is named."""
        where = item["link_id"]
        listed = told.get("enableWhen")
        if listed is None:
            self._expression(told, item)
            return
        if any(e.get("url") == addresses.ENABLE_WHEN for e in extensions.of(told)):
            self.findings.refuse(
                where, "it has both enableWhen and an expression for it", "Keep one."
            )
        if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
            self.findings.refuse(
                where, f"its enableWhen is no list of 1 to {MOST} conditions"
            )
            return
        found = [
            self._one(each, f"{where}, enableWhen {place + 1}")
            for place, each in enumerate(listed)
        ]
        item["enable_when"] = [each for each in found if each]
        if self._is_any(told, where, len(listed)):
            item["enable_any"] = True

    def _is_any(self, told: Json, where: str, count: int) -> bool:
        behavior = told.get("enableBehavior")
        if behavior not in ("all", "any", None) or (behavior is None and count > 1):
            self.findings.refuse(
                where,
                f"whether all or any of its {count} conditions must hold is not said",
                "Set enableBehavior to all or any.",
            )
        return behavior == "any" and count > 1

    def _expression(self, told: Json, item: Content) -> None:
        for extension in extensions.of(told):
            if extension.get("url") != addresses.ENABLE_WHEN:
                continue
            held = extension.get("valueExpression")
            text = held.get("expression") if isinstance(held, dict) else None
            found = expressions.read(text if isinstance(text, str) else "")
            where = item["link_id"]
            if found is None:
                self.findings.refuse(
                    where,
                    "the expression that decides whether it is asked is not supported",
                    "Write it as enableWhen.",
                )
                return
            kept = self._known(found, where)
            if kept:
                item["enable_when"] = [kept]

    def _known(self, told: Content, where: str) -> Content | None:
        """As stored conditions say it: options by their values, boxes by link ids."""
        if "conditions" in told:
            parts = [self._known(each, where) for each in told["conditions"]]
            kept = [each for each in parts if each]
            return {**told, "conditions": kept} if len(kept) == len(parts) else None
        other = self.items.get(told["question"])
        if other is None:
            self.findings.refuse(
                where, f"it hangs on {told['question']}, which is no question"
            )
            return None
        answer = told.get("box", told["answer"])
        if "box" in told or other.get("options"):
            options = other.get("items") or other.get("options", [])
            named = [each for each in options if answer in _names(each)]
            if not named and (told["operator"] != "exists" or "box" in told):
                self.findings.refuse(where, f"{answer} is none of the options")
                return None
            if "box" in told:
                there = told["answer"] == "true"
                return (
                    _is_checked(named[0]["link_id"], checked=there) if named else None
                )
            answer = str(named[0]["value"]) if named else answer
        elif other["type"] == "yes_no" and told["operator"] != "exists":
            answer = str(int(answer == "true"))
        return {**told, "answer": answer}

    def _one(self, told: object, where: str) -> Content | None:
        def refuse(problem: str, remedy: str = "") -> None:
            self.findings.refuse(where, problem, remedy)

        if not isinstance(told, dict):
            refuse("it is no condition")
            return None
        question, operator = told.get("question"), told.get("operator")
        other = self.items.get(question) if isinstance(question, str) else None
        if other is None:
            refuse(f"it hangs on {question!r}, which is no question of this file")
            return None
        if other["type"] in (shape.GROUP, shape.DISPLAY):
            refuse(f"it hangs on {question}, which nobody answers")
            return None
        if operator not in shape.OPERATORS:
            refuse(f"the operator {operator!r} is not one of R4")
            return None
        answers = [key for key in told if key.startswith("answer")]
        if len(answers) != 1:
            refuse("it needs exactly one answer", "Give it one answer[x].")
            return None
        if operator == "exists":
            return _exists(other, told[answers[0]], refuse)
        return self._compared(other, operator, answers[0], told[answers[0]], refuse)

    def _compared(
        self, other: Content, operator: str, key: str, answer: object, refuse: Refuse
    ) -> Content | None:
        if other["type"] not in _FITS.get(key, ()):
            refuse(f"{key} is no answer to {other['link_id']} ({other['type']})")
            return None
        is_listed = bool(other.get("options")) or other["type"] == shape.BOXES
        is_ordered = operator not in ("=", "!=")
        if is_ordered and is_listed and key != "answerInteger":
            refuse(f"{operator} does not go with the options of {other['link_id']}")
            return None
        if other["type"] == shape.BOXES:
            return _box(other, operator, key, answer, refuse)
        text = (
            _chosen(other["options"], key, answer, refuse)
            if is_listed
            else _plain(key, answer, refuse)
        )
        if text is None:
            return None
        return {"question": other["link_id"], "operator": operator, "answer": text}


def _names(option: Content) -> tuple[str, ...]:
    tail = option.get("link_id", "").rpartition("/")[2]
    return option.get("code", ""), str(option.get("value", "")), tail


def _exists(other: Content, answer: object, refuse: Refuse) -> Content | None:
    if not isinstance(answer, bool):
        refuse("exists needs an answerBoolean")
        return None
    if other["type"] != shape.BOXES:
        text = "true" if answer else "false"
        return {"question": other["link_id"], "operator": "exists", "answer": text}
    boxes = [_is_checked(box["link_id"], checked=answer) for box in other["items"]]
    return {"operator": shape.ANY if answer else shape.ALL, "conditions": boxes}


def _is_checked(link_id: str, *, checked: bool) -> Content:
    return {"question": link_id, "operator": "=", "answer": str(int(checked))}


def _box(
    other: Content, operator: str, key: str, answer: object, refuse: Refuse
) -> Content | None:
    """Of several answers one is the wanted one; that none is, FHIR cannot say."""
    if operator != "=":
        refuse(f"{operator} is not supported where several options can be chosen")
        return None
    found = find(other["items"], key.removeprefix("answer"), answer)
    if found is None:
        refuse(f"{_told(answer)} is no option of {other['link_id']}")
        return None
    return _is_checked(found["link_id"], checked=True)


def _chosen(
    options: list[Content], key: str, answer: object, refuse: Refuse
) -> str | None:
    found = find(options, key.removeprefix("answer"), answer)
    if found is None:
        refuse(f"{_told(answer)} is none of the options")
        return None
    return str(found["value"])


def _told(answer: object) -> str:
    coding = answer if isinstance(answer, dict) else {}
    return str(coding.get("code", answer))


def _plain(key: str, answer: object, refuse: Refuse) -> str | None:
    if key == "answerBoolean":
        if isinstance(answer, bool):
            return str(int(answer))
    elif key in ("answerInteger", "answerDecimal", "answerQuantity"):
        held = answer.get("value") if isinstance(answer, dict) else answer
        value = number(held)
        if value is not None and not isinstance(held, str):
            return plain(value)
    elif clean(answer):
        return clean(answer)
    refuse(f"its {key} is not what it says")
    return None
