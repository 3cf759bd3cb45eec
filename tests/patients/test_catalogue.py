"""Sites where it hurts and sources it may come from."""

from pathlib import Path

import pytest

from clinic.reference_data import ReferenceDataError, read_sources
from patients.catalogue import findings, origin_rules, places, red_flags, roots

SITE_HEADER = ",".join(places.SITE_COLUMNS)
SOURCE_HEADER = ",".join(places.SOURCE_COLUMNS)


@pytest.mark.parametrize(
    ("site", "side", "english", "spanish"),
    [
        ("foot", "left", "left foot", "pie izquierdo"),
        ("foot", "right", "right foot", "pie derecho"),
        ("knee", "left", "left knee", "rodilla izquierda"),
        ("knee", "none", "knee", "rodilla"),
        ("hand", "right", "right hand", "mano derecha"),
        ("heel", "left", "left heel", "talón izquierdo"),
        ("low_back", "none", "low back", "parte baja de la espalda"),
        ("low_back", "left", "low back", "parte baja de la espalda"),
    ],
)
def test_a_site_is_worded_in_both_languages(site, side, english, spanish):
    assert places.site_phrase(site, side, "en") == english
    assert places.site_phrase(site, side, "es") == spanish


def test_another_language_gets_english():
    assert places.site_phrase("foot", "left", "fr") == "left foot"


def test_an_unknown_site_or_side_is_named():
    with pytest.raises(ValueError, match="Unknown body site 'tail'"):
        places.site_phrase("tail", "left", "en")
    with pytest.raises(ValueError, match="Unknown side 'both'"):
        places.site_phrase("foot", "both", "en")


FEMININE = {"buttock", "hip", "groin", "knee", "lower_leg", "wrist", "hand"}


def test_spanish_sides_agree_in_gender():
    for site in (s for s in places.body_sites().values() if s.has_side):
        left, right = (
            ("izquierda", "derecha")
            if site.key in FEMININE
            else ("izquierdo", "derecho")
        )
        assert left in site.left_es.replace(",", "").split()
        assert right in site.right_es.replace(",", "").split()


def test_every_sided_site_names_its_side_in_english():
    for site in (s for s in places.body_sites().values() if s.has_side):
        assert site.left_en == f"left {site.phrase_en}"
        assert site.right_en == f"right {site.phrase_en}"


def test_only_the_spine_has_no_side():
    sites = places.body_sites().values()
    assert {s.key for s in sites if s.is_spine} == {"low_back", "mid_back", "neck"}
    assert all(site.has_side != site.is_spine for site in sites)


def test_site_choices_are_keys_and_labels_in_body_order():
    choices = places.site_choices()
    assert choices[0] == ("low_back", "Low back")
    assert ("foot", "Foot") in choices
    assert len(choices) == len(places.body_sites()) == 19


def test_pain_sources_cover_the_roots_and_what_imitates_them():
    assert {
        *("root_l1", "root_l2", "root_l3", "root_l4", "root_l5", "root_s1"),
        *("root_s2", "root_s3_s5", "disc", "spinal_stenosis", "si_joint"),
        *("facet_joint", "plantar_fascia", "tarsal_tunnel", "ankle_or_foot_joint"),
        *("other_peripheral_nerve", "hip_joint", "knee_joint", "rotator_cuff"),
        *("elbow_tendon", "vascular", "systemic", "polyneuropathy", "unknown"),
        "spinal_cord",
    } <= set(places.pain_sources())


def test_a_pain_source_carries_its_facts():
    assert places.pain_sources()["root_l5"] == places.PainSource(
        key="root_l5",
        label="L5 nerve root",
        group="nerve_root",
        has_side=True,
        source="HARRISON",
    )


def test_source_choices_hold_every_source_once_under_a_label():
    choices = places.source_choices()
    keys = [key for _, members in choices for key, _ in members]
    assert sorted(keys) == sorted(places.pain_sources())
    assert choices[0][0] == "Nerve root"
    assert ("root_s1", "S1 nerve root") in choices[0][1]
    assert choices[-1] == ("Unknown", [("unknown", "Not known yet")])


def test_sources_hold_what_is_cited_somewhere_and_nothing_else():
    cited = {source.source for source in places.pain_sources().values()}
    cited |= {found.source for found in findings.definitions().values()}
    for facts in (roots.roots(), red_flags.red_flags(), origin_rules.rules()):
        cited |= {key for fact in facts.values() for key in fact.sources}
    assert cited - {""} == set(read_sources(places.DATA / "sources.csv"))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("foot,Foot,Pie,yes,no,foot,left foot,,pie,a,b", "right_en: is missing"),
        ("back,B,E,no,yes,back,left,,e,,", "left_en: must be empty"),
        ("foot,Foot,,yes,no,foot,l,r,pie,a,b", "label_es: is missing"),
        ("foot,Foot, Pie,yes,no,foot,l,r,pie,a,b", "label_es: remove the spaces"),
    ],
)
def test_a_faulty_site_is_named(tmp_path: Path, row, message):
    path = tmp_path / "sites.csv"
    path.write_text(f"{SITE_HEADER}\n{row}\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=f"sites.csv, line 2, {message}"):
        places.read_body_sites(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,A,ligament,yes,", "line 2, group: 'ligament' is not one of nerve_root"),
        ("a,A,joint,yes,NOBODY1999", "line 2, source: 'NOBODY1999' is not one of X"),
        ("a,A,joint,yes,\na,B,joint,no,", "line 3, key: a stands twice"),
    ],
)
def test_a_faulty_source_is_named(tmp_path: Path, rows, message):
    path = tmp_path / "sources.csv"
    path.write_text(f"{SOURCE_HEADER}\n{rows}\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=message):
        places.read_pain_sources(path, {"X"})
