"""The few words of a chart in Spanish, and nothing else of it."""

import pytest

from outcomes.sheets.letter import drawn


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("0–10, lower is better", "0–10, menos es mejor"),
        ("dotted: meaningful, 5 or less", "puntos: cambio que importa, 5 o menos"),
        ("dash-dotted: acceptable, 3 or less", "raya y punto: aceptable, 3 o menos"),
        ("0–10 · no baseline", "0–10 · sin respuesta anterior"),
        ("start", "inicio"),
        ("6 wk", "6 sem"),
        ("18 mo", "18 m"),
        ("2 y", "2 a"),
        ("Dolor y goal", "Dolor y meta"),
        ("Restart monsoon", "Restart monsoon"),
    ],
)
def test_words_are_exchanged_and_parts_of_words_are_not(english, spanish):
    told = drawn.in_spanish(f"<svg><text>{english}</text></svg>", "")
    assert told == f"<svg><text>{spanish}</text></svg>"


def test_attributes_stay_and_what_it_is_about_is_told_anew():
    markup = '<svg class="start"><desc id="a">Pain 7 at start.</desc></svg>'
    told = drawn.in_spanish(markup, "Dolor 7 &lt; 8")
    assert told == '<svg class="start"><desc id="a">Dolor 7 &lt; 8</desc></svg>'
