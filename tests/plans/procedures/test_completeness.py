from datetime import date
from decimal import Decimal

import pytest

from plans.models import Modality
from plans.procedures import catalogue, completeness
from plans.procedures.catalogue import Field

# Where a PRP field has a condition, it holds.
ASKING_ALL = {
    "count_source": "measured",
    "spins": 2,
    "site": "low_back",
    "guidance": "fluoroscopy",
    "contrast": "iodinated",
}


def filled(modality, **changes):
    """Something in every field that is asked."""
    values = {field.column: sample(field) for field in catalogue.fields_of(modality)}
    return {**values, **changes}


def sample(field: Field):
    if field.type == "choice":
        return next(iter(field.choices))
    if field.type == "several":
        return [next(iter(field.choices))]
    if field.type in ("integer", "decimal"):
        return field.low if field.low is not None else Decimal(1)
    return {"yes_no": False, "date": date(2026, 1, 1)}.get(field.type, "x")


@pytest.mark.parametrize("modality", Modality.values)
def test_all_recorded_is_all(modality):
    found = completeness.of(modality, filled(modality))
    assert (found.share, found.percent, found.labels) == (1, 100, [])


@pytest.mark.parametrize("modality", Modality.values)
def test_nothing_recorded_names_every_field_that_is_asked(modality):
    found = completeness.of(modality, {})
    assert found.percent == 0
    assert not found.recorded
    assert [f.level for f in found.missing_recommended] == ["recommended"] * len(
        found.missing_recommended
    )


@pytest.mark.parametrize(
    "field",
    [f for f in catalogue.fields_of("prp") if f.level in completeness.COUNTED],
    ids=lambda f: f.column,
)
def test_exactly_the_missing_prp_field_is_named(field):
    # What hangs on the missing one is not asked without it.
    values = filled("prp", **{**ASKING_ALL, field.column: None})
    assert completeness.of("prp", values).labels == [field.label]


def test_the_lot_of_a_biologic_counts_as_required():
    values = filled("prp", device_lot=None)
    found = completeness.of("prp", values)
    assert [f.column for f in found.missing_required] == ["device_lot"]


def test_counts_are_missing_only_where_something_was_counted():
    counts = ["prp_platelets", "whole_blood_platelets", "leukocytes", "red_cells"]
    empty = dict.fromkeys(counts)
    uncounted = completeness.of("prp", filled("prp", count_source="not_counted"))
    counted = completeness.of("prp", filled("prp", count_source="measured", **empty))
    assert not {f.column for f in uncounted.recorded} & set(counts)
    assert sorted(f.column for f in counted.missing) == sorted(counts)


def test_a_condition_makes_a_field_required():
    guided = {"guidance": "fluoroscopy", "site": "low_back", "contrast": ""}
    named = "image_guided_injection"
    found = completeness.of(named, filled(named, **guided))
    assert "contrast" in [f.column for f in found.missing_required]
    blind = completeness.of(named, filled(named, **{**guided, "guidance": "none"}))
    assert "contrast" not in [f.column for f in blind.missing]


def test_zero_and_no_are_recorded():
    values = filled("prp", **ASKING_ALL, pain_before=0, image_saved=False)
    assert completeness.of("prp", values).labels == []


def test_a_share_below_all_is_never_rounded_to_100():
    values = filled("prp", anticoagulant="")
    found = completeness.of("prp", values)
    assert found.percent == (found.asked - 1) * 100 // found.asked < 100
