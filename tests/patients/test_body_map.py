"""How the body map is drawn: the field of a form, and the thumbnail."""

import re
from xml.etree import ElementTree

import pytest
from django.template import engines

from patients.catalogue import outlines, regions
from patients.triage import body_map

SVG = "{http://www.w3.org/2000/svg}"
VALUES = [v for region in regions.regions().values() for v in region.values()]
HEEL, ARCH = "heel_below:left", "arch:left"


def render(template: str, **context: object) -> str:
    return engines["django"].from_string(template).render(context)


def field(chosen=(), worst="", language="en", **more: object) -> str:
    return render(
        '{% include "patients/_body_map_field.html" %}',
        regions=regions.choices(language),
        chosen=set(chosen),
        worst=worst,
        language=language,
        **more,
    )


def thumbnail(chosen, worst="", language="en") -> str:
    tag = "{% load body_map %}{% body_map_thumbnail chosen worst language %}"
    return render(tag, chosen=chosen, worst=worst, language=language)


def pictures(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in re.findall("<svg.*?</svg>", html)]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_region_of_every_picture_has_its_name(language):
    html = field(language=language)
    assert len(pictures(html)) == 4
    for picture, view in zip(pictures(html), outlines.views().values(), strict=True):
        places = picture.findall(f".//{SVG}path[@data-place]")
        assert {p.get("data-place") for p in places} == set(view.shapes)
        for place in places:
            name = regions.label(place.get("data-place", ""), language)
            assert place.get("aria-label") == name


def test_nothing_is_styled_or_scripted_inline():
    html = field([HEEL], HEEL) + thumbnail([HEEL], HEEL)
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", html)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pictures_weigh_little(language):
    svgs = re.findall("<svg.*?</svg>", field(language=language))
    assert sum(map(len, svgs)) < 25_000
    assert len(thumbnail([HEEL, ARCH], HEEL)) < 4_000


def test_the_list_offers_every_place_as_box_and_as_worst():
    html = field([HEEL, ARCH], HEEL)
    boxes = re.findall(r'name="regions" value="(.*?)"( checked)?>', html)
    assert sorted(value for value, _ in boxes) == sorted(VALUES)
    assert {value for value, checked in boxes if checked} == {HEEL, ARCH}
    options = re.findall(r'<option value="(.+?)"( selected)?>', html)
    assert sorted(value for value, _ in options) == sorted(VALUES)
    assert [value for value, selected in options if selected] == [HEEL]


def test_a_box_is_named_in_full_for_those_who_hear_it():
    assert '<span class="visually-hidden">left heel, from below</span>' in field()
    spanish = '<span class="visually-hidden">talón izquierdo, por debajo</span>'
    assert spanish in field(language="es")


def test_what_is_chosen_is_drawn_in_every_picture_that_has_it():
    drawn = body_map.draw({"big_toe:left", HEEL}, HEEL, "en").pictures
    states = {(p.view, a.value): a.state for p in drawn for a in p.areas if a.state}
    assert states == {
        ("top", "big_toe:left"): "chosen",
        ("sole", "big_toe:left"): "chosen",
        ("sole", HEEL): "worst",
    }


def test_the_worst_has_a_cross_and_the_others_a_dot():
    marks = body_map.draw({ARCH, HEEL}, HEEL, "en").pictures[-1].marks
    assert {mark.state: mark.path.count("l") for mark in marks} == {
        "worst": 2,
        "chosen": 0,
    }


def test_a_worst_that_is_not_chosen_and_what_is_no_region_are_not_drawn():
    drawn = body_map.draw({"<b>", "arch"}, HEEL, "en").pictures
    assert not any(p.marks or any(a.state for a in p.areas) for p in drawn)


def test_each_picture_says_which_side_is_which():
    sides = {
        p.view: (p.on_the_left, p.on_the_right)
        for p in body_map.draw((), "", "es").pictures
    }
    facing, own = ("Derecha", "Izquierda"), ("Izquierda", "Derecha")
    assert sides == {"front": facing, "back": own, "top": own, "sole": facing}


def test_errors_and_another_wording_are_shown():
    html = field(errors=["Choose <one>."], question="Show me", worst_question="Where?")
    assert "<li>Choose &lt;one&gt;.</li>" in html
    assert 'aria-describedby="body-map-errors"' in html
    assert "<legend>Show me</legend>" in html
    assert ">Where?</label>" in html
    assert "body-map-errors" not in field()


def test_every_text_is_in_both_languages():
    english, spanish = body_map.texts("en"), body_map.texts("es")
    assert body_map.texts("fr") == english
    assert all(english[key] != spanish[key] for key in english)


def test_a_thumbnail_says_what_it_shows_worst_first():
    assert (
        'aria-label="Pain: left heel, from below (worst); arch of the left foot"'
        in (thumbnail([ARCH, HEEL], HEEL))
    )
    assert 'aria-label="Dolor: talón izquierdo, por debajo"' in (
        thumbnail([HEEL], HEEL, "es")
    )


def test_a_thumbnail_draws_only_what_is_chosen_and_letters_for_the_sides():
    (picture,) = pictures(thumbnail([ARCH, HEEL], HEEL))
    painted = [p.get("class") for p in picture.findall(f"{SVG}path")]
    assert sorted(c for c in painted if c in ("is-chosen", "is-worst")) == [
        "is-chosen",
        "is-worst",
    ]
    assert [text.text for text in picture.findall(f"{SVG}text")] == ["R", "L"]


def test_a_thumbnail_of_nothing_is_nothing():
    assert thumbnail([]).strip() == ""


@pytest.mark.parametrize(
    ("chosen", "views"),
    [
        ([HEEL], ["sole"]),
        (["big_toe:left"], ["top"]),
        (["big_toe:left", HEEL], ["sole"]),
        (["shoulder:left", "neck"], ["front"]),
        (["shoulder:left", "low_back"], ["back"]),
        ([HEEL, "low_back", "shin:left"], ["front", "back", "sole"]),
    ],
)
def test_a_thumbnail_shows_as_few_views_as_it_needs(chosen, views):
    drawn = body_map.thumbnail(chosen, "", "en")
    assert [m.view for m in drawn.miniatures] == views


@pytest.mark.parametrize("value", VALUES)
def test_a_thumbnail_is_cut_around_what_it_shows(value):
    (drawn,) = body_map.thumbnail([value], value, "en").miniatures
    left, top, width, height = map(int, drawn.box.split())
    a, b, c, d = outlines.views()[drawn.view].shapes[value].bounds
    assert left < a < c < left + width
    assert top < b < d < top + height


def test_a_thumbnail_of_head_to_heel_shows_the_whole_body():
    drawn = body_map.thumbnail(["neck", "heel_back:left"], "", "en").miniatures[0]
    assert drawn.box == "-230 14 460 928"
