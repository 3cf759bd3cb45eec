from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.triage import diagnoses
from plans.models import Intervention, LotUse, PRPTreatment
from plans.procedures import details, lifestyle, performing, used_lots
from plans.procedures.used_lots import Lot
from tests import factories

PRP = {
    "kind": "prp_injection",
    "site": "knee",
    "side": "left",
    "guidance": "ultrasound",
    "blood_draw_ml": Decimal("60"),
    "anticoagulant": "acd_a",
    "spins": 2,
    "spin_g": [Decimal("1500"), Decimal("3200.50")],
    "prp_volume_ml": Decimal("6"),
    "injected_volume_ml": Decimal("5"),
    "activation": "none",
    "injection_number": 1,
    "targets": ["joint"],
    "pain_before": 6,
    "complications": ["none"],
}
KIT = Lot("kit", " Arthrex  ACP ", "ab 12 ", date(2027, 5, 1))


@pytest.fixture
def prp(complaint):
    return factories.make_plan(complaint).interventions.get(is_index=True)


@pytest.fixture
def today(clinic):
    return factories.days_ago(clinic, 0)


def perform(intervention, day, **options):
    options = {"values": PRP, "lots": [KIT], "by": audit.SYSTEM} | options
    return performing.perform_with_details(intervention, performed_on=day, **options)


def refused(intervention, day, **changes):
    with pytest.raises(ValidationError) as raised:
        perform(intervention, day, values=PRP | changes)
    intervention.refresh_from_db()
    assert intervention.status == "planned"
    assert not PRPTreatment.objects.exists()
    return raised.value.message_dict


def test_what_was_done_is_kept_with_the_act(prp, today):
    perform(prp, today)
    prp.refresh_from_db()
    assert (prp.status, prp.performed_on, prp.site) == ("performed", today, "knee")
    assert prp.prp.spin_g == ["1500", "3200.5"]
    assert prp.prp.blood_draw_ml == 60
    assert prp.procedure.pain_before == 6
    lot = LotUse.objects.get()
    assert (lot.name, lot.lot) == ("Arthrex ACP", "ab 12")
    assert (lot.name_key, lot.lot_key) == ("arthrex acp", "ab 12")


def test_recording_says_what_was_before_and_is_after(prp, today, physician):
    perform(prp, today)
    details.record(prp, values={"spins": 1, "spin_g": []}, by=physician)
    event = AuditEvent.objects.filter(action="details.recorded").latest("pk")
    assert event.facts["before"] == {"spins": "2", "spin_g": ["1500", "3200.5"]}
    assert event.facts["after"] == {"spins": "1", "spin_g": ""}
    assert event.actor == physician


def test_a_correction_leaves_what_it_does_not_name(prp, today):
    perform(prp, today)
    details.record(prp, values={"blood_draw_ml": Decimal("55")}, by=audit.SYSTEM)
    prp.prp.refresh_from_db()
    assert (prp.prp.blood_draw_ml, prp.prp.anticoagulant) == (55, "acd_a")
    assert prp.lots.count() == 1


def test_lots_are_replaced_by_those_that_are_named(prp, today):
    perform(prp, today)
    kept = prp.lots.get().pk
    details.record(prp, values={}, lots=[KIT, Lot("drug", "X")], by=audit.SYSTEM)
    assert prp.lots.count() == 2
    assert prp.lots.filter(pk=kept).exists()
    details.record(prp, values={}, lots=[], by=audit.SYSTEM)
    event = AuditEvent.objects.filter(action="details.recorded").latest("pk")
    assert [lot["name"] for lot in event.facts["before"]["lots"]] == [
        "X",
        "Arthrex ACP",
    ]
    assert not LotUse.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"blood_draw_ml": Decimal("-1")}, "blood_draw_ml"),
        ({"blood_draw_ml": Decimal("0")}, "blood_draw_ml"),
        ({"prp_volume_ml": Decimal("21")}, "prp_volume_ml"),
        ({"blood_draw_ml": Decimal("5.5")}, "prp_volume_ml"),
        ({"injected_volume_ml": Decimal("7")}, "injected_volume_ml"),
        ({"spin_g": [Decimal("1500")]}, "spin_g"),
        ({"site": "moon"}, "site"),
        ({"side": "up"}, "side"),
        ({"targets": ["joint", "moon"]}, "targets"),
        ({"complications": ["none", "bleeding"]}, "complications"),
        ({"prp_platelets": Decimal("900")}, "prp_platelets"),
        ({"drawn_at": time(10), "performed_at": time(9)}, "performed_at"),
        ({"route": "caudal"}, "route"),
        ({"platelet_dose": 5}, "platelet_dose"),
        ({"target": "x" * 121}, "target"),
        ({"side": None}, "side"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(prp, today, changes, field):
    assert list(refused(prp, today, **changes)) == [field]


def test_the_other_side_passes_only_when_somebody_looked(prp, today):
    said = refused(prp, today, side="right")
    assert said == {"checked": ["The complaint is on the left, this is the right."]}
    perform(prp, today, values=PRP | {"side": "right"}, checked=True)
    event = AuditEvent.objects.get(action="details.recorded")
    assert event.facts["passed"] == ["side"]


def test_an_expired_lot_passes_only_when_somebody_looked(prp, today):
    day = today - timedelta(days=1)
    options = {"lots": [Lot("kit", "Duo Spin", "B-7", day)]}
    with pytest.raises(ValidationError) as raised:
        perform(prp, today, **options)
    words = [f"Lot B-7 had expired on {clock.in_words(day)}."]
    assert raised.value.message_dict == {"checked": words}
    perform(prp, today, checked=True, **options)
    event = AuditEvent.objects.get(action="details.recorded")
    assert event.facts["passed"] == ["lots"]
    assert prp.lots.get().was_expired


def test_a_lot_on_record_is_looked_at_with_every_correction(prp, today):
    perform(prp, today)
    prp.lots.update(expires_on=today - timedelta(days=1))
    with pytest.raises(ValidationError, match="had expired"):
        details.record(prp, values={"needle_gauge": 25}, by=audit.SYSTEM)
    details.record(prp, values={"needle_gauge": 25}, lots=[], by=audit.SYSTEM)


def test_more_platelets_than_were_drawn_are_looked_at_again(prp, today):
    counts = {
        "count_source": "measured",
        "whole_blood_platelets": Decimal("200"),
        "prp_platelets": Decimal("2500"),
    }
    assert "125.0 %" in refused(prp, today, **counts)["checked"][0]


def test_a_kits_count_is_no_measured_one_until_somebody_looked(prp, today):
    kits = {"count_source": "kit_default", "prp_platelets": Decimal("1350")}
    perform(prp, today, values=PRP | kits)
    words = (
        "Platelets in the product: 1350 is what was assumed from a kit. "
        "Was it counted in this product?"
    )
    measured = {"count_source": "measured"}
    with pytest.raises(ValidationError) as raised:
        details.record(prp, values=measured, by=audit.SYSTEM)
    assert raised.value.message_dict == {"checked": [words]}
    details.record(prp, values=measured, by=audit.SYSTEM, checked=True)
    event = AuditEvent.objects.filter(action="details.recorded").latest("pk")
    assert event.facts["passed"] == ["prp_platelets"]


def test_a_count_of_its_own_is_not_asked_about_again(prp, today):
    kits = {"count_source": "kit_default", "prp_platelets": Decimal("1350")}
    perform(prp, today, values=PRP | kits)
    counted = {"count_source": "measured", "prp_platelets": Decimal("1340")}
    details.record(prp, values=counted, by=audit.SYSTEM)
    assert prp.prp.prp_platelets == 1340


def test_only_a_diagnosis_of_the_complaint_is_an_indication(prp, today, patient):
    other = factories.make_complaint(patient, pain_site="knee")
    diagnosis = diagnoses.diagnose(other, by=audit.SYSTEM, code="M17.12")
    assert list(refused(prp, today, indication=diagnosis)) == ["indication"]


def test_an_outsider_did_not_do_it(prp, today, outsider):
    assert list(refused(prp, today, performed_by=outsider)) == ["performed_by"]


def test_what_somebody_changed_meanwhile_is_not_overwritten(prp, today):
    perform(prp, today)
    seen = details.fingerprint(prp, details.stored(prp))
    details.record(prp, values={"spins": 2, "needle_gauge": 22}, by=audit.SYSTEM)
    with pytest.raises(ValidationError, match="meanwhile"):
        details.record(prp, values={"needle_gauge": 25}, by=audit.SYSTEM, seen=seen)


def test_the_fingerprint_survives_a_round_through_the_database(prp, today):
    perform(prp, today)
    seen = details.fingerprint(prp, details.stored(prp))
    fresh = type(prp).objects.get(pk=prp.pk)
    assert details.fingerprint(fresh, details.stored(fresh)) == seen


def test_nothing_is_described_before_it_is_done(prp):
    with pytest.raises(ValidationError, match="planned"):
        details.record(prp, values={"spins": 2}, by=audit.SYSTEM)


def test_a_course_of_therapy_is_described_while_it_goes_on(complaint):
    plan = factories.make_plan(complaint, "physical_therapy")
    course = plan.interventions.first()
    details.record(
        course,
        values={"sessions_prescribed": 12, "focus": ["core_strength"]},
        by=audit.SYSTEM,
    )
    assert course.therapy.sessions_prescribed == 12
    with pytest.raises(ValidationError, match="more than the 12"):
        details.record(
            course,
            values={"sessions_attended": 11, "sessions_missed": 2},
            by=audit.SYSTEM,
        )


@pytest.fixture
def habits(complaint):
    plan = factories.make_plan(complaint, "lifestyle", started_days_ago=9)
    return plan.interventions.first()


def test_habits_are_measured_day_by_day(habits, clinic):
    for days, weight in ((8, "92.5"), (1, "90")):
        day = factories.days_ago(clinic, days)
        lifestyle.measure(
            habits,
            measured_on=day,
            values={"weight_kg": Decimal(weight), "smoking": "former"},
            by=audit.SYSTEM,
        )
    rows = habits.lifestyle_measurements.all()
    assert [row.weight_kg for row in rows] == [Decimal("92.5"), Decimal("90")]


def test_the_same_day_again_corrects_what_is_named(habits, today):
    for values in ({"weight_kg": Decimal("92"), "active_days": 3}, {"active_days": 4}):
        lifestyle.measure(habits, measured_on=today, values=values, by=audit.SYSTEM)
    row = habits.lifestyle_measurements.get()
    assert (row.weight_kg, row.active_days) == (92, 4)
    event = AuditEvent.objects.filter(action="lifestyle.measured").latest("pk")
    assert (event.facts["before"], event.facts["after"]) == (
        {"active_days": "3"},
        {"active_days": "4"},
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "__all__"),
        ({"weight_kg": Decimal("-3")}, "weight_kg"),
        ({"active_days": 8}, "active_days"),
        ({"active_days": 0, "active_minutes": 30}, "active_minutes"),
        ({"smoking": "cigars"}, "smoking"),
        ({"spins": 2}, "spins"),
    ],
)
def test_a_measurement_that_cannot_be_is_refused(habits, today, values, field):
    with pytest.raises(ValidationError) as raised:
        lifestyle.measure(habits, measured_on=today, values=values, by=audit.SYSTEM)
    found = raised.value
    fields = list(found.message_dict) if hasattr(found, "error_dict") else ["__all__"]
    assert fields == [field]


def test_nobody_measures_tomorrow(habits, today):
    tomorrow = today.replace(year=today.year + 1)
    with pytest.raises(ValidationError, match="future"):
        lifestyle.measure(
            habits, measured_on=tomorrow, values={"active_days": 3}, by=audit.SYSTEM
        )


def test_a_label_that_was_used_twice_is_kept_twice(complaint, today):
    prp = factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    kit = Lot(kind="kit", lot="A1")
    used_lots.replace(prp, [kit])
    used_lots.replace(prp, [kit, kit])
    assert LotUse.objects.count() == 2
    used_lots.replace(Intervention.objects.get(pk=prp.pk), [kit])
    assert LotUse.objects.count() == 1


def test_a_label_that_grows_when_folded_is_taken(complaint, today):
    prp = factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    used_lots.replace(prp, [Lot(kind="kit", lot="ﬃ" * 30)])
    assert LotUse.objects.get().lot == "ﬃ" * 30
