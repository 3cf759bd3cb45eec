import pytest

from plans.harm.labels import key_of


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("AB 123", "ab 123"),
        (" ab  123 ", "ab 123"),
        ("Ab\t123\n", "ab 123"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_a_label_is_found_however_it_was_typed(typed, key):
    assert key_of(typed) == key
