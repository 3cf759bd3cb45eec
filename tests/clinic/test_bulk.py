"""A bulk insert leaves the same rows as saving them one by one."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from clinic import bulk, clock
from clinic.models import uuid7
from outcomes.models import Measure, OutcomeFact
from patients.models import Patient, SearchTerm
from tests.outcomes import rows


def values(record):
    return {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields}


def make_patients(clinic, count=3):
    return [
        Patient(
            clinic=clinic,
            mrn=f"X-{n}",
            family_name="Ñandú",
            birth_date=date(1960, 1, 31) if n else None,
            age_at_import=n or None,
            sex=Patient.Sex.FEMALE if n else "male",
            origin=Patient.Origin.IMPORT,
            created_at=datetime(2024, 3, 10, 8, 30, tzinfo=UTC) if n else clock.now(),
        )
        for n in range(count)
    ]


def test_every_value_comes_back_as_it_went_in(clinic):
    patients = make_patients(clinic)
    bulk.insert(patients)
    for patient in patients:
        assert values(Patient.objects.get(pk=patient.pk)) == values(patient)


def test_json_decimals_and_flags_come_back(clinic):
    measures = [
        Measure(
            clinic=clinic,
            key=f"m{n}",
            name="M",
            short_name="M",
            minimum=Decimal("-0.5"),
            maximum=Decimal("10.123456"),
            better_is=Measure.Better.LOWER,
            mic_points=None if n else Decimal("0.1"),
            sources=["A", "ü"],
        )
        for n in range(2)
    ]
    bulk.insert(measures)
    for measure in measures:
        assert values(Measure.objects.get(pk=measure.pk)) == values(measure)


@pytest.mark.parametrize(
    "text",
    [
        'a "word"',
        "C:\\new",
        "{1,2}",
        "a,b",
        "NULL",
        "null",
        " padded ",
        "two\nlines",
        "",
    ],
)
def test_a_text_that_reads_like_a_list_is_kept(clinic, text):
    """PostgreSQL is given its columns as arrays that are written out."""
    patients = make_patients(clinic)
    for patient in patients:
        patient.given_name = text
    bulk.insert(patients)
    kept = Patient.objects.filter(given_name=text)
    assert kept.count() == 3
    kept.update(given_name="")
    bulk.update(patients, ["given_name"])
    assert kept.count() == 3


class _Short(NamedTuple):
    id: UUID
    clinic_id: UUID
    mrn: str
    origin: str


def test_a_column_that_a_record_lacks_gets_the_default(clinic):
    short = _Short(uuid7(), clinic.pk, "X-1", "import")
    bulk.insert([short], Patient)
    stored = values(Patient.objects.get(pk=short.id))
    made = values(Patient(**short._asdict(), created_at=stored["created_at"]))
    assert stored == made


def test_a_counted_key_is_given_by_the_database(clinic):
    patients = make_patients(clinic)
    bulk.insert(patients)
    bulk.insert([SearchTerm(patient=p, clinic=clinic, term="x") for p in patients])
    assert SearchTerm.objects.filter(term="x").values("pk").distinct().count() == 3


def test_more_rows_than_fit_at_once_all_go_in(clinic):
    bulk.insert(make_patients(clinic, 4_500))
    assert Patient.objects.count() == 4_500


def test_nothing_to_add_is_no_fault(clinic, django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.insert([])


def test_the_rules_of_the_database_hold(clinic):
    bulk.insert(make_patients(clinic, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(make_patients(clinic, 1))


def test_flags_that_are_unknown_stay_unknown(clinic):
    episode, measure = rows.make_episode(clinic), rows.make_measure(clinic)
    bulk.insert(
        [
            OutcomeFact(
                clinic=clinic,
                episode=episode,
                measure=measure,
                timepoint_key=f"t{n}",
                is_eligible=bool(n),
                pct30=flag,
            )
            for n, flag in enumerate([None, True, False])
        ]
    )
    found = OutcomeFact.objects.filter(measure=measure).order_by("timepoint_key")
    assert [fact.pct30 for fact in found] == [None, True, False]
    assert [fact.is_eligible for fact in found] == [False, True, True]


def test_a_name_that_is_no_column_is_refused(clinic):
    class Wrong(NamedTuple):
        id: UUID
        clinic_id: UUID
        mnr: str

    with pytest.raises(AttributeError, match="mnr"):
        bulk.insert([Wrong(uuid7(), clinic.pk, "X-1")], Patient)
    with pytest.raises(AttributeError):
        bulk.update([Wrong(uuid7(), clinic.pk, "X-1")], ["mrn"], Patient)
