import string
import tomllib

import pytest

from clinic.reference_data import ReferenceDataError
from outcomes.survey import texts

FILE = texts.DATA / "texts.toml"
CONTENT = tomllib.loads(FILE.read_text(encoding="utf-8"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", CONTENT)
def test_a_text_says_the_same_in_both_languages(key):
    pair = CONTENT[key]
    assert set(pair) == {"en", "es"}
    assert placeholders(pair["en"]) == placeholders(pair["es"])


def test_the_languages_are_not_mixed_up():
    same = [key for key, pair in CONTENT.items() if pair["en"] == pair["es"]]
    assert same == []


def test_a_text_is_filled_in():
    assert texts.say("progress", "es", number=3, total=8) == "3 de 8"


def test_a_missing_translation_is_named(tmp_path):
    file = tmp_path / "texts.toml"
    file.write_text('[next]\nen = "Next"\n')
    with pytest.raises(ReferenceDataError, match=r"texts.toml, next, es"):
        texts.read(file)


def test_an_unknown_language_reads_english():
    assert texts.phrases("fr") == texts.phrases("en")
