from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from plans.procedures import checks, computed
from plans.procedures.used_lots import Lot

DAY, LATER = date(2026, 5, 1), date(2026, 5, 2)
PRP = "prp"
BMC = "bone_marrow_concentrate"
GIVEN = [{"target": "hip", "ml": "4"}, {"target": "knee", "ml": "1.5"}]


@pytest.mark.parametrize(
    ("modality", "values", "wrong"),
    [
        (PRP, {"blood_draw_ml": 5}, []),
        (PRP, {"blood_draw_ml": Decimal("4.99")}, ["blood_draw_ml"]),
        (PRP, {"blood_draw_ml": 240}, []),
        (PRP, {"blood_draw_ml": Decimal("240.01")}, ["blood_draw_ml"]),
        (PRP, {"blood_draw_ml": 6, "prp_volume_ml": 6}, []),
        (PRP, {"blood_draw_ml": 6, "prp_volume_ml": 7}, ["prp_volume_ml"]),
        (PRP, {"prp_volume_ml": 5, "injected_volume_ml": 5}, []),
        (PRP, {"prp_volume_ml": 5, "injected_volume_ml": 6}, ["injected_volume_ml"]),
        (PRP, {"drawn_at": time(9), "performed_at": time(9)}, []),
        (PRP, {"drawn_at": time(9, 1), "performed_at": time(9)}, ["performed_at"]),
        (PRP, {"spins": 2, "spin_g": ["1500", "900"]}, []),
        (PRP, {"spins": 2, "spin_g": ["1500"]}, ["spin_g"]),
        (PRP, {"spins": 1, "spin_g": ["49"]}, ["spin_g"]),
        (PRP, {"spins": 0, "spin_g": ["1500"]}, ["spin_g"]),
        (PRP, {"prp_platelets": 900}, ["prp_platelets"]),
        (PRP, {"count_source": "not_counted", "leukocytes": 1}, ["leukocytes"]),
        (
            PRP,
            {"count_source": "measured", "leukocytes": 1, "neutrophils": 2},
            ["neutrophils"],
        ),
        (
            PRP,
            {"count_source": "measured", "whole_blood_platelets": 0},
            ["whole_blood_platelets"],
        ),
        (PRP, {"guidance": "ultrasound", "contrast": "none"}, []),
        (PRP, {"guidance": "ultrasound", "contrast": "iodinated"}, ["contrast"]),
        (PRP, {"pain_before": Decimal("NaN")}, ["pain_before"]),
        (BMC, {"culture_done": "no"}, []),
        (BMC, {"culture_done": "yes"}, ["culture_done"]),
        (BMC, {"aspirations": ["30", "31"], "aspirate_total_ml": 61}, []),
        (
            BMC,
            {"aspirations": ["30", "31"], "aspirate_total_ml": 60},
            ["aspirate_total_ml"],
        ),
        (BMC, {"aspirate_total_ml": 10, "concentrate_ml": 11}, ["concentrate_ml"]),
        (
            BMC,
            {"injected_ml_by_target": GIVEN, "concentrate_ml": Decimal("5.5")},
            [],
        ),
        (
            BMC,
            {"injected_ml_by_target": GIVEN, "concentrate_ml": Decimal("5.4")},
            ["injected_ml_by_target"],
        ),
        (
            BMC,
            {
                "injected_ml_by_target": GIVEN,
                "concentrate_ml": 5,
                "added_products": ["prp"],
            },
            ["injected_ml_by_target"],
        ),
        (
            BMC,
            {"injected_ml_by_target": [{"target": " ", "ml": "1"}]},
            ["injected_ml_by_target"],
        ),
        (
            BMC,
            {"injected_ml_by_target": [{"target": "hip", "ml": "-1"}]},
            ["injected_ml_by_target"],
        ),
    ],
)
def test_what_cannot_be_is_named(modality, values, wrong):
    assert list(checks.check(modality, values)) == wrong


@pytest.mark.parametrize(
    ("values", "side", "odd"),
    [
        ({"side": "left"}, "left", []),
        ({"side": "right"}, "left", ["side"]),
        ({"side": "bilateral"}, "left", []),
        ({"side": "right"}, "none", []),
        ({"sessions_prescribed": 10, "sessions_attended": 10}, "", []),
        (
            {
                "sessions_prescribed": 10,
                "sessions_attended": 9,
                "sessions_missed": 2,
            },
            "",
            ["sessions_attended"],
        ),
        (
            {
                "prp_platelets": 1000,
                "prp_volume_ml": 12,
                "whole_blood_platelets": 200,
                "blood_draw_ml": 60,
            },
            "",
            [],
        ),
        (
            {
                "prp_platelets": 1001,
                "prp_volume_ml": 12,
                "whole_blood_platelets": 200,
                "blood_draw_ml": 60,
            },
            "",
            ["prp_platelets"],
        ),
    ],
)
def test_what_is_odd_is_asked_again(values, side, odd):
    found = checks.oddities(values, complaint_side=side)
    assert [oddity.field for oddity in found] == odd


@pytest.mark.parametrize(
    ("lot", "used_on", "words"),
    [
        (Lot("kit", "Duo", "B-1", DAY), DAY, []),
        (Lot("kit", "Duo", "B-1", DAY), LATER, ["Lot B-1 had expired on 1 May 2026."]),
        (Lot("kit", "Duo", "", DAY), LATER, ["Duo had expired on 1 May 2026."]),
        (Lot("kit", "Duo", "B-1"), LATER, []),
        (Lot("kit", "Duo", "B-1", DAY), None, []),
    ],
)
def test_a_lot_that_had_expired_is_asked_again(lot, used_on, words):
    found = checks.oddities({}, lots=[lot], performed_on=used_on)
    assert [(each.field, each.words) for each in found] == [("lots", w) for w in words]


@pytest.mark.parametrize(
    ("before", "after", "relief"),
    [(8, 2, 75), (8, 8, 0), (4, 6, -50), (5, 0, 100), (0, 0, None), (None, 2, None)],
)
def test_relief_is_a_part_of_the_pain_before(before, after, relief):
    assert computed.relief_percent(before, after) == relief


def test_cells_given_are_counted_in_hundred_millions():
    assert computed.nucleated_cells(Decimal("50"), Decimal("8")) == 4
    assert computed.nucleated_cells(Decimal("50"), Decimal("0")) is None


def test_the_index_is_weight_by_height_squared():
    assert computed.body_mass_index(Decimal("80"), Decimal("200")) == 20
    assert computed.body_mass_index(Decimal("80"), None) is None
    assert computed.change_percent(Decimal("80"), Decimal("76")) == -5


def test_minutes_that_both_times_say_already_agree():
    times = {"drawn_at": time(10, 0), "performed_at": time(10, 10)}
    assert checks.check("prp", times | {"minutes_to_injection": 14}) == {}
    wrong = checks.check("prp", times | {"minutes_to_injection": 200})
    assert wrong == {"minutes_to_injection": "From 10:00 to 10:10 are 10 minutes."}


def test_a_draw_that_seems_missing_is_asked_about():
    draws = [Decimal(10)] * 3
    values = {"aspirations": draws, "aspirate_total_ml": Decimal(60)}
    [odd] = checks.oddities(values)
    assert odd.words == "The draws add up to 30 mL of 60 mL in all: is one missing?"
    assert checks.oddities(values | {"aspirate_total_ml": Decimal(32)}) == []


def test_an_approach_that_does_not_lead_there_is_asked_about():
    values = {"kind": "si_joint_injection", "route": "interlaminar"}
    [odd] = checks.oddities(values)
    assert odd.field == "route" and "SI joint injection" in odd.words
    assert checks.oddities(values | {"route": "si_joint_intra_articular"}) == []
    assert checks.oddities(values | {"kind": "other"}) == []


def test_a_kind_that_a_treatment_cannot_be_is_refused():
    wrong = checks.check("prp", {"kind": "therapy_session"})
    assert "'therapy_session' is not one of" in wrong["kind"]
    assert checks.check("prp", {"kind": "joint_injection"}) == {}


def test_a_recovery_just_over_100_never_reads_100():
    values = {
        "prp_platelets": Decimal("1000.25"),
        "prp_volume_ml": Decimal(6),
        "whole_blood_platelets": Decimal(200),
        "blood_draw_ml": Decimal(30),
    }
    [odd] = checks.oddities(values)
    assert odd.words.startswith("100.1 %")


@pytest.mark.parametrize(
    ("kilograms", "days", "is_odd"),
    [("110", 0, False), ("110.1", 0, True), ("111", 7, False), ("111.1", 7, True)],
)
def test_a_weight_is_odd_by_how_far_and_how_soon(kilograms, days, is_odd):
    on = DAY + timedelta(days=days)
    said = checks.odd_weight(Decimal(kilograms), on, Decimal(100), DAY)
    assert bool(said) == is_odd


@pytest.mark.parametrize(
    ("on", "at", "wrong"),
    [
        (DAY, time(23, 59), False),
        (LATER, time(0, 12), False),
        (LATER, time(0, 13), True),
        (LATER, time(23, 59), True),
        (None, time(23, 59), False),
    ],
)
def test_a_time_that_has_not_come_is_refused(on, at, wrong):
    now = datetime(2026, 5, 2, 0, 7, tzinfo=ZoneInfo("America/Chicago"))
    for name in ("drawn_at", "performed_at"):
        found = checks.still_to_come({name: at}, on, now)
        assert list(found) == [name] * wrong


def test_the_hour_that_comes_twice_is_taken_for_its_first():
    chicago = ZoneInfo("America/Chicago")
    now = datetime(2026, 11, 1, 1, 10, tzinfo=chicago, fold=1)
    values = {"performed_at": time(1, 50)}
    assert checks.still_to_come(values, now.date(), now) == {}
