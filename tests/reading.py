"""How hard a text for patients is to read."""

import re

# Letters that make one syllable together in Spanish: a weak vowel beside any other.
_SPANISH_VOWELS = re.compile(
    r"[aeoáéó]?[iuü][aeoáéó]|[aeoáéó][iuüy]|[iuü][iuü]|[aeiouáéíóúü]|y\b"
)


def grade(text: str) -> float:
    """Flesch-Kincaid: 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    words = re.findall(r"[a-z']+", text.lower())
    per_word = sum(map(_syllables, words)) / len(words)
    return 0.39 * len(words) / len(_sentences(text)) + 11.8 * per_word - 15.59


def spanish_ease(text: str) -> float:
    """Fernández Huerta 1959: 70 and more is read at grade 6 or below."""
    words = _spanish_words(text)
    per_word = sum(map(_spanish_syllables, words)) / len(words)
    return 206.84 - 60 * per_word - 1.02 * len(words) / len(_sentences(text))


def long_in_spanish(text: str) -> set[str]:
    """Words of five syllables and more."""
    return {word for word in _spanish_words(text) if _spanish_syllables(word) >= 5}


def longest_sentence(text: str) -> int:
    return max(len(sentence.split()) for sentence in _sentences(text))


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"[.?!]", text) if part.strip()]


def _spanish_words(text: str) -> list[str]:
    return re.findall(r"[a-záéíóúüñ]+", text.lower())


def _spanish_syllables(word: str) -> int:
    return len(_SPANISH_VOWELS.findall(word))


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    return max(1, groups - (word.endswith("e") and groups > 1))
