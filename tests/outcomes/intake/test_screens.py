"""The content of the intake: whole, bilingual, and asked where it fits."""

import re

import pytest

from clinic.reference_data import ReferenceDataError
from outcomes.intake import screens
from outcomes.intake.screens import Kind, Person
from patients.catalogue import findings, red_flags

SCREENS = screens.content().screens
ASKED = {found.key for screen in SCREENS for found in screen.asks}
PERSON = Person("female", 40)


def test_every_question_for_patients_is_asked():
    details = set(red_flags.details())
    wanted = {d.key for d in findings.definitions().values() if d.is_for_patients}
    assert wanted - details == ASKED


def test_every_red_flag_that_patients_can_report_is_asked():
    reported = {r.key for r in red_flags.red_flags().values() if r.is_for_patients}
    assert reported <= ASKED
    assert "RF23" not in ASKED, "nobody reads it the same minute"


def test_the_four_symptoms_have_a_screen_each():
    kinds = {screen.asks[0].key: screen.kind for screen in SCREENS}
    four = ("radiating_pain", "numbness", "weakness", "bending_sitting")
    assert [kinds[key] for key in four] == [Kind.SYMPTOM] * 4


def test_every_list_offers_nothing():
    lists = [screen.asks[0] for screen in SCREENS if screen.kind == Kind.BOXES]
    assert len(lists) == 3
    assert all(list(found.options)[-1] == "nothing" for found in lists)


def test_every_word_of_a_list_exists_in_both_languages():
    for screen in SCREENS:
        for found in screen.asks if screen.kind == Kind.BOXES else ():
            assert all(set(o.words) == {"en", "es"} for o in found.options.values())


@pytest.mark.parametrize(
    ("code", "sex", "age", "site", "asked"),
    [
        ("RF24", "female", 40, "foot", True),
        ("RF24", "male", 40, "foot", False),
        ("RF24", "female", 56, "foot", False),
        ("RF24", "unknown", None, "foot", True),
        ("RF02", "male", 80, "foot", True),
        ("RF02", "male", 80, "neck", True),
        ("RF02", "male", 80, "hand", False),
    ],
)
def test_who_is_asked_what(code, sex, age, site, asked):
    assert screens.content().is_asked(code, Person(sex, age), site) is asked


def test_an_option_stands_where_it_fits():
    offered = screens.content().is_offered
    assert offered("worse_with", "overhead", "shoulder")
    assert not offered("worse_with", "overhead", "foot")
    assert offered("worse_with", "sitting", "hand")


def write(tmp_path, text):
    file = tmp_path / "screens.toml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("asks = ['numbness']", "asks = ['nope']"), "'nope' is no finding"),
        (("asks = ['numbness']", "asks = ['knee_jerk']"), "'knee_jerk' is no finding"),
        (("asks = ['numbness']", "asks = []"), "at least one"),
        (("asks = ['numbness']", "asks = ['RF01']"), "heading: boxes need a question"),
        (("'patient'", "'family'"), "about: 'family' is not one of"),
        (("not_at = []", "not_at = ['moon']"), "not_at: 'moon' is not known"),
        (("not_at = []", "nota = []"), "nota: unknown key"),
        (("['RF24']", "['RF99']"), "codes: 'RF99' is not known"),
        (("walking", "flying"), "flying: is no option of 'worse_with'"),
    ],
)
def test_a_fault_in_the_file_is_named(tmp_path, change, message):
    text = """
        [[screens]]
        key = 'numbness'
        about = 'patient'
        asks = ['numbness']
        not_at = []
        [[unasked]]
        codes = ['RF24']
        [offered]
        worse_with.walking = ['leg']
        """
    screens.read(write(tmp_path, text))
    with pytest.raises(ReferenceDataError, match=re.escape(message)):
        screens.read(write(tmp_path, text.replace(*change)))
