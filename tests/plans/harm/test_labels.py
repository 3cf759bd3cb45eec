import pytest

from plans.harm import labels


@pytest.mark.parametrize(
    "typed",
    [
        "LT-4711 A",
        "lt-4711 a",
        " LT-4711 A ",
        "LT-4711  A\t",
        "LT-4711\u00a0A",
        "ＬＴ-４７１１ A",
        "LT-\u200b4711 A",
        "LT-4711\x1dA",
    ],
)
def test_a_label_typed_differently_is_the_same(typed):
    assert labels.key_of(typed) == "lt-4711 a"


@pytest.mark.parametrize(
    "dash",
    [*"\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe58\u30a0"],
)
def test_every_dash_is_the_same(dash):
    assert labels.key_of(f"LT{dash}4711 A") == "lt-4711 a"


@pytest.mark.parametrize("other", ["LT-4711A", "LT4711 A", "LT-4711 B", "1T-4711 A"])
def test_another_label_is_another(other):
    assert labels.key_of(other) != "lt-4711 a"


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "\t\n"])
def test_nothing_seen_is_no_key(text):
    assert labels.key_of(text) == ""


def test_a_key_is_its_own_key():
    for text in ("Straße 1", "ﷺ", "ŉ", "İ"):
        once = labels.key_of(text)
        assert labels.key_of(once) == once
