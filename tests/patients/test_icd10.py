"""The shipped ICD-10-CM list: what is in it and what a search finds first."""

import time
from pathlib import Path

import pytest

from clinic.reference_data import ReferenceDataError
from patients.catalogue import icd10

HEADER = ",".join(icd10.COLUMNS)


def codes(text: str, limit: int = 20) -> list[str]:
    return [code.code for code in icd10.search(text, limit)]


@pytest.mark.parametrize(
    "typed", ["M54.16", "M5416", "m54.16", " m54 16 ", "M54.16\n", "\uff2d54.16"]
)
def test_a_code_is_found_however_it_is_typed(typed):
    assert icd10.lookup(typed).code == "M54.16"


@pytest.mark.parametrize("typed", ["", ".", "M54.99", "Z99", "pain", "M54.166"])
def test_a_code_outside_the_list_is_none(typed):
    assert icd10.lookup(typed) is None


def test_a_code_carries_its_facts():
    assert icd10.lookup("M21.372") == icd10.Code(
        code="M21.372",
        title="Foot drop, left foot",
        is_billable=True,
        region="",
        laterality="left",
        note="",
        release="ICD-10-CM April 2026",
    )
    assert icd10.lookup("M51.16").region == "lumbar"
    assert "no laterality" in icd10.lookup("M53.3").note


@pytest.mark.parametrize("header", ["M51.36", "M51.37", "M54.3", "M54.4", "G57.5"])
def test_headers_are_known_and_not_billable(header):
    assert not icd10.lookup(header).is_billable


def test_the_list_is_one_release_of_544_codes_and_ten_headers():
    listed = [
        entry.code for entry in icd10.read(icd10.DATA, icd10.SEARCH_TERMS).values()
    ]
    assert len(listed) == 544
    assert sum(not code.is_billable for code in listed) == 10
    assert {code.release for code in listed} == {"ICD-10-CM April 2026"}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("M54.16", "M54.16"),
        ("m5431", "M54.31"),
        ("M54.3", "M54.3"),
        ("sciatica", "M54.31"),
        ("back pain", "M54.50"),
        ("left foot pain", "M79.672"),
        ("pain left foo", "M79.672"),
        ("lumbar radic", "M54.16"),
        ("plantar fasciitis", "M72.2"),
        ("dejerine", "G89.0"),
        ("DÉJÉRINE-ROUSSY", "G89.0"),
        ("schmorls lumbar", "M51.46"),
        ("herniated disc lumbar", "M51.26"),
        ("morton", "G57.61"),
        ("frozen shoulder left", "M75.02"),
    ],
)
def test_the_best_match_comes_first(text, first):
    assert codes(text)[0] == first


def test_a_code_prefix_lists_the_codes_in_order_and_headers_last():
    found = codes("M54", limit=50)
    assert found[:3] == ["M54.10", "M54.11", "M54.12"]
    assert found[-3:] == ["M54.3", "M54.4", "M54.5"]
    assert found[:-3] == sorted(found[:-3])


def test_a_dash_as_printed_in_the_book_is_a_prefix():
    assert codes("M51.1-") == ["M51.14", "M51.15", "M51.16", "M51.17"]


def test_a_title_hit_stands_before_an_inclusion_term():
    assert codes("neuropathy")[-1] in {"G62.9", "G60.8", "G62.81"}
    assert codes("obesity").index("E66.2") >= 1


def test_all_words_must_match():
    assert codes("plantar shoulder") == []


@pytest.mark.parametrize("nothing", ["", "   ", "...", "-", "'", "%"])
def test_an_empty_search_finds_nothing(nothing):
    assert codes(nothing) == []


def test_the_limit_holds():
    assert len(codes("pain", limit=3)) == 3
    assert codes("pain", limit=0) == []
    assert codes("pain", limit=-1) == []


def test_a_search_takes_less_than_five_milliseconds():
    icd10.search("warm up")
    started = time.perf_counter()
    for _ in range(20):
        icd10.search("pain in left foot")
    assert (time.perf_counter() - started) / 20 < 0.005


def test_every_everyday_term_belongs_to_a_code():
    prefixes = icd10.SEARCH_TERMS.read_text(encoding="utf-8").splitlines()[1:]
    for prefix in (line.split(",")[0] for line in prefixes):
        assert codes(prefix), prefix


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("54.16,Title,disc,yes,,,,,R", "line 2, code: '54.16' is not written like"),
        ("M54.16,,disc,yes,,,,,R", "line 2, title: is missing"),
        ("M54.16,T,disc,maybe,,,,,R", "line 2, billable: must be yes or no"),
        ("M54.16,T,disc,yes,,port,,,R", "line 2, laterality: 'port' is not one of"),
        ("M54.16,T,disc,yes,,,,,", "line 2, release: is missing"),
        ("M54.16,T,disc,yes", "line 2: too many or too few columns"),
        ("M54.16,T,d,yes,,,,,R\nM54.16,T,d,yes,,,,,R", "line 3, code: M54.16 stands"),
    ],
)
def test_a_faulty_row_is_named(tmp_path: Path, rows, message):
    path = tmp_path / "codes.csv"
    path.write_text(f"{HEADER}\n{rows}\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=f"codes.csv, {message}"):
        icd10.read(path, icd10.SEARCH_TERMS)


def test_wrong_columns_are_refused(tmp_path: Path):
    path = tmp_path / "codes.csv"
    path.write_text("code;title\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="the first row must be code,title"):
        icd10.read(path, icd10.SEARCH_TERMS)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ReferenceDataError, match="none.csv: cannot be read"):
        icd10.read(tmp_path / "none.csv", icd10.SEARCH_TERMS)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path):
    path = tmp_path / "codes.csv"
    path.write_bytes(f"{HEADER}\nM54.16,D\xe9j\xe9rine,d,yes,,,,,R\n".encode("latin-1"))
    with pytest.raises(ReferenceDataError, match="codes.csv: not valid CSV"):
        icd10.read(path, icd10.SEARCH_TERMS)
