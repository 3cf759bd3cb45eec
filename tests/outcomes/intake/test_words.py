"""Every sentence a patient reads, at grade 6 or below in both languages."""

import re
from collections.abc import Iterator

import pytest

from outcomes.instruments import library
from outcomes.instruments.definition import Item
from outcomes.intake import screens
from outcomes.survey import texts
from patients.catalogue import red_flags
from tests.reading import grade, long_in_spanish, spanish_ease

# Of fewer words, one long one decides: the formula finds "enero" and "Siguiente" as
# hard as a law. What makes a label hard to read is a long word, so these are counted.
SHORTEST = 6
# Long, and known to everybody.
EVERYDAY = {"electrónico", "electrónicos", "procedimiento"}
GRADE, EASE = 6, 70
# From before the intake, and from other pages.
ELSEWHERE = {"locked_text"}


def sentences(language: str) -> dict[str, str]:
    return {
        key: text
        for key, text in said(language).items()
        if len(text.split()) >= SHORTEST and key not in ELSEWHERE
    }


def labels(language: str) -> dict[str, str]:
    """What is too short for a formula."""
    whole = said(language).items()
    return {key: text for key, text in whole if len(text.split()) < SHORTEST}


def said(language: str) -> dict[str, str]:
    asked = {
        found.key: found.question[language]
        for screen in screens.content().screens
        for found in screen.asks
    }
    asked |= {d.key: d.question[language] for d in red_flags.details().values()}
    for screen in screens.content().screens:
        for name, words in (("heading", screen.heading), ("hint", screen.hint)):
            if words:
                asked[f"{screen.key} {name}"] = words[language]
    asked |= texts.phrases(language)
    for key, instrument in library.instruments().items():
        for item in instrument.walk() if key in library.OWN else ():
            asked |= {f"{item.link_id} {n}": w for n, w in worded(item, language)}
    return {key: re.sub(r"\{\w+\}", "3", text) for key, text in asked.items()}


def worded(item: Item, language: str) -> Iterator[tuple[str, str]]:
    """All that a question says, each by a name."""
    parts = {"text": item.text, "low": item.low, "high": item.high, "none": item.none}
    parts |= {f"option {option.value}": option.label for option in item.options}
    return ((name, words[language]) for name, words in parts.items() if words)


@pytest.mark.parametrize("key", sentences("en"))
def test_english_reads_at_grade_six_or_below(key):
    assert grade(sentences("en")[key]) <= GRADE


@pytest.mark.parametrize("key", sentences("es"))
def test_spanish_reads_at_grade_six_or_below(key):
    assert spanish_ease(sentences("es")[key]) >= EASE


@pytest.mark.parametrize("key", labels("es"))
def test_a_short_spanish_text_has_no_long_word(key):
    assert long_in_spanish(labels("es")[key]) <= EVERYDAY


def test_no_everyday_word_is_listed_in_vain():
    used = set().union(*map(long_in_spanish, labels("es").values()))
    assert used == EVERYDAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cat sat on the mat.", -1.4),
        ("Does it hurt when you walk?", -1.4),
    ],
)
def test_the_english_measure(text, expected):
    assert grade(text) == pytest.approx(expected, abs=0.1)


def test_the_spanish_measure():
    # 8 words of 12 syllables: 206.84 - 60 * 1.5 - 1.02 * 8.
    text = "El perro come pan en la casa azul."
    assert spanish_ease(text) == pytest.approx(108.7, abs=0.1)
