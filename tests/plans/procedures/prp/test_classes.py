"""DEPA and PAW against worked examples, each edge of a class from both sides."""

from decimal import Decimal

import pytest

from plans.procedures.prp import classes

COUNTED = {
    "count_source": "measured",
    "blood_draw_ml": "60",
    "whole_blood_platelets": "250",
    "prp_platelets": "1000",
    "prp_volume_ml": "6",
    "injected_volume_ml": "5",
    "whole_blood_leukocytes": "6",
    "leukocytes": "3",
    "whole_blood_neutrophils": "4",
    "neutrophils": "1",
    "red_cells": "0.05",
    "activation": "none",
}
COUNTS = [
    name
    for name in COUNTED
    if name not in ("count_source", "activation") and not name.endswith("_ml")
]


def classed(**changes):
    return classes.classify({**COUNTED, **changes})


@pytest.mark.parametrize(
    ("count", "volume", "billions", "letter"),
    [
        # The example of the fact base: 5.0 is not over 5.
        ("1000", "5", "5.0", "B"),
        ("1000.01", "5", "5.00005", "A"),
        ("999.99", "5", "4.99995", "B"),
        ("2000", "5", "10", "A"),
        # The source leaves exactly 3 open: ours is B.
        ("1000", "3", "3", "B"),
        ("999.99", "3", "2.99997", "C"),
        ("1000.01", "3", "3.00003", "B"),
        # "Under 1" leaves exactly 1 to C.
        ("1000", "1", "1", "C"),
        ("999.99", "1", "0.99999", "D"),
        ("1000.01", "1", "1.00001", "C"),
        ("0", "5", "0", "D"),
        ("1000", "0", "0", "D"),
    ],
)
def test_dose(count, volume, billions, letter):
    dose = classed(prp_platelets=count, injected_volume_ml=volume).dose
    assert (dose.number, dose.letter) == (Decimal(billions), letter)


@pytest.mark.parametrize(
    ("made", "letter"),
    [
        # Of 250 thousand per µL x 40 mL = 10 billion drawn, in 10 mL of product.
        ("1000", "A"),
        ("900.01", "A"),
        ("900", "B"),
        ("899.99", "B"),
        ("700.01", "B"),
        # The source leaves exactly 70 open: ours is B.
        ("700", "B"),
        ("699.99", "C"),
        ("300.01", "C"),
        # "Under 30" leaves exactly 30 to C.
        ("300", "C"),
        ("299.99", "D"),
        ("0", "D"),
    ],
)
def test_efficiency(made, letter):
    found = classed(blood_draw_ml="40", prp_volume_ml="10", prp_platelets=made)
    assert found.efficiency.letter == letter
    assert found.efficiency.number == Decimal(made) / 10


@pytest.mark.parametrize(
    ("platelets", "white", "red", "percent", "letter"),
    [
        # Red cells count in millions: 0.009 of them are 9 thousand.
        ("90.01", "0.99", "0.009", "90.01", "A"),
        ("90", "1", "0.009", "90", "B"),
        ("89.99", "1.01", "0.009", "89.99", "B"),
        ("70.01", "0.99", "0.029", "70.01", "B"),
        ("70", "1", "0.029", "70", "B"),
        ("69.99", "1.01", "0.029", "69.99", "C"),
        ("30.01", "0.99", "0.069", "30.01", "C"),
        ("30", "1", "0.069", "30", "C"),
        ("29.99", "1.01", "0.069", "29.99", "D"),
        ("1000", "0", "0", "100", "A"),
    ],
)
def test_purity(platelets, white, red, percent, letter):
    found = classed(prp_platelets=platelets, leukocytes=white, red_cells=red).purity
    assert (found.number, found.letter) == (Decimal(percent), letter)


@pytest.mark.parametrize(
    ("count", "blood", "letter"),
    [
        ("249.99", "250", "P1"),
        ("250", "250", "P1"),
        ("250.01", "250", "P2"),
        ("749.99", "250", "P2"),
        # The source leaves exactly 750 open: ours is P2.
        ("750", "250", "P2"),
        ("750.01", "250", "P3"),
        ("1249.99", "250", "P3"),
        # "Over 1.25 million" leaves exactly 1,250 to P3.
        ("1250", "250", "P3"),
        ("1250.01", "250", "P4"),
        # At or below the blood's own comes first, however many these are.
        ("800", "800", "P1"),
        ("800.01", "800", "P3"),
    ],
)
def test_platelets(count, blood, letter):
    found = classed(prp_platelets=count, whole_blood_platelets=blood)
    assert found.platelets.letter == letter


@pytest.mark.parametrize(
    ("count", "white", "neutrophils"),
    [("5.99", "B", "β"), ("6", "B", "β"), ("6.01", "A", "α"), ("0", "B", "β")],
)
def test_white_cells_and_neutrophils(count, white, neutrophils):
    found = classed(
        leukocytes=count, neutrophils=count, whole_blood_neutrophils=Decimal(6)
    )
    assert found.white_cells.letter == white
    assert found.neutrophils.letter == neutrophils


@pytest.mark.parametrize(
    ("agent", "depa", "paw"),
    [
        ("none", "no", ""),
        ("calcium", "yes", "x"),
        ("thrombin", "yes", "x"),
        ("calcium_thrombin", "yes", "x"),
        ("collagen", "yes", "x"),
        ("light", "yes", "x"),
        ("other", "yes", "x"),
    ],
)
def test_activation(agent, depa, paw):
    found = classed(activation=agent)
    assert (found.activation.letter, found.outside.letter) == (depa, paw)
    assert not found.activation.why_not and not found.outside.why_not


def test_nothing_said_of_activation_is_no_no():
    found = classed(activation="")
    assert found.activation.shown == "not characterised: needs activation"
    assert found.paw_code == "P3-?-Bβ"


@pytest.mark.parametrize(
    ("changes", "depa", "paw"),
    [
        ({}, "BCA", "P3-Bβ"),
        ({"activation": "calcium"}, "BCA", "P3-x-Bβ"),
        ({"neutrophils": None}, "BCA", "P3-B?"),
        ({"leukocytes": None, "neutrophils": None}, "BC?", "P3-??"),
        ({"whole_blood_platelets": None}, "B?A", "?-Bβ"),
        ({"red_cells": None, "blood_draw_ml": None}, "B??", "P3-Bβ"),
        (dict.fromkeys(COUNTS), "", ""),
    ],
)
def test_codes(changes, depa, paw):
    found = classed(**changes)
    assert (found.depa_code, found.paw_code) == (depa, paw)


def test_what_a_kit_promises_is_shown_and_never_classed():
    found = classed(count_source="kit_default")
    for each in (*found.depa[:3], *found.paw[::2], found.neutrophils):
        assert (each.letter, each.shown) == ("", "assumed")
        assert each.is_assumed and each.number is not None
    assert (found.depa_code, found.paw_code) == ("", "")
    assert found.activation.letter == "no"


@pytest.mark.parametrize("name", COUNTS)
def test_an_absent_count_is_named(name):
    found = classed(**{name: None})
    said = [each.why_not for each in (*found.depa, *found.paw) if each.why_not]
    assert said
    for words in said:
        assert words == f"not characterised: needs {classes.WORDS[name]}"


def test_what_was_not_counted_has_no_class():
    found = classed(count_source="not_counted")
    assert found.dose.shown == "not characterised: not counted"
    assert found.dose.number is None


def test_counts_of_unknown_origin_are_not_classed():
    dose = classed(count_source="").dose
    assert dose.number == 5
    assert "where the counts come from is not recorded" in dose.shown


@pytest.mark.parametrize("made", ["2500.01", "30000"])
def test_a_recovery_above_100_warns_and_stands(made):
    found = classed(prp_platelets=made)
    assert found.efficiency.number > 100
    assert found.efficiency.shown == "not classed"
    assert found.warnings == [classes.RECOVERY_WARNING]


def test_a_recovery_of_exactly_100_is_none_too_many():
    found = classed(prp_platelets="2500")
    assert (found.efficiency.letter, found.warnings) == ("A", [])


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"whole_blood_platelets": "0"}, "efficiency"),
        ({"blood_draw_ml": "0"}, "efficiency"),
        ({"prp_platelets": "0", "leukocytes": "0", "red_cells": "0"}, "purity"),
        ({"whole_blood_platelets": "0"}, "platelets"),
        ({"whole_blood_leukocytes": "0"}, "white_cells"),
        ({"whole_blood_neutrophils": "0"}, "neutrophils"),
    ],
)
def test_zero_never_divides(changes, key):
    found = getattr(classed(**changes), key)
    assert (found.number, found.letter) == (None, "")
    assert found.shown == "not characterised: a count or volume of 0"


@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity", "many", True])
def test_no_number_is_no_count(value):
    found = classed(prp_platelets=value)
    assert found.dose.number is None
    assert "needs platelets in the product" in found.dose.shown


def test_the_numbers_behind_a_class_are_said():
    found = classed()
    assert found.dose.working == "1,000 thousand per µL × 5 mL injected"
    assert found.efficiency.working == "1,000 × 6 mL of 250 × 60 mL drawn"
    assert found.platelets.working == "blood 250"
