import csv
from datetime import date, time
from decimal import Decimal

import pytest
from django.core.exceptions import FieldDoesNotExist

from clinic.reference_data import ReferenceDataError
from patients.catalogue import places
from plans.models import (
    GuidedInjection,
    Intervention,
    LifestyleChange,
    LifestyleMeasurement,
    MarrowConcentrate,
    Modality,
    Procedure,
    PRPTreatment,
    TherapyCourse,
    TreatedSide,
)
from plans.procedures import catalogue, catalogue_file, conditions
from plans.procedures.catalogue_field import GROUPS

MODELS = {
    "intervention": Intervention,
    "procedure": Procedure,
    "prp": PRPTreatment,
    "marrow": MarrowConcentrate,
    "injection": GuidedInjection,
    "therapy": TherapyCourse,
    "lifestyle": LifestyleChange,
    "measurement": LifestyleMeasurement,
}
BOOKKEEPING = {"id", "clinic", "created_at", "intervention"}
TYPES = {
    "choice": {"CharField"},
    "several": {"JSONField"},
    "decimals": {"JSONField"},
    "amounts": {"JSONField"},
    "integer": {"PositiveSmallIntegerField", "PositiveIntegerField"},
    "decimal": {"DecimalField"},
    "yes_no": {"BooleanField"},
    "text": {"CharField", "TextField"},
    "date": {"DateField"},
    "time": {"TimeField"},
    "reference": {"ForeignKey"},
}
# What an intervention records of itself; the rest is its place in the plan.
OWN = {
    "performed_on",
    "performed_by",
    "kind",
    "indication",
    "site",
    "side",
    "levels",
    "target",
    "guidance",
}


def of_type(kind):
    return [
        pytest.param(field, id=f"{field.table}.{field.column}")
        for field in catalogue.fields()
        if field.type == kind
    ]


def columns_of(table):
    if table == "intervention":
        return OWN
    return {f.name for f in MODELS[table]._meta.concrete_fields} - BOOKKEEPING


@pytest.mark.parametrize("field", catalogue.fields(), ids=lambda f: f.column)
def test_every_row_has_its_typed_column(field):
    if not field.is_stored:
        with pytest.raises((FieldDoesNotExist, KeyError)):
            MODELS[field.table]._meta.get_field(field.column)
        return
    column = MODELS[field.table]._meta.get_field(field.column)
    assert column.get_internal_type() in TYPES[field.type]


@pytest.mark.parametrize("table", MODELS)
def test_every_column_has_its_row(table):
    rows = {f.column for f in catalogue.fields() if f.table == table and f.is_stored}
    assert rows == columns_of(table)


@pytest.mark.parametrize("field", of_type("choice"))
def test_a_choice_fits_its_column(field):
    column = MODELS[field.table]._meta.get_field(field.column)
    assert all(len(key) <= column.max_length for key in field.choices)
    if column.choices and field.column != "side":
        assert set(field.choices) == {key for key, _ in column.flatchoices if key}


@pytest.mark.parametrize("field", of_type("decimal"))
def test_bounds_fit_their_column(field):
    column = MODELS[field.table]._meta.get_field(field.column)
    assert field.high < 10 ** (column.max_digits - column.decimal_places)
    assert field.low >= 0


def test_sides_and_sites_are_the_ones_the_app_knows():
    side, site = (catalogue.by_column("prp")[name] for name in ("side", "site"))
    assert list(side.choices) == TreatedSide.values
    assert set(places.body_sites()) <= set(site.choices)


@pytest.mark.parametrize("modality", Modality.values)
def test_no_column_stands_twice_on_one_form(modality):
    columns = [field.column for field in catalogue.fields_of(modality)]
    assert len(columns) == len(set(columns))
    groups = [field.group for field in catalogue.fields_of(modality)]
    assert groups == sorted(groups, key=list(GROUPS).index)


def test_a_form_holds_what_its_modality_records():
    therapy = {f.column for f in catalogue.fields_of("physical_therapy")}
    assert {"side", "focus", "sessions_attended"} <= therapy
    assert not therapy & {"guidance", "pain_before", "kind", "blood_draw_ml"}
    assert "weight_kg" in {f.column for f in catalogue.measured()}
    assert catalogue.tables_of("prp") == ("procedure", "prp")
    assert catalogue.tables_of("other") == ()


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("", {}, True),
        ("guidance in ct|xray", {"guidance": "ct"}, True),
        ("guidance in ct|xray", {"guidance": "ultrasound"}, False),
        ("guidance in ct|xray", {}, False),
        ("levels in L4-L5|S1", {"levels": ["L3-L4", "S1"]}, True),
        ("levels in L4-L5", {"levels": []}, False),
        ("spins over 0", {"spins": 1}, True),
        ("spins over 0", {"spins": "0"}, False),
        ("spins over 0", {"spins": None}, False),
        ("lot filled", {"lot": ""}, False),
        ("lot filled", {"lot": 0}, True),
        ("lot filled and site in knee", {"lot": "7", "site": "knee"}, True),
        ("lot filled and site in knee", {"lot": "7", "site": "hip"}, False),
    ],
)
def test_a_condition_holds_as_it_reads(text, values, holds):
    assert conditions.parse(text).holds(values) is holds


@pytest.mark.parametrize("text", ["site", "site is knee", "spins over x", " and "])
def test_a_text_that_is_no_condition_says_so(text):
    with pytest.raises(ValueError, match="no condition|no number"):
        conditions.parse(text)


@pytest.mark.parametrize(
    ("modality", "column", "values", "level"),
    [
        ("prp", "levels", {"modality": "prp", "site": "knee"}, "optional"),
        ("prp", "levels", {"modality": "prp", "site": "low_back"}, "required"),
        ("prp", "spin_g", {"spins": 0}, "optional"),
        ("prp", "spin_g", {"spins": 2}, "recommended"),
        (
            "image_guided_injection",
            "pain_after_30min",
            {"purpose": "diagnostic"},
            "required",
        ),
        (
            "image_guided_injection",
            "pain_after_30min",
            {"purpose": "therapeutic"},
            "optional",
        ),
    ],
)
def test_what_is_required_depends_on_what_was_done(modality, column, values, level):
    assert catalogue.by_column(modality)[column].level_for(values) == level


@pytest.mark.parametrize(
    ("modality", "column", "value", "words"),
    [
        ("prp", "blood_draw_ml", Decimal("60.00"), "60 mL"),
        ("prp", "anticoagulant", "acd_a", "ACD-A"),
        ("prp", "spin_g", ["1500", "3200.5"], "1500, 3200.5 × g"),
        ("prp", "targets", ["joint", "si_joint"], "joint, SI joint"),
        ("prp", "ph_adjusted", False, "no"),
        ("prp", "ph_adjusted", None, "not recorded"),
        ("prp", "drawn_at", time(9, 5), "09:05"),
        ("prp", "performed_on", date(2026, 3, 4), "4 Mar 2026"),
        ("prp", "pain_before", 0, "0 of 10"),
        ("prp", "needle_gauge", 22, "22 gauge"),
        ("prp", "target", "left knee", "left knee"),
        (
            "bone_marrow_concentrate",
            "injected_ml_by_target",
            [{"target": "left knee", "ml": "4.0"}, {"target": "MCL", "ml": "1.5"}],
            "left knee 4 mL; MCL 1.5 mL",
        ),
    ],
)
def test_a_value_reads_as_a_person_says_it(modality, column, value, words):
    assert catalogue.in_words(catalogue.by_column(modality)[column], value) == words


@pytest.mark.parametrize(
    ("column", "wrong", "said"),
    [
        ("table", "prpp", "not one of"),
        ("type", "float", "not one of"),
        ("unit", "ml", "no words"),
        ("low", "five", "must be a number"),
        ("choices", "a|b", "nothing else has any"),
        ("asked_if", "spins is 1", "no condition"),
        ("asked_if", "spin over 1", "no field is called 'spin'"),
        ("usual", "perhaps", "no condition"),
        ("later", "yes", "a number of days"),
        ("later", "0", "a number of days"),
        ("sources", "NOBODY", "not in sources.csv"),
    ],
)
def test_a_faulty_row_names_the_file_and_place(tmp_path, column, wrong, said):
    row = dict.fromkeys(catalogue_file.COLUMNS, "") | {
        "table": "prp",
        "column": "spins",
        "group": "draw",
        "label": "Spins",
        "type": "integer",
        "level": "required",
        "usual": "no",
        "later": "no",
        column: wrong,
    }
    path = tmp_path / "fields.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, catalogue_file.COLUMNS)
        writer.writeheader()
        writer.writerow(row)
    with pytest.raises(ReferenceDataError, match=said) as raised:
        catalogue_file.read_fields(path, {"MIBO2017"})
    assert "fields.csv" in str(raised.value)


def test_the_volume_that_the_dose_is_counted_from_is_all_that_was_given():
    assert catalogue.by_column("prp")["injected_volume_ml"].label == "Injected in all"
