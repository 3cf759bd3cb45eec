"""Regions of the body map: their words, their sites, and faults in the file."""

from pathlib import Path

import pytest

from clinic.reference_data import ReferenceDataError
from patients.catalogue import places, regions

HEADER = ",".join(regions.COLUMNS)
REGIONS = regions.regions()
VALUES = [value for region in REGIONS.values() for value in region.values()]


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        ("heel_below:left", "left heel, from below", "talón izquierdo, por debajo"),
        ("heel_below:right", "right heel, from below", "talón derecho, por debajo"),
        ("knee_back:left", "back of the left knee", "rodilla izquierda, por detrás"),
        ("knee_back:right", "back of the right knee", "rodilla derecha, por detrás"),
        ("big_toe:right", "right big toe", "dedo gordo del pie derecho"),
        ("sit_bone:left", "under the left buttock", "debajo de la nalga izquierda"),
        (
            "low_back_side:right",
            "right side of the low back",
            "lado derecho de la parte baja de la espalda",
        ),
        ("neck", "neck", "cuello"),
    ],
)
def test_a_place_is_worded_in_both_languages(value, english, spanish):
    assert regions.label(value, "en") == english
    assert regions.label(value, "es") == spanish


FEMININE = {
    *("wrist", "hand", "si_joint", "buttock", "sit_bone", "hip_outer", "hip_front"),
    *("groin", "knee_front", "knee_back", "shin", "calf", "calf_outer"),
}


def test_spanish_sides_agree_in_gender():
    for region in (r for r in REGIONS.values() if r.has_side):
        ending = "a" if region.key in FEMININE else "o"
        words = region.label("left", "es").replace(",", "").split()
        assert f"izquierd{ending}" in words
        words = region.label("right", "es").replace(",", "").split()
        assert f"derech{ending}" in words


def test_no_label_shows_how_it_is_written():
    for value in VALUES:
        for language in ("en", "es", "fr"):
            assert not set("{}") & set(regions.label(value, language))
    lines = [line for group in regions.choices("es") for line in group.lines]
    assert not any("{" in line.label or "  " in line.label for line in lines)


def test_labels_are_unique():
    for language in ("en", "es"):
        assert len({regions.label(value, language) for value in VALUES}) == len(VALUES)


def test_another_language_gets_english():
    assert regions.label("arch:left", "fr") == "arch of the left foot"


def test_a_value_is_a_region_and_a_side():
    assert regions.parse("arch:left") == regions.Place(REGIONS["arch"], "left")
    assert regions.parse("low_back") == regions.Place(REGIONS["low_back"], "none")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("tail", "'tail' is not a region"),
        ("", "'' is not a region"),
        ("arch", "'arch' is not a region .* use arch:left or arch:right"),
        ("arch:", "'arch:' is not a region"),
        ("arch:none", "'arch:none' is not a region"),
        ("arch:left:left", "'arch:left:left' is not a region"),
        ("low_back:left", "'low_back:left' is not a region .* use low_back"),
        ("low_back:", "'low_back:' is not a region"),
    ],
)
def test_a_wrong_value_is_named(value, message):
    with pytest.raises(ValueError, match=message):
        regions.parse(value)


def test_a_place_belongs_to_a_site_with_a_side():
    assert regions.site_of("heel_below:left") == ("heel", "left")
    assert regions.site_of("si_joint:right") == ("buttock", "right")
    assert regions.site_of("low_back") == ("low_back", "none")


def test_a_site_without_sides_has_none_even_for_a_region_that_has():
    assert regions.site_of("low_back_side:left") == ("low_back", "none")


def test_every_site_has_a_region():
    assert {r.site for r in REGIONS.values()} == set(places.body_sites())


def test_choices_offer_every_place_once_under_the_view_it_is_best_seen_in():
    groups = regions.choices("en")
    offered = [c.value for g in groups for line in g.lines for c in line.choices]
    assert sorted(offered) == sorted(VALUES)
    assert [group.view for group in groups] == list(regions.VIEWS)
    assert "heel_below:left" in [
        c.value for line in groups[-1].lines for c in line.choices
    ]


def test_a_line_of_choices_names_region_and_sides():
    lines = {line.label: line for g in regions.choices("es") for line in g.lines}
    assert lines["Talón, por debajo"].choices == (
        regions.Choice("heel_below:left", "talón izquierdo, por debajo", "Izq."),
        regions.Choice("heel_below:right", "talón derecho, por debajo", "Der."),
    )
    assert lines["Cuello"].choices == (regions.Choice("neck", "cuello", ""),)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,{left} a,a {izquierdo},yes,tail,sole", "line 2, site: 'tail' is not one"),
        ("a,a,a,no,neck,back\na,a,a,no,neck,back", "line 3, key: a stands twice"),
        ("a,{left} a,,yes,heel,sole", "line 2, label_es: is missing"),
        ("a,{left} a,a izquierdo,yes,heel,sole", "line 2, label_es: needs one"),
        ("a,a {lefft},a {izquierda},yes,heel,sole", "line 2, label_en: needs one"),
        ("a,{left} a,a,no,neck,back", "line 2, label_en: needs one {left} if it has"),
        ("a,a,a,no,neck,", "line 2, views: is missing"),
        ("a,a,a,no,neck,side", "line 2, views: 'side' is not one of front, back"),
        ("a,a,a,no,neck,back back", "line 2, views: 'back' is not one of"),
        ("a,a,a,maybe,neck,back", "line 2, has_side: must be yes or no"),
        ("a,a,a,no,heel,sole", "line 2, site: heel needs a side, the region has none"),
    ],
)
def test_a_faulty_region_is_named(tmp_path: Path, rows, message):
    path = tmp_path / "regions.csv"
    path.write_text(f"{HEADER}\n{rows}\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=f"regions.csv, {message}"):
        regions.read_regions(path, places.body_sites())
