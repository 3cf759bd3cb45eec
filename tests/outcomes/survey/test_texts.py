import string
import tomllib
from datetime import date

import pytest

from clinic.reference_data import ReferenceDataError
from outcomes.survey import texts

CONTENT = {
    key: pair
    for file in texts.FILES
    for key, pair in tomllib.loads(
        (texts.DATA / file).read_text(encoding="utf-8")
    ).items()
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", CONTENT)
def test_a_text_says_the_same_in_both_languages(key):
    pair = CONTENT[key]
    assert set(pair) == {"en", "es"}
    assert placeholders(pair["en"]) == placeholders(pair["es"])


def test_the_languages_are_not_mixed_up():
    same = [key for key, pair in CONTENT.items() if pair["en"] == pair["es"]]
    # Short, and spelled alike.
    assert same == ["no"]


def test_a_text_is_filled_in():
    assert texts.say("progress", "es", number=3, total=8) == "3 de 8"


def test_a_missing_translation_is_named(tmp_path):
    file = tmp_path / "texts.toml"
    file.write_text('[next]\nen = "Next"\n')
    with pytest.raises(ReferenceDataError, match=r"texts.toml, next, es"):
        texts.read(file)


def test_an_unknown_language_reads_english():
    assert texts.phrases("fr") == texts.phrases("en")


def test_no_key_stands_in_two_files():
    files = [(texts.DATA / file).read_text(encoding="utf-8") for file in texts.FILES]
    assert sum(len(tomllib.loads(text)) for text in files) == len(CONTENT)


def test_a_day_is_written_as_people_write_it():
    on = date(2024, 3, 1)
    assert texts.day(on, "en") == "March 1, 2024"
    assert texts.day(on, "es") == "1 de marzo de 2024"
