"""The options of a choice: listed, or in a value set that the file contains. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from outcomes.instruments.brought import clean, is_name, number, plain
from outcomes.instruments.fhir import addresses, extensions
from outcomes.instruments.fhir.words import Words
from outcomes.instruments.findings import Findings

Json = Mapping[str, Any]
MOST_OPTIONS = 200
# What a form sends back: answers.py reads no longer numbers.
_WHOLE = re.compile(r"-?[0-9]{1,4}")
_INLINE = "List the options in the item itself, as answerOption."


class Options:
    """Reads the options of items; value sets are looked up in the same file."""

    def __init__(self, contained: Json, words: Words, findings: Findings) -> None:
        self.contained = contained
        self.words = words
        self.findings = findings

    def read(self, item: Json, where: str) -> list[dict[str, Any]]:
        """As stored definitions hold them: {value, label, code, system, weight}."""
        found = []
        for place, told in enumerate(self._told(item, where)):
            option = self._one(told, f"{where}, option {place + 1}")
            if option:
                found.append(option | {"is_initial": told.get("initialSelected")})
        if len(found) > MOST_OPTIONS:
            self.findings.refuse(where, f"it has more than {MOST_OPTIONS} options")
            return []
        return self._numbered(self._without_twins(found, where))

    def _told(self, item: Json, where: str) -> list[Json]:
        options, address = item.get("answerOption"), item.get("answerValueSet")
        if options is not None and address is not None:
            self.findings.refuse(
                where,
                "it has both answerOption and answerValueSet",
                "Keep one of them.",
            )
            return []
        if address is not None:
            return self._in_value_set(address, where)
        if not isinstance(options, list) or not options:
            self.findings.refuse(where, "it is a choice without options", _INLINE)
            return []
        return [each if isinstance(each, dict) else {} for each in options]

    def _in_value_set(self, address: object, where: str) -> list[Json]:
        name = address if isinstance(address, str) else ""
        held = self.contained.get(name.removeprefix("#")) if name[:1] == "#" else None
        if not isinstance(held, dict) or held.get("resourceType") != "ValueSet":
            self.findings.refuse(
                where,
                f"its options are in the value set {name or address!r}, which is not "
                "in this file",
                _INLINE,
            )
            return []
        concepts = self._concepts(held, where)
        found: list[Json] = [{"valueCoding": each} for each in concepts]
        if not found:
            self.findings.refuse(
                where, f"the value set {name} lists no concepts", _INLINE
            )
        return found

    def _concepts(self, held: Json, where: str) -> list[Json]:
        """Of the expansion where there is one, else as composed."""
        expansion = _table(held.get("expansion"))
        found: list[Json] = _tables(expansion.get("contains"))
        if found:
            return found
        compose = _table(held.get("compose"))
        if compose.get("exclude"):
            self.findings.refuse(where, "its value set excludes concepts", _INLINE)
        for include in _tables(compose.get("include")):
            if include.get("filter") or include.get("valueSet"):
                self.findings.refuse(
                    where, "its value set is filtered or made of others", _INLINE
                )
            concepts = _tables(include.get("concept"))
            found += [{**each, "system": include.get("system")} for each in concepts]
        return found

    def _one(self, told: Json, where: str) -> dict[str, Any] | None:
        self._note_unknown(told, where)
        if "valueCoding" in told:
            return self._coding(told, where)
        return self._uncoded(told, where)

    def _uncoded(self, told: Json, where: str) -> dict[str, Any] | None:
        if "valueInteger" in told:
            whole = number(told["valueInteger"])
            if whole is None or whole != int(whole):
                self.findings.refuse(where, "its valueInteger is no whole number")
                return None
            words = self.words.number(plain(whole))
            return {"label": words, "told": plain(whole), **self._weight(told, where)}
        if "valueString" in told:
            words = self.words.read(told, "valueString", where)
            if not words:
                self.findings.refuse(where, "its text is empty", "Give it a text.")
                return None
            return {"label": words, **self._weight(told, where)}
        kinds = [key for key in told if key.startswith("value")]
        self.findings.refuse(
            where,
            f"an option of {kinds[0]} is not supported" if kinds else "it has no value",
            "Use valueCoding, valueInteger or valueString.",
        )
        return None

    def _coding(self, told: Json, where: str) -> dict[str, Any] | None:
        coding = _table(told["valueCoding"])
        code, system = coding.get("code"), coding.get("system")
        if not is_name(code):
            self.findings.refuse(
                where, "it has no code that can be kept", "Give it one."
            )
            return None
        words = self.words.read(coding, "display", where)
        if not words:
            self.findings.refuse(
                where, f"the option {code} has no display", "Give it a text."
            )
            return None
        self._note_unknown(coding, where)
        return {
            "label": words,
            "told": code,
            "code": code,
            **_own_link_id(told),
            **({"system": system} if isinstance(system, str) and system else {}),
            **(self._weight(told, where) or self._weight(coding, where)),
        }

    def _weight(self, held: Json, where: str) -> dict[str, str]:
        for extension in extensions.of(held):
            if extension.get("url") in addresses.WEIGHTS:
                told = extension.get("valueDecimal", extension.get("valueInteger"))
                weight = number(told)
                if weight is not None:
                    return {"weight": plain(weight)}
                self.findings.refuse(where, "its weight is no number")
        return {}

    def _note_unknown(self, held: Json, where: str) -> None:
        for extension in extensions.of(held):
            address = extension.get("url")
            if address in (*addresses.WEIGHTS, *addresses.HARMLESS, addresses.LINK_ID):
                continue
            lost = f"the extension {address} is not used"
            lost = addresses.LOST.get(str(address), lost)
            self.findings.note(where, lost)

    def _without_twins(
        self, found: list[dict[str, Any]], where: str
    ) -> list[dict[str, Any]]:
        kept: dict[tuple[str, str], dict[str, Any]] = {}
        for option in found:
            first = next(text for key, text in option["label"].items() if key)
            name = (option.get("system", ""), option.get("told", first))
            if name in kept:
                self.findings.refuse(
                    where, f"the option {name[1]} stands twice", "Keep one of them."
                )
            kept[name] = option
        return list(kept.values())

    def _numbered(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """By their codes where these are numbers, else by their places from 1."""
        told = [option.pop("told", "") for option in found]
        are_numbers = all(_WHOLE.fullmatch(each) for each in told)
        values = [int(each) for each in told] if are_numbers else []
        if len(set(values)) != len(found):
            values = list(range(1, len(found) + 1))
        for value, option in zip(values, found, strict=True):
            option["value"] = value
        return found


def find(
    options: Sequence[dict[str, Any]], kind: str, value: object
) -> dict[str, Any] | None:
    """The option or box that is meant: a Coding by its code, else by its words."""
    if kind == "Coding":
        coding = _table(value)
        system, code = coding.get("system"), coding.get("code")
        fits = [
            each
            for each in options
            if (each.get("code") == code if code else _is_worded(each, coding))
            and (system is None or each.get("system", "") == system)
        ]
    else:
        amount = number(value)
        text = clean(value) or (plain(amount) if amount is not None else None)
        fits = [each for each in options if text in _words_of(each)]
    return fits[0] if fits else None


def _is_worded(option: Json, coding: Json) -> bool:
    """Of a Coding without a code its words have to fit."""
    return clean(coding.get("display")) in _words_of(option)


def _words_of(option: Json) -> Collection[str]:
    words: Mapping[str, str] = option.get("label", option.get("text", {}))
    return words.values()


def _own_link_id(told: Json) -> dict[str, str]:
    for extension in extensions.of(told):
        name = extension.get("valueString")
        if extension.get("url") == addresses.LINK_ID and is_name(name):
            return {"link_id": str(name)}
    return {}


def _table(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _tables(value: object) -> list[Json]:
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict)]
