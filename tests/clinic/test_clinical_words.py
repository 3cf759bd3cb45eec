import pytest

from clinic import clinical_words
from clinic.reference_data import ReferenceDataError


def words(text, *names):
    return [found.word for found in clinical_words.find(text, names)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How is your foot pain?", ["foot", "pain"]),
        ("After your INJECTIONS", ["INJECTIONS"]),
        ("the PRP, the MRI’s", ["PRP", "MRI"]),
        ("x-ray or X  ray", ["x-ray", "X  ray"]),
        ("¿Cómo sigue su dolor de espalda?", ["dolor", "espalda"]),
        ("tras la Inyección en la rodilla", ["Inyección", "rodilla"]),
        ("rodillas, RODÍLLA", ["rodillas", "RODÍLLA"]),
        ("vertebrae and feet", ["vertebrae", "feet"]),
    ],
)
def test_a_clinical_word_is_found_however_it_is_written(text, found):
    assert words(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "The footer, a painting? No: paint, alarm, legend and shipment.",
        "Su clínica pregunta: ¿cómo está usted? Gracias por responder mañana.",
        "Please answer, it takes three minutes. Emergency? Call 911.",
    ],
)
def test_other_words_pass(text):
    assert words(text) == []


def test_each_word_is_named_once_and_where_it_begins():
    found = clinical_words.find("no pain, no PAIN, no knee")
    assert [(one.word, one.at) for one in found] == [("pain", 3), ("knee", 21)]


def test_the_clinics_own_name_may_hold_one():
    text = "Lakeview Spine asks: how is your spine?"
    assert words(text, "Lakeview Spine") == ["spine"]
    assert words("Lakeview Spines", "Lakeview Spine") == ["Spines"]


@pytest.mark.parametrize(
    ("name", "neutral"),
    [
        ("Lakeview", "Lakeview"),
        ("Lakeview Spine", "Lakeview"),
        ("Lakeview Spine & Pain Center", "Lakeview Center"),
        ("Foot and Ankle Associates", "Your care team"),
        ("Centro del Dolor Ríos", "Centro Ríos"),
        ("Clínica de Espalda y Columna", "Your care team"),
    ],
)
def test_a_neutral_name_is_offered(name, neutral):
    assert clinical_words.neutral(name) == neutral
    assert words(neutral) == []


def test_the_list_covers_both_languages_and_every_group():
    assert set(clinical_words.load().values()) == set(clinical_words.GROUPS)
    assert len(clinical_words.load()) > 300


def test_a_word_with_an_accent_is_refused_in_the_list(tmp_path):
    file = tmp_path / "words.csv"
    file.write_text("word,language,group\ntalón,es,body part\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="line 2, word: write talon"):
        clinical_words.load(file)
