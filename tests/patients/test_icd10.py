"""The shipped ICD-10-CM list: what is in it and what a search finds first."""

from pathlib import Path

import pytest

from clinic.reference_data import ReferenceDataError
from patients.catalogue import icd10

HEADER = ",".join(icd10.COLUMNS)
(NEWEST,) = icd10.releases()


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
        excludes1=icd10.lookup("M21.371").excludes1,
        excludes2="M21: acquired deformities of fingers or toes (M20.-)"
        " ; M21: coxa plana (M91.2)",
        code_first="",
        use_additional="",
        note="",
        release="ICD-10-CM April 2026",
    )
    assert icd10.lookup("M51.16").region == "lumbar"
    assert "no laterality" in icd10.lookup("M53.3").note


@pytest.mark.parametrize("header", ["M51.36", "M51.37", "M54.3", "M54.4", "G57.5"])
def test_headers_are_known_and_not_billable(header):
    assert not icd10.lookup(header).is_billable


def test_the_list_is_one_release_of_544_codes_and_ten_headers():
    listed = [entry.code for entry in icd10.read(NEWEST, icd10.SEARCH_TERMS).values()]
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


def test_every_everyday_term_belongs_to_a_code():
    prefixes = icd10.SEARCH_TERMS.read_text(encoding="utf-8").splitlines()[1:]
    for prefix in (line.split(",")[0] for line in prefixes):
        assert codes(prefix), prefix


def row_of(**cells: str) -> str:
    cells = {"code": "M54.16", "title": "T", "group": "disc", "billable": "yes"} | cells
    return ",".join(cells.get(column, "") for column in icd10.COLUMNS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "icd10cm_2025-10.csv"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (row_of(code="54.16"), "line 2, code: '54.16' is not written like"),
        (row_of(title=""), "line 2, title: is missing"),
        (row_of(billable="maybe"), "line 2, billable: must be yes or no"),
        (row_of(laterality="port"), "line 2, laterality: 'port' is not one of"),
        ("M54.16,T,disc,yes", "line 2: too many or too few columns"),
        (f"{row_of()}\n{row_of()}", "line 3, code: M54.16 stands"),
    ],
)
def test_a_faulty_row_is_named(file: Path, rows, message):
    file.write_text(f"{HEADER}\n{rows}\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=f"{file.name}, {message}"):
        icd10.read(file, icd10.SEARCH_TERMS)


def test_wrong_columns_are_refused(file: Path):
    file.write_text("code;title\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="the first row must be code,title"):
        icd10.read(file, icd10.SEARCH_TERMS)


def test_a_missing_file_is_named(file: Path):
    with pytest.raises(ReferenceDataError, match=f"{file.name}: cannot be read"):
        icd10.read(file, icd10.SEARCH_TERMS)


def test_a_file_in_another_encoding_is_refused(file: Path):
    file.write_bytes(f"{HEADER}\nM54.16,D\xe9j\xe9rine,d,yes\n".encode("latin-1"))
    with pytest.raises(ReferenceDataError, match=f"{file.name}: not valid CSV"):
        icd10.read(file, icd10.SEARCH_TERMS)


@pytest.fixture
def two_releases(tmp_path: Path, monkeypatch) -> None:
    """A code that April had and October has not, and one that is worded anew."""
    older, newer = row_of(code="M54.9", title="Old"), row_of(code="M54.16", title="New")
    files = {"2026-04": f"{row_of(title='Old')}\n{older}", "2026-10": newer}
    for release, rows in files.items():
        path = tmp_path / f"icd10cm_{release}.csv"
        path.write_text(f"{HEADER}\n{rows}\n", encoding="utf-8")
    monkeypatch.setattr(icd10, "DATA", tmp_path)
    icd10.releases.cache_clear()
    yield
    icd10.releases.cache_clear()


@pytest.mark.usefixtures("two_releases")
def test_the_newest_release_is_searched_and_an_older_one_is_still_found():
    assert icd10.release() == "ICD-10-CM October 2026"
    assert [code.title for code in icd10.search("M54")] == ["New"]
    assert icd10.lookup("M54.9") is None
    assert icd10.lookup("M54.9", release="ICD-10-CM April 2026").title == "Old"
    assert icd10.lookup("M54.16", release="ICD-10-CM May 1999") is None


def test_a_file_that_is_not_named_for_its_release_is_refused(tmp_path: Path):
    with pytest.raises(ReferenceDataError, match="icd10cm_new.csv: name it for its"):
        icd10.read(tmp_path / "icd10cm_new.csv", icd10.SEARCH_TERMS)


@pytest.mark.parametrize("typed", ["M54.9", "m549", "A00", "S39.012A", "C7B.03"])
def test_a_code_outside_our_list_may_be_well_formed(typed):
    assert icd10.is_well_formed(typed)


@pytest.mark.parametrize("typed", ["", "M5", "54.1", "M54.12345", "sciatica", "MM4.1"])
def test_what_cannot_be_a_code_is_told_from_one(typed):
    assert not icd10.is_well_formed(typed)


def test_a_code_is_spelled_as_the_book_prints_it():
    assert icd10.spelled(" m5499 ") == "M54.99"
    assert icd10.spelled("m54") == "M54"
