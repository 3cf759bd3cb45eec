import sys
import unicodedata
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from clinic import access
from plans.course import interventions
from plans.harm import lots, recall
from plans.harm.recall import By
from plans.models import LotUse
from tests import factories, reasons

pytestmark = pytest.mark.django_db
LOT = "LT-4711 A"


@pytest.fixture
def done(complaint, physician):
    plan = factories.make_plan(complaint, started_days_ago=40)
    return interventions.perform(
        plan.interventions.get(is_index=True),
        performed_on=factories.days_ago(complaint.clinic, 30),
        by=physician,
        caution_reasons=reasons.ALL,
    )


def found(user, text):
    best = recall.matches(user, text)
    return list(recall.interventions(user, best[0])) if best else []


@pytest.mark.parametrize("typed", ["LT-4711 A", " lt-4711 a ", "lt-4711  A", "LT-47"])
def test_a_lot_is_found_however_it_is_typed(done, physician, typed):
    factories.make_lot(done, f" {LOT} ")
    assert found(physician, typed) == [done]


def test_a_whole_lot_is_not_mixed_with_those_that_begin_so(done, physician):
    factories.make_lot(done, "LT-47")
    factories.make_lot(done, "LT-4711")
    (match,) = recall.matches(physician, "lt-47")
    assert match.is_exact and match.uses == 1
    assert recall.beginning_so(physician, "lt-47") == ["LT-4711"]


@pytest.mark.parametrize("kind", LotUse.Kind.values)
def test_a_kit_or_device_is_found_by_name(done, physician, kind):
    factories.make_lot(done, kind=kind, name="Spin X200")
    (match,) = recall.matches(physician, "spin x200")
    assert (match.by, match.is_exact) == (By.NAME, True)
    assert found(physician, "SPIN") == [done]


@pytest.mark.parametrize("typed", ["Dr Okafor", "dr okafor ", "Okafor", "oka"])
def test_an_operator_is_found_by_name_or_a_part_of_it(done, physician, typed):
    (match,) = recall.matches(physician, typed)
    assert match.by == By.OPERATOR
    assert found(physician, typed) == [done]


def operated(complaint, name):
    """Somebody of that name, and what they did."""
    who = factories.make_user(complaint.clinic, access.Role.PROVIDER, name=name)
    plan = factories.make_plan(complaint, started_days_ago=40)
    return who, interventions.perform(
        plan.interventions.get(is_index=True),
        performed_on=factories.days_ago(complaint.clinic, 20),
        by=who,
        caution_reasons=reasons.ALL,
    )


@pytest.mark.parametrize(
    ("name", "typed", "exact"),
    [
        ("Dr Okafor", "dr okafor", [True, True]),
        ("Ada Okafor", "okafor", [False, False]),
        ("Ada Okafor", "dr okafor", [True]),
    ],
)
def test_two_people_of_one_name_are_two_matches(
    patient, done, physician, name, typed, exact
):
    other = factories.make_complaint(patient, pain_site="knee")
    namesake, theirs = operated(other, name)
    by = {m.operator: m for m in recall.matches(physician, typed)}
    assert [match.is_exact for match in by.values()] == exact
    assert not any(match.is_beginning for match in by.values())
    mine = by[physician.pk]
    assert list(recall.interventions(physician, mine)) == [done]
    if len(exact) == 2:
        found_of_other = recall.interventions(physician, by[namesake.pk])
        assert list(found_of_other) == [theirs]


@pytest.mark.parametrize("typed", ["", "  ", "LT-4712", "711", "%", "LT_4711 A", "l"])
def test_nothing_else_is_found(done, physician, typed):
    factories.make_lot(done, LOT)
    assert recall.matches(physician, typed) == []


def test_another_clinics_lot_is_not_found(done, outsider):
    factories.make_lot(done, LOT)
    assert recall.matches(outsider, LOT) == []
    assert recall.resembling(outsider, LOT) == []


def test_who_may_not_read_plans_finds_nothing(done, clerk):
    factories.make_lot(done, LOT)
    assert recall.matches(clerk, LOT) == []


def test_a_lot_used_twice_in_one_procedure_is_one_intervention(done, physician):
    factories.make_lot(done, LOT)
    factories.make_lot(done, LOT, kind=LotUse.Kind.DRUG)
    assert found(physician, LOT) == [done]
    reach = recall.reach(physician, recall.matches(physician, LOT)[0])
    assert reach is not None
    assert (reach.interventions, reach.patients) == (1, 1)


def test_what_was_entered_in_error_was_not_done(done, physician):
    factories.make_lot(done, LOT)
    type(done).objects.filter(pk=done.pk).update(status="entered_in_error")
    assert found(physician, LOT) == []


def test_a_slip_at_the_end_shows_what_begins_alike(done, physician):
    factories.make_lot(done, LOT)
    assert recall.resembling(physician, "LT-4711 Q") == [LOT]


def test_too_many_that_begin_alike_are_not_listed(done, physician, monkeypatch):
    monkeypatch.setattr(recall, "MOST_ALIKE", 1)
    for number in range(3):
        factories.make_lot(done, f"LT-{number}")
    (match,) = recall.matches(physician, "LT-")
    assert match.is_too_wide and match.uses == 2


def test_a_label_that_grows_when_folded_still_fits_its_column(done, physician):
    long = "ﷺ" * 60
    use = factories.make_lot(done, long)
    assert len(use.lot_key) == 60
    assert found(physician, long) == [done]


@pytest.mark.parametrize(
    ("by", "text", "index"),
    [
        (By.LOT, LOT, "lot_by_lot"),
        (By.LOT, "LT-47", "lot_by_lot"),
        (By.NAME, "Spin X200", "lot_by_name"),
        (By.NAME, "Spin", "lot_by_name"),
        (By.OPERATOR, "Okafor", "intervention_by_operator"),
    ],
)
def test_the_search_stands_on_an_index(done, physician, by, text, index):
    others = [lots.made(done, lot=f"Q-{n}", name=f"Kit {n}") for n in range(2000)]
    LotUse.objects.bulk_create(others)
    factories.make_lot(done, LOT, name="Spin X200")
    with connection.cursor() as cursor:
        # Without statistics, or with a handful of rows, any index is as good.
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    match = next(m for m in recall.matches(physician, text) if m.by == by)
    search = recall.interventions if by == By.OPERATOR else recall.uses
    plan = search(physician, match).order_by().explain()
    # The foreign key's own index serves an operator as well.
    assert index in plan or (by == By.OPERATOR and "performed_by" in plan)


def test_keys_that_were_kept_with_another_dash_are_folded(done, physician):
    use = factories.make_lot(done, LOT, name="Spin\u2013X200")
    keys = {"lot_key": "lt\u22124711 a", "name_key": "spin\u2013x\u2014200"}
    LotUse.objects.filter(pk=use.pk).update(**keys)
    fold_dashes = import_module("plans.migrations.0008_fold_dashes")
    fold_dashes.fold(apps, None)
    use.refresh_from_db()
    assert (use.lot_key, use.name_key) == ("lt-4711 a", "spin-x-200")
    assert found(physician, "LT\u20104711") == [done]


def test_every_dash_of_unicode_is_folded_by_the_migration():
    dashes = {
        char
        for char in map(chr, range(sys.maxunicode))
        if unicodedata.category(char) == "Pd"
    }
    fold_dashes = import_module("plans.migrations.0008_fold_dashes")
    assert dashes <= {*fold_dashes.DASHES, "-"}


def test_a_lot_keeps_its_label_and_is_searched_by_its_key(done):
    use = lots.made(done, name=" Spin X200 ", lot=f"{LOT} ")
    assert (use.name, use.lot) == ("Spin X200", LOT)
    assert (use.name_key, use.lot_key) == ("spin x200", "lt-4711 a")
