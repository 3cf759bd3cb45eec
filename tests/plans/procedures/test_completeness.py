from datetime import date, timedelta
from decimal import Decimal

import pytest

from plans.models import Modality
from plans.procedures import catalogue, completeness
from plans.procedures.catalogue_field import Field

# Where a PRP field has a condition, it holds.
ASKING_ALL = {
    "count_source": "measured",
    "spins": 2,
    "site": "low_back",
    "guidance": "fluoroscopy",
    "contrast": "iodinated",
}


DONE_ON = date(2026, 3, 1)
MUCH_LATER = DONE_ON + timedelta(days=60)


def found_in(modality, values, *, performed_on=DONE_ON, today=MUCH_LATER):
    return completeness.of(modality, values, performed_on=performed_on, today=today)


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
    found = found_in(modality, filled(modality))
    assert (found.share, found.percent, found.labels) == (1, 100, [])


@pytest.mark.parametrize("modality", Modality.values)
def test_nothing_recorded_names_every_field_that_is_asked(modality):
    found = found_in(modality, {})
    assert found.percent == 0
    assert not found.recorded
    assert [f.level for f in found.missing_recommended] == ["recommended"] * len(
        found.missing_recommended
    )


COUNTS = ["prp_platelets", "whole_blood_platelets", "leukocytes", "red_cells"]


@pytest.mark.parametrize(
    "field",
    [f for f in catalogue.fields_of("prp") if f.level in completeness.COUNTED],
    ids=lambda f: f.column,
)
def test_exactly_the_missing_prp_field_is_named(field):
    # What hangs on the missing one is not asked without it, but for the counts.
    values = filled("prp", **{**ASKING_ALL, field.column: None})
    with_it = COUNTS if field.column == "count_source" else []
    found = [each.column for each in found_in("prp", values).missing]
    assert sorted(found) == sorted([field.column, *with_it])


def test_the_lot_of_a_biologic_counts_as_required():
    values = filled("prp", device_lot=None)
    found = found_in("prp", values)
    assert [f.column for f in found.missing_required] == ["device_lot"]


@pytest.mark.parametrize("source", ["not_counted", "kit_default", "measured"])
def test_counts_that_nobody_made_are_missing(source):
    given = {} if source == "kit_default" else dict.fromkeys(COUNTS)
    found = found_in("prp", filled("prp", count_source=source, **given))
    assert sorted(f.column for f in found.missing) == sorted(COUNTS)
    assert found.percent < 100


def test_a_condition_makes_a_field_required():
    guided = {"guidance": "fluoroscopy", "site": "low_back", "contrast": ""}
    named = "image_guided_injection"
    found = found_in(named, filled(named, **guided))
    assert "contrast" in [f.column for f in found.missing_required]
    blind = found_in(named, filled(named, **{**guided, "guidance": "none"}))
    assert "contrast" not in [f.column for f in blind.missing]


def test_zero_and_no_are_recorded():
    values = filled("prp", **ASKING_ALL, pain_before=0, image_saved=False)
    assert found_in("prp", values).labels == []


def test_a_share_below_all_is_never_rounded_to_100():
    values = filled("prp", anticoagulant="")
    found = found_in("prp", values)
    assert found.percent == (found.asked - 1) * 100 // found.asked < 100


LATER = [
    ("bone_marrow_concentrate", "donor_site_pain_d2", 2),
    ("bone_marrow_concentrate", "donor_site_pain_d7", 7),
    ("image_guided_injection", "systemic_reaction_2w", 14),
]


@pytest.mark.parametrize(("modality", "column", "days"), LATER)
def test_what_is_learnt_later_is_missing_from_its_day_on(modality, column, days):
    values, day = filled(modality, **{column: None}), DONE_ON + timedelta(days=days)
    before = found_in(modality, values, today=day - timedelta(days=1))
    label = catalogue.by_column(modality)[column].label
    assert (before.percent, before.labels) == (100, [])
    (later,) = before.due_later
    assert (later.field.label, later.from_day) == (label, day)
    on_the_day = found_in(modality, values, today=day)
    assert (on_the_day.labels, on_the_day.due_later) == ([label], ())
    assert on_the_day.asked == before.asked + 1


@pytest.mark.parametrize(("modality", "column", "days"), LATER)
def test_what_is_known_before_its_day_is_recorded(modality, column, days):
    found = found_in(modality, filled(modality), today=DONE_ON)
    assert column in [field.column for field in found.recorded]
    assert not found.due_later


def test_of_what_is_not_done_yet_no_day_is_named():
    values = filled("bone_marrow_concentrate", donor_site_pain_d2=None)
    found = found_in("bone_marrow_concentrate", values, performed_on=None)
    assert [each.words for each in found.due_later] == ["Donor-site pain on day 2"]


def test_every_later_field_says_when_or_that_it_is_at_the_end():
    later = {f.column: f.later_days for f in catalogue.fields() if f.is_later}
    assert later == {column: days for _, column, days in LATER} | {"stop_reason": 0}


@pytest.mark.parametrize(("was_stopped", "missing"), [("no", []), ("yes", ["home"])])
def test_why_it_stopped_is_asked_of_what_was_stopped(was_stopped, missing):
    values = filled("physical_therapy", stop_reason="", was_stopped=was_stopped)
    found = found_in("physical_therapy", values)
    assert [field.group for field in found.missing_required] == missing
    assert not found.missing_recommended
