"""Texts of a Questionnaire in the languages it has, by its translation extension."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from outcomes.instruments.brought import clean
from outcomes.instruments.fhir import addresses, extensions
from outcomes.instruments.findings import Findings

Json = Mapping[str, Any]
# In place of where a text stands: it is the same in every language.
EVERYWHERE = "*"


def language_of(code: object) -> str:
    """The language without its region; empty where it is none."""
    text = code.lower() if isinstance(code, str) else ""
    found = re.fullmatch(r"([a-z]{2,3})(-[a-z0-9-]+)?", text)
    return found.group(1) if found else ""


class Words:
    """Reads texts, and remembers in which languages each one is."""

    def __init__(self, base: str, findings: Findings) -> None:
        self.base = base
        self.findings = findings
        self._texts = 0
        self._translated: Counter[str] = Counter()

    def read(self, held: Json, key: str, where: str) -> dict[str, str]:
        """The text of a key with its translations; empty where there is none."""
        text = clean(held.get(key))
        translated = in_languages(held.get(f"_{key}"), addresses.TRANSLATION)
        return self.known({**translated, self.base: text}, where) if text else {}

    def known(self, told: Mapping[str, str], where: str) -> dict[str, str]:
        """The same of words that stand in no text, the first language first."""
        if not told.get(self.base):
            return {}
        found = {self.base: told[self.base], **told}
        self._texts += 1
        self._translated.update(list(found))
        found[""] = where
        return found

    def number(self, text: str) -> dict[str, str]:
        """What needs no translation."""
        return {self.base: text, "": EVERYWHERE}

    def languages(self, contents: object) -> list[str]:
        """Those that every text is in; the others are taken out and named."""
        whole = [
            language
            for language, count in self._translated.items()
            if count == self._texts
        ]
        partly = set(self._translated) - set(whole)
        lacking: dict[str, list[str]] = {language: [] for language in partly}
        for text in _texts_in(contents):
            where = text.pop("")
            if where == EVERYWHERE:
                text |= dict.fromkeys(whole, text[self.base])
                continue
            for language in partly:
                if text.pop(language, None) is None:
                    lacking[language].append(where)
        for language in sorted(partly):
            places = list(dict.fromkeys(lacking[language]))
            first = ", ".join(places[:5])
            self.findings.note(
                f"translation {language}",
                f"it is left out, for {len(places)} of {self._texts} texts lack it, "
                f"first {first}",
                "Translate all of them to bring it in.",
            )
        return [self.base, *sorted(set(whole) - {self.base})]


def in_languages(held: object, address: str) -> dict[str, str]:
    """What extensions of this address say, by language."""
    found = {}
    for extension in extensions.of(held):
        if extension.get("url") != address:
            continue
        parts = {part.get("url"): part for part in extensions.of(extension)}
        language = language_of(parts.get("lang", {}).get("valueCode"))
        content = parts.get("content", {})
        text = clean(content.get("valueString") or content.get("valueMarkdown"))
        if language and text:
            found[language] = text
    return found


def _texts_in(contents: object) -> Iterator[dict[str, str]]:
    """Every table of words, each once."""
    if isinstance(contents, dict):
        if "" in contents:
            yield contents
            return
        for each in contents.values():
            yield from _texts_in(each)
    elif isinstance(contents, list):
        for each in contents:
            yield from _texts_in(each)
