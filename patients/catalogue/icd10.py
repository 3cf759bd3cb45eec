"""Look-up and search in the shipped part of ICD-10-CM.

A code that is not found here is "not in our list"; it may well exist. Each release is
a file of its own, such as icd10cm_2026-04.csv: the newest is searched, and a diagnosis
made with an older one still finds its code there.
"""

import calendar
import functools
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from clinic import reference_data
from patients.catalogue import icd10_excludes

DATA = Path(__file__).parent / "data"
SEARCH_TERMS = DATA / "icd10_search_terms.csv"
CONFLICTS = DATA / "icd10_conflicts.csv"
FILE_NAME = re.compile(r"icd10cm_(\d{4})-(0[1-9]|1[0-2])")
COLUMNS = (
    "code",
    "title",
    "group",
    "billable",
    "region",
    "laterality",
    "excludes1",
    "excludes2",
    "code_first",
    "use_additional",
    "inclusion_terms",
    "product_note",
)
LATERALITIES = ("right", "left", "bilateral", "unspecified")
SEARCH_TERM_COLUMNS = ("code_prefix", "terms")
CONFLICT_COLUMNS = ("code_prefix", "excluded_prefix", "covers")
CODE_PATTERN = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")


@dataclass(frozen=True, slots=True)
class Code:
    """One code; what the list does not give is empty.

    The four texts from excludes1 on are the list's own.
    """

    code: str
    title: str
    is_billable: bool
    region: str
    laterality: str
    excludes1: str
    excludes2: str
    code_first: str
    use_additional: str
    note: str
    release: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two codes that cannot stand side by side, explained; either may carry the rule.

    It warns and does not forbid: conditions that have nothing to do with each other
    may both be coded (ICD-10-CM guideline I.A.12.a).
    """

    code: str
    excluded: str
    words: str


@dataclass(frozen=True, slots=True)
class SideProblem:
    """A code's side against the complaint's; `instead` is the code that fits, or ""."""

    words: str
    is_error: bool
    instead: str


@dataclass(frozen=True, slots=True)
class _Indexed:
    code: Code
    compact: str
    title_words: str
    all_words: str


def release() -> str:
    """The name of the newest release, such as "ICD-10-CM April 2026"."""
    return release_of(releases()[0])


def lookup(code: str, release: str = "") -> Code | None:
    """The code as typed, with or without its dot, in any case, or None.

    Of the newest release, unless an older one is named as a diagnosis keeps it.
    """
    for path in releases():
        if not release or release_of(path) == release:
            found = _index(path).get(compact(code))
            return found.code if found else None
    return None


def spelled(code: str) -> str:
    """A code as the book prints it, whether or not it is in our list: "M54.16"."""
    letters = compact(code)
    return f"{letters[:3]}.{letters[3:]}" if len(letters) > 3 else letters


def is_well_formed(code: str) -> bool:
    """Whether a code outside our list may be one at all."""
    return CODE_PATTERN.fullmatch(spelled(code)) is not None


def search(text: str, limit: int = 20) -> list[Code]:
    """Codes that begin with the text, or whose words begin with all of its words."""
    start, words = compact(text), _words(text).split()
    if not words or limit < 1:
        return []
    ranked = [
        (_rank(entry, start, words), entry.code)
        for entry in _index(releases()[0]).values()
        if entry.compact.startswith(start) or _has_all(entry.all_words, words)
    ]
    ranked.sort(key=lambda pair: pair[0])
    return [code for _, code in ranked[:limit]]


def conflicts(code: str, others: Iterable[str]) -> list[Conflict]:
    """Which of the other codes cannot stand beside this one (Excludes1)."""
    found = (_conflict(compact(code), compact(other)) for other in others)
    return [conflict for conflict in found if conflict is not None]


def side_problem(code: str, side: str) -> SideProblem | None:
    """What is wrong with a code for a complaint on that side; none for no side."""
    known = lookup(code)
    if known is None or side not in ("left", "right"):
        return None
    if known.laterality in ("", "bilateral", side):
        return None
    instead = _on_side(known, side)
    remedy = f" {instead} is the one for the {side}." if instead else ""
    if known.laterality == "unspecified":
        words = f"{known.code} leaves the side open; the complaint is {side}.{remedy}"
        return SideProblem(words, is_error=False, instead=instead)
    words = (
        f"{known.code} is for the {known.laterality} side; "
        f"the complaint is {side}.{remedy}"
    )
    return SideProblem(words, is_error=True, instead=instead)


@functools.cache
def releases() -> tuple[Path, ...]:
    """The file of each release, the newest first."""
    return tuple(sorted(DATA.glob("icd10cm_*.csv"), reverse=True))


def release_of(path: Path) -> str:
    named = FILE_NAME.fullmatch(path.stem)
    if named is None:
        raise reference_data.ReferenceDataError(
            f"{path.name}: name it for its release, like icd10cm_2026-04.csv."
        )
    return f"ICD-10-CM {calendar.month_name[int(named[2])]} {named[1]}"


@functools.cache
def _index(path: Path) -> Mapping[str, _Indexed]:
    return read(path, SEARCH_TERMS)


def read(path: Path, search_terms: Path) -> dict[str, _Indexed]:
    """The codes of a file by compact code, found by our own everyday words too."""
    everyday = [
        (compact(row.text("code_prefix")), row.text("terms"))
        for row in reference_data.read_csv(search_terms, SEARCH_TERM_COLUMNS)
    ]
    release = release_of(path)
    index: dict[str, _Indexed] = {}
    codes: set[str] = set()
    for row in reference_data.read_csv(path, COLUMNS):
        code = _code(row, codes, release)
        codes.add(code.code)
        short = compact(code.code)
        terms = [words for prefix, words in everyday if short.startswith(prefix)]
        terms += [code.title, row.optional_text("inclusion_terms")]
        index[short] = _Indexed(
            code, short, _words(code.title), _words(" ".join(terms))
        )
    return index


def _code(row: reference_data.Entry, used: Collection[str], release: str) -> Code:
    code = row.unique_text("code", used)
    if not CODE_PATTERN.fullmatch(code):
        raise row.error("code", f"{code!r} is not written like M54.16.")
    has_laterality = row.has("laterality")
    return Code(
        code=code,
        title=row.text("title"),
        is_billable=row.flag("billable"),
        region=row.optional_text("region"),
        laterality=row.choice("laterality", LATERALITIES) if has_laterality else "",
        excludes1=row.optional_text("excludes1"),
        excludes2=row.optional_text("excludes2"),
        code_first=row.optional_text("code_first"),
        use_additional=row.optional_text("use_additional"),
        note=row.optional_text("product_note"),
        release=release,
    )


def _conflict(one: str, other: str) -> Conflict | None:
    """Looks for the rule at both codes, because it often stands at one alone."""
    if one == other:
        return None
    # In one order, so that both codes of a pair tell the same.
    for holder, excluded in permutations(sorted((one, other))):
        rule = _rule(holder, excluded)
        if rule is not None:
            return _explained(holder, excluded, rule)
    return None


def _rule(holder: str, excluded: str) -> icd10_excludes.Exclusion | None:
    known = lookup(holder)
    rules = icd10_excludes.parse(known.excludes1) if known else ()
    return next((rule for rule in rules if rule.holds(excluded)), None)


def _explained(holder: str, excluded: str, rule: icd10_excludes.Exclusion) -> Conflict:
    for first, second in permutations((holder, excluded)):
        for prefix, excluded_prefix, covers in _covers():
            if first.startswith(prefix) and second.startswith(excluded_prefix):
                code, other = spelled(first), spelled(second)
                words = (
                    f"{code} already covers {covers}: "
                    f"{other} cannot stand beside it (Excludes1)."
                )
                return Conflict(code, other, words)
    code, other = spelled(holder), spelled(excluded)
    words = (
        f"{code} and {other} cannot stand side by side "
        f"(Excludes1 at {rule.level}: {rule.words})."
    )
    return Conflict(code, other, words)


@functools.cache
def _covers() -> tuple[tuple[str, str, str], ...]:
    """Our words for what the more telling code of a pair says already."""
    return tuple(
        (
            compact(row.text("code_prefix")),
            compact(row.text("excluded_prefix")),
            row.text("covers"),
        )
        for row in reference_data.read_csv(CONFLICTS, CONFLICT_COLUMNS)
    )


def _on_side(known: Code, side: str) -> str:
    """The code that says the same of that side, found by its title among its like."""
    # "right ankle and joints of right foot", but "unspecified ligament of unspecified
    # ankle": every such word is the side, or the last one alone.
    before, _, after = known.title.rpartition(known.laterality)
    wanted = (known.title.replace(known.laterality, side), before + side + after)
    category = compact(known.code)[:3]
    for entry in _index(releases()[0]).values():
        if entry.compact.startswith(category) and entry.code.title in wanted:
            return entry.code.code
    return ""


def _rank(
    entry: _Indexed, start: str, words: list[str]
) -> tuple[int, bool, int, int, bool, str]:
    """Kind of match, then billable, then the closest title, then a side that is known.

    A title is closer the more of the words it holds whole and the shorter it is.
    """
    code = entry.code
    if entry.compact.startswith(start):
        match = 0 if entry.compact == start else 1
        return match, not code.is_billable, 0, 0, False, entry.compact
    match = 2 if _has_all(entry.title_words, words) else 3
    title = entry.title_words.split()
    whole = sum(word in title for word in words)
    unsided = code.laterality == "unspecified"
    return match, not code.is_billable, -whole, len(title), unsided, entry.compact


def _has_all(indexed_words: str, words: list[str]) -> bool:
    return all(f" {word}" in indexed_words for word in words)


def compact(text: str) -> str:
    """As codes are compared: upper case, without the dot and a dash at the end."""
    return re.sub(r"[\s.]|-+$", "", _fold(text)).upper()


def _words(text: str) -> str:
    """Folded words, each after a space, so that ' foo' finds a word's beginning."""
    without_apostrophes = re.sub(r"['\u2019]", "", _fold(text))
    return "".join(f" {word}" for word in re.findall(r"[a-z0-9]+", without_apostrophes))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
