"""Invented people: names nobody has, addresses and numbers that reach nobody."""

import functools
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import permutations, product
from pathlib import Path
from random import Random

from clinic import reference_data

DATA = Path(__file__).parent / "data" / "names.toml"
FIRST_MRN = 100001
PATIENT_DOMAIN = "patients.example"
SPANISH_SHARE = 0.14
WITHOUT_ADDRESS_SHARE = 0.03
# Area codes of the United States that are in use.
AREAS = (
    *(312, 773, 872, 630, 331, 708, 847, 224, 815, 779, 217, 447, 309, 618, 730),
    *(212, 646, 332, 718, 347, 917, 213, 323, 310, 424, 619, 858, 415, 628, 510),
    *(206, 253, 303, 720, 602, 480, 214, 469, 713, 832, 404, 470, 305, 786, 617),
    *(857, 215, 267, 202, 313, 612, 651, 503, 971, 702, 725, 801, 385, 504, 901),
)
AGE_MEAN, AGE_SPREAD, AGES = 57, 14, (22, 88)


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as far as the front desk knows one; no e-mail address where empty."""

    mrn: str
    given_name: str
    family_name: str
    birth_date: date
    sex: str
    language: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Names:
    given: Sequence[str]
    family: Sequence[str]


def people(rng: Random, count: int, today: date) -> list[Person]:
    """So many different people, one in seven of whom speaks Spanish."""
    spanish = round(count * SPANISH_SHARE)
    languages = ["es"] * spanish + ["en"] * (count - spanish)
    rng.shuffle(languages)
    drawn = {language: _draw(rng, found) for language, found in names().items()}
    return [
        _person(rng, number, language, next(drawn[language]), today)
        for number, language in enumerate(languages)
    ]


def _person(
    rng: Random, number: int, language: str, name: tuple[str, str], today: date
) -> Person:
    years = min(max(rng.gauss(AGE_MEAN, AGE_SPREAD), AGES[0]), AGES[1])
    has_address = rng.random() >= WITHOUT_ADDRESS_SHARE
    return Person(
        mrn=f"M{FIRST_MRN + number}",
        given_name=name[0],
        family_name=name[1],
        birth_date=today - timedelta(days=round(years * 365.25)),
        sex=rng.choices(["female", "male", "other", "unknown"], [55, 43, 1, 1])[0],
        language=language,
        email=address(*name) if has_address else "",
        phone=phone(number),
    )


def phone(number: int) -> str:
    """Of the hundred numbers that are kept for fiction in each area.

    The last patient of each hundred shares the phone of the one before: a couple.
    """
    area, line = divmod(number - (number % 100 == 99), 100)
    return f"+1 {AREAS[area % len(AREAS)]} 555 01{line:02d}"


def address(given: str, family: str) -> str:
    return f"{_ascii(given)}.{_ascii(family)}@{PATIENT_DOMAIN}"


@functools.cache
def names() -> dict[str, Names]:
    """By language; Spanish family names come in pairs."""
    file = reference_data.read_toml(DATA)
    pairs = product(file.texts("family_starts_en"), file.texts("family_ends_en"))
    english = [start + end for start, end in pairs]
    spanish = [" ".join(pair) for pair in permutations(file.texts("family_es"), 2)]
    return {
        "en": Names(file.texts("given_en"), english),
        "es": Names(file.texts("given_es"), spanish),
    }


def _draw(rng: Random, found: Names) -> Iterator[tuple[str, str]]:
    """Every family name once, each with some given name; then again with others."""
    begins = {name: rng.randrange(len(found.given)) for name in found.family}
    for turn in range(len(found.given)):
        for family_name in rng.sample(found.family, len(found.family)):
            place = (begins[family_name] + turn) % len(found.given)
            yield found.given[place], family_name


def _ascii(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if letter.isascii()).replace(" ", "")
