"""Typed values: the spelling in which they are stored, and what is refused."""

from datetime import date

import pytest

from patients.catalogue import findings

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("big_toe_extension", " 4 ", "4"),
        ("big_toe_extension", "5.0", "5"),
        ("abi", "0,85", "0.85"),
        ("abi", "0.900", "0.9"),
        ("slr_angle", "40", "40"),
        ("knee_extension_range", "-5", "-5"),
        ("lumbar_flexion", "60°", "60"),
        ("lumbar_flexion", "Limited and painful", "limited_painful"),
        ("pain_onset", "2026-11-28", "2026-11-28"),
        ("worse_with", "cough, walking,cough", "cough,walking"),
        ("slump", "absent", "absent"),
        ("RF01", "unchanged", "unchanged"),
        ("story", "It hurts.\r\nA lot.", "It hurts.\nA lot."),
    ],
)
def test_a_value_has_one_spelling(key, typed, stored):
    assert findings.definitions()[key].read(typed, today=TODAY) == stored


@pytest.mark.parametrize(
    ("key", "typed", "problem"),
    [
        ("big_toe_extension", "6", "6 is not between 0 and 5 MRC"),
        ("big_toe_extension", "-1", "-1 is not between 0 and 5 MRC"),
        ("big_toe_extension", "4.5", "4.5 is not a whole number"),
        ("big_toe_extension", "nan", "nan is not between"),
        ("lumbar_flexion", "900", "900 is not between 0 and 120 degrees"),
        ("lumbar_flexion", "stiff", "'stiff' is not a number"),
        ("pain_site_now", "11", "11 is not between 0 and 10"),
        ("ankle_jerk", "5", "'5' is not one of: 0, 1, 2, 3, 4"),
        ("slump", "unchanged", "'unchanged' is not one of"),
        ("RF07", "unchanged", "'unchanged' is not one of"),
        ("abi", "0.904", "0.904 has more than 2 decimals"),
        ("abi", "1e-3000", "1e-3000 has more than 2 decimals"),
        ("pain_onset", "2026-11-29", "2026-11-29 is in the future"),
        ("pain_onset", "last week", "'last week' is not a day such as"),
        ("story", "x" * 2001, "Use at most 2000 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_words(key, typed, problem):
    with pytest.raises(ValueError, match=problem):
        findings.definitions()[key].read(typed, today=TODAY)


@pytest.mark.parametrize("key", ["abi", "big_toe_extension", "slump", "pain_onset"])
def test_what_is_refused_is_not_repeated_by_the_page(key):
    with pytest.raises(ValueError, match="9…") as refused:
        findings.definitions()[key].read("9" * 5000, today=TODAY)
    assert len(str(refused.value)) < 120
