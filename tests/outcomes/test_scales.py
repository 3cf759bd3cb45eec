"""How scales reckon: methods, reversal, weights, tables, and what may be missing."""

import itertools
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.instruments import scoring
from outcomes.instruments.definition import (
    Band,
    InstrumentDefinition,
    Item,
    Option,
    Scale,
)

NAMES = ("a", "b", "c", "d")


def item(link_id: str, low: int = 0, high: int = 4) -> Item:
    return Item(
        link_id,
        "rating",
        {"en": link_id},
        minimum=Decimal(low),
        maximum=Decimal(high),
        step=1,
    )


def instrument(**scale: Any) -> InstrumentDefinition:
    made = Scale("m", items=NAMES, **{"method": "sum", **scale})
    items = tuple(item(name) for name in NAMES)
    return InstrumentDefinition("k", 1, {"en": "K"}, items, (made,))


def value(answers: dict[str, int | None], **scale: Any) -> Decimal | None:
    given = {
        key: None if each is None else Decimal(each) for key, each in answers.items()
    }
    asked = list(answers)
    (scored,) = scoring.score(instrument(**scale), given, "foot", asked)
    return scored.value


ALL = {"a": 1, "b": 2, "c": 3, "d": 4}


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ({}, "10"),
        ({"method": "mean"}, "3"),
        ({"method": "mean", "decimals": 1}, "2.5"),
        ({"method": "highest"}, "4"),
        ({"method": "count"}, "4"),
        ({"method": "product"}, "24"),
        ({"reversed": ("a",)}, "12"),
        ({"weights": {"d": Decimal(2)}}, "14"),
        ({"rescale_to": (Decimal(0), Decimal(100)), "decimals": 1}, "62.5"),
        ({"rescale_to": (Decimal(100), Decimal(0)), "decimals": 1}, "37.5"),
        ({"table": {"10": Decimal("51.4")}, "decimals": 1}, "51.4"),
        ({"table": {"9": Decimal("50")}}, None),
    ],
)
def test_each_method(scale, expected):
    assert value(ALL, **scale) == (None if expected is None else Decimal(expected))


def test_a_half_is_rounded_up():
    assert value({"a": 1, "b": 2}, method="mean") == 2


BANDS = (
    Band(Decimal(3), {"en": "low"}, Decimal(1)),
    Band(Decimal(16), {"en": "high"}, Decimal(2)),
)


@pytest.mark.parametrize(("d", "expected"), [(0, 1), (1, 2), (4, 2)])
def test_bands_hold_their_upper_end(d, expected):
    assert value({"a": 0, "b": 0, "c": 3, "d": d}, bands=BANDS) == expected


def test_a_band_has_words():
    scale = Scale("m", "sum", NAMES, bands=BANDS)
    assert scoring.band_of(scale, Decimal(1), "en") == "low"
    assert scoring.band_of(scale, Decimal(2), "en") == "high"


MISSING = [set(c) for n in range(5) for c in itertools.combinations(NAMES, n)]


@pytest.mark.parametrize("missing", MISSING)
def test_by_default_every_question_that_was_asked_is_needed(missing):
    answers = {key: None if key in missing else ALL[key] for key in NAMES}
    assert value(answers) == (None if missing else 10)


@pytest.mark.parametrize("missing", MISSING)
def test_a_sum_is_scaled_up_where_enough_is_answered(missing):
    answers = {key: None if key in missing else 2 for key in NAMES}
    found = value(answers, at_least=3, is_prorated=True)
    assert found == (8 if len(missing) <= 1 else None)


@pytest.mark.parametrize("missing", MISSING)
def test_a_mean_is_of_what_was_answered(missing):
    answers = {key: None if key in missing else ALL[key] for key in NAMES}
    kept = [ALL[key] for key in NAMES if key not in missing]
    found = value(answers, method="mean", at_least=2, decimals=4)
    expected = Decimal(sum(kept)) / len(kept) if len(kept) >= 2 else None
    assert found == (expected and round(expected, 4))


def test_nothing_answered_is_no_score_and_not_zero():
    assert value(dict.fromkeys(NAMES), method="count") is None
    assert value({}) is None if scoring.score(instrument(), {}, "foot", []) else True


def test_what_was_not_asked_is_not_missing():
    assert value({"a": 1, "b": 2}) == 3


def test_an_option_counts_its_weight():
    options = tuple(
        Option(n, {"en": str(n)}, weight=Decimal(w)) for n, w in ((1, 0), (2, 6))
    )
    choice = Item("x", "choice", {"en": "X"}, options=options)
    scale = Scale("m", "sum", ("x",), reversed=("x",))
    found = InstrumentDefinition("k", 1, {"en": "K"}, (choice,), (scale,))
    (scored,) = scoring.score(found, {"x": Decimal(1)}, "foot")
    assert scored.value == 6


rated = st.integers(0, 4)
all_rated = st.fixed_dictionaries(dict.fromkeys(NAMES, rated))


@given(all_rated)
def test_a_score_lies_within_its_range(answers):
    assert 0 <= value(answers) <= 16
    assert 0 <= value(answers, rescale_to=(Decimal(0), Decimal(100))) <= 100


@given(all_rated)
def test_reversing_all_mirrors_the_score(answers):
    assert value(answers, reversed=NAMES) == 16 - value(answers)


@given(all_rated, st.permutations(NAMES))
def test_the_order_of_answers_does_not_matter(answers, order):
    turned = {name: answers[name] for name in order}
    for method in ("sum", "mean", "highest", "count", "product"):
        assert value(turned, method=method) == value(answers, method=method)
