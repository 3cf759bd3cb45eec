"""A mapping that is wrong is refused with its key and the remedy."""

from datetime import date

import pytest

from clinic.reference_data import ReferenceDataError
from outcomes.imports import mapping_file
from tests.outcomes.imports.running import MADE_UP, changed


def test_the_mapping_is_read_in_the_order_of_its_days():
    mapping = mapping_file.read(MADE_UP)
    assert [point.key for point in mapping.points] == ["start", "w6", "m12"]
    assert mapping.point_of_code == {"0": 0, "6w": 1, "12m": 2}
    assert mapping.points[1].days == (28, 42, 60)
    assert mapping.treatments["A"].key == "prp-one-injection"
    assert mapping.csv.missing == {"", "NA", "."}


def test_what_is_left_out_has_a_default(tmp_path):
    short = changed(MADE_UP, tmp_path, ('[csv]\nmissing = ["", "NA", "."]', ""))
    mapping = mapping_file.read(short)
    assert (mapping.csv.encoding, mapping.csv.delimiter) == ("utf-8", ",")
    assert mapping.csv.missing == {"", "NA", "NaN", "."}
    assert mapping.points[0].days == (-30, 0, 0)
    assert mapping.points[2].days == (329, 365, 401)
    assert mapping.measures[0].short_name == "Pain in the study"


def test_everybody_may_start_on_one_day(tmp_path):
    fixed = changed(MADE_UP, tmp_path, ('column = "treated_on"', "date = 2018-01-01"))
    assert mapping_file.read(fixed).start.date == date(2018, 1, 1)


def test_two_codes_may_mean_one_treatment(tmp_path):
    merged = changed(
        MADE_UP,
        tmp_path,
        (
            '"Stretching at home", modality = "other"',
            '"PRP, one injection", modality = "prp"',
        ),
    )
    assert set(mapping_file.read(merged).treatment_by_key()) == {"prp-one-injection"}


POINT_6W = 'key = "w6", label = "6 weeks", day = 42, open_day = 28, close_day = 60'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[person]", "[person", "not valid TOML.*line 4"),
        ("[person]", "[persons]", "person: is missing"),
        ("[csv]", "[cvs]", "cvs: unknown key; known here: .*csv"),
        ("mrn_prefix", "prefix", "person, mrn_prefix: is missing"),
        ("mrn_prefix", 'colour = "x"\nmrn_prefix', "person, colour: unknown key"),
        ('"MU-"', '"' + "M" * 21 + '"', "mrn_prefix: use at most 20"),
        ('f = "female"', 'f = "woman"', "sex_codes, f: 'woman' is not one of female"),
        ('column = "treated_on"', "", "start.*give either a date .* or the column"),
        ('column = "treated_on"', 'date = "soon"', "start, date: must be a date such"),
        ('column = "treated_on"', "date = 1890-01-01", "must not be before 1900"),
        ('pain_site_column = "site"', 'pain_site = "tail"', "'tail' is not one of low"),
        (
            'pain_site_column = "site"\nside_column = "side"',
            'pain_site = "knee"',
            "complaint, side: Say left or right",
        ),
        ('"side"', '"side"\nside = "both"', "side: 'both' is not one of left, right"),
        ('modality = "prp"', 'modality = "plasma"', "A, modality: 'plasma' is not one"),
        ('"Stretching at home"', '"prp one injection"', "labels, B: .* is too like"),
        ('"Stretching at home"', '"…"', "label: '…' needs a Latin letter"),
        ("is_baseline = true", "is_baseline = false", "exactly one .* not 0"),
        ("day = 42,", "day = 42, is_baseline = true,", "exactly one .* not 2"),
        ("day = 0,", "day = -31,", "0, day: a baseline lies on day -30 to 0"),
        (POINT_6W, 'key = "w6", label = "6 weeks", day = 0', "lies on day 1 to 18250"),
        ("close_day = 60", "close_day = 330", "m12: its window .* overlaps that of w6"),
        ("open_day = 28", "open_day = 43", "day must lie inside its window"),
        ('key = "w6"', 'key = "m12"', "two time points have the same key"),
        ('key = "w6"', 'key = "Six weeks"', "'Six weeks' must be lower-case letters"),
        ("day = 42", 'day = "42"', "6w, day: must be a whole number"),
        ("measures.study_pain", "measures.pain_site", "key of a shipped measure"),
        ("measures.study_pain", 'measures."Study pain"', "must be lower-case"),
        ("maximum = 10\n", "maximum = 0\n", "maximum: must be above the minimum 0"),
        ("maximum = 10\n", "", "study_pain, maximum: is missing"),
        ("maximum = 10\n", "maximum = nan\n", "maximum: must lie within a million"),
        ("minimum = 0\n", "minimum = 0.1234567\n", "at most 6 decimals"),
        ("mic_points = 2", "mic_points = -2", "mic_points: must be above 0"),
        ("mic_points = 2", "mic_percent = 33.333", "at most 2 decimals"),
        ('"lower"', '"down"', "better_is: 'down' is not one of lower, higher"),
        ('role = "site"', 'role = "foot"', "role: 'foot' is not one of site, back"),
        ('column = "function"', 'column = "pain"', "column 'pain' is measures, st"),
        ("[csv]", '[csv]\nencoding = "utf-99"', "encoding: 'utf-99' is unknown"),
        ("[csv]", '[csv]\nencoding = "base64"', "encoding: 'base64' is unknown"),
        ("[csv]", '[csv]\ndelimiter = ";;"', "delimiter: must be one"),
        ("[csv]", '[csv]\ndecimal = ","', "decimal: .* not the delimiter"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_key(tmp_path, old, new, message):
    with pytest.raises(ReferenceDataError, match=message):
        mapping_file.read(changed(MADE_UP, tmp_path, (old, new)))


@pytest.mark.parametrize("what", ["treatment.labels", "measures", "time.points"])
def test_a_table_without_entries_is_refused(tmp_path, what):
    text = MADE_UP.read_text()
    start = text.index(f"[{what}]" if what != "measures" else "[measures.")
    rest = text[start:].split("\n\n", 1)[1] if what != "measures" else ""
    path = tmp_path / "empty.toml"
    path.write_text(text[:start] + f"[{what}]\n" + rest)
    with pytest.raises(ReferenceDataError, match="name at least one|exactly one"):
        mapping_file.read(path)


def test_a_mapping_that_is_not_there_is_named(tmp_path):
    with pytest.raises(
        ReferenceDataError, match=r"none.toml: cannot be read \(No such"
    ):
        mapping_file.read(tmp_path / "none.toml")
