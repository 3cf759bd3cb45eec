from datetime import date, timedelta
from uuid import uuid4

import pytest

from clinic.reference_data import ReferenceDataError
from plans.cautions import catalogue, rules
from plans.cautions.catalogue import cautions
from plans.cautions.rules import Facts, Said, StandingFlag

DAY = date(2025, 3, 31)
# Nothing to warn of: every answer that a caution asks for is a no.
CALM = {
    "on": DAY,
    "modality": "image_guided_injection",
    "kind": "epidural_injection",
    "guidance": frozenset({"fluoroscopy"}),
    "side": "left",
    "complaint_side": "left",
    "said": {
        "RF21": Said("absent", DAY),
        "RF24": Said("absent", DAY),
        "RF10": Said("absent", DAY),
    },
    "age": 40,
    "holds_steroid": True,
    "has_consent": True,
    "has_indication": True,
    "has_signed_evaluation": True,
}


def flag(key="RF06", tier="E1", *, is_open=True, days_ago=0):
    raised_on = DAY - timedelta(days=days_ago)
    return StandingFlag(uuid4(), key, tier, "weakness", is_open, raised_on)


def keys(**changes):
    facts = Facts(**{**CALM, **changes})
    return [caution.key for caution in rules.standing(facts, cautions().values())]


def only(**changes):
    facts = Facts(**{**CALM, **changes})
    [caution] = rules.standing(facts, cautions().values())
    return caution


def said(key, value, days_ago=0):
    return {**CALM["said"], key: Said(value, DAY - timedelta(days=days_ago))}


def unsaid(key):
    return {k: v for k, v in CALM["said"].items() if k != key}


def test_nothing_stands_where_everything_was_asked_and_is_well():
    assert keys() == []


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (flag(tier="E0"), ["open_red_flag"]),
        (flag(tier="E1"), ["open_red_flag"]),
        (flag("RF12", "E2"), []),
        (flag(days_ago=-1), ["later_red_flag"]),
        (flag(is_open=False), ["acted_red_flag"]),
        (flag("RF08", is_open=False), ["infection"]),
        (flag("RF18", is_open=False), ["infection"]),
        (flag("RF18"), ["open_red_flag"]),
        (flag("RF21", "E3"), ["anticoagulant"]),
    ],
)
def test_red_flags_warn_and_only_an_open_urgent_one_stops(held, expected):
    assert keys(flags=(held,)) == expected
    stops = {key for key, rule in cautions().items() if rule.stops}
    assert stops == {"open_red_flag"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"said": unsaid("RF21")}, ["anticoagulant"]),
        ({"said": said("RF21", "absent", 180)}, []),
        ({"said": said("RF21", "absent", 181)}, ["anticoagulant"]),
        ({"said": said("RF21", "present")}, ["anticoagulant"]),
        ({"said": unsaid("RF21"), "anticoagulant_plan": "none"}, []),
        ({"said": unsaid("RF21"), "anticoagulant_plan": "held"}, ["anticoagulant"]),
        (
            {"said": said("RF21", "present"), "anticoagulant_plan": "none"},
            ["anticoagulant"],
        ),
        ({"said": unsaid("RF24")}, ["pregnancy_x_rays"]),
        ({"said": said("RF24", "absent", 30)}, []),
        ({"said": said("RF24", "absent", 31)}, ["pregnancy_x_rays"]),
        ({"said": said("RF24", "present")}, ["pregnancy_x_rays"]),
        ({"said": unsaid("RF24"), "is_male": True}, []),
        ({"said": unsaid("RF24"), "age": 56}, []),
        ({"said": unsaid("RF24"), "age": 55}, ["pregnancy_x_rays"]),
        ({"said": unsaid("RF24"), "age": None}, ["pregnancy_x_rays"]),
        ({"said": unsaid("RF24"), "guidance": frozenset({"ultrasound"})}, []),
        ({"said": unsaid("RF24"), "guidance": frozenset()}, []),
        ({"age": 17}, ["minor_x_rays"]),
        ({"age": 18}, []),
        ({"age": 11, "said": unsaid("RF24")}, ["minor_x_rays"]),
    ],
)
def test_a_blank_is_no_no_where_the_row_says_so(changes, expected):
    assert keys(**changes) == expected


def test_what_is_unknown_says_not_recorded():
    caution = only(said=unsaid("RF21"))
    assert caution.is_unknown
    assert "not recorded" in caution.words
    assert not only(said=said("RF21", "present")).is_unknown


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"diabetes_codes": ("E11.42",)}, ["diabetes_steroid"]),
        ({"diabetes_codes": ("E11.42",), "holds_steroid": None}, ["diabetes_steroid"]),
        ({"diabetes_codes": ("E11.42",), "holds_steroid": False}, []),
        ({"diabetes_codes": ("M54.16",)}, []),
        ({"last_steroid_on": DAY - timedelta(days=89)}, ["repeat_steroid"]),
        ({"last_steroid_on": DAY - timedelta(days=90)}, []),
        ({"last_steroid_on": DAY, "holds_steroid": False}, []),
        ({"last_steroid_on": DAY, "kind": "radiofrequency"}, []),
        ({"last_steroid_on": DAY, "kind": ""}, ["repeat_steroid"]),
        ({"side": "right"}, ["wrong_side"]),
        ({"side": "bilateral"}, ["wrong_side"]),
        ({"side": "midline"}, []),
        ({"side": "none"}, []),
        ({"complaint_side": "none"}, []),
        ({"has_indication": False}, ["no_indication"]),
        ({"has_signed_evaluation": False}, ["no_signed_evaluation"]),
        ({"has_consent": False}, ["no_consent"]),
        ({"deficit": "foot drop", "deficit_since": DAY}, ["motor_deficit"]),
        ({"allergic_events": ("event of 3 Mar 2025",)}, ["allergic_reaction"]),
    ],
)
def test_each_caution_stands_on_its_own_fact(changes, expected):
    assert keys(**changes) == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [(None, []), (6, ["short_nsaid_hold"]), (7, []), (0, ["short_nsaid_hold"])],
)
def test_a_hold_of_anti_inflammatories_counts_before_biologics(held, expected):
    assert keys(modality="prp", nsaid_hold_days=held) == expected
    assert keys(nsaid_hold_days=held) == []


@pytest.mark.parametrize("modality", ["prp", "bone_marrow_concentrate"])
def test_a_cancer_warns_before_biologics_and_not_before_a_steroid(modality):
    present = said("RF10", "present", 4000)
    assert keys(modality=modality, said=present) == ["cancer_history"]
    assert keys(said=present) == []


def test_therapy_is_warned_of_flags_and_a_running_clock_alone():
    bare = Facts(
        on=DAY,
        modality="physical_therapy",
        flags=(flag(),),
        deficit="weakness",
        deficit_since=DAY,
    )
    found = rules.standing(bare, cautions().values())
    assert [caution.key for caution in found] == ["open_red_flag", "motor_deficit"]


def test_cautions_come_in_the_order_of_the_file():
    found = keys(
        flags=(flag(),), has_consent=False, side="right", said={}, deficit_since=DAY
    )
    assert found == [key for key in cautions() if key in found]
    assert len(found) == 6


def test_words_fit_their_column_however_many_flags_stand():
    facts = Facts(**CALM, flags=tuple(flag() for _ in range(40)))
    [caution] = rules.standing(facts, cautions().values())
    assert len(caution.words) == rules.WORDS_LENGTH
    assert len(caution.flags) == 40


def test_every_row_has_a_condition_and_a_ground():
    for rule in cautions().values():
        assert rule.condition in rules.CONDITIONS
        assert rule.source
    assert {rule.condition for rule in cautions().values()} == set(rules.CONDITIONS)


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("source", "HEARSAY", "neither a key of sources.csv nor clinic policy"),
        ("modalities", "surgery", "is no modality"),
        ("parameters", "days", "write name=value"),
        ("stops", "maybe", "must be yes or no"),
    ],
)
def test_a_faulty_row_is_named(tmp_path, column, value, fault):
    row = {
        "key": "x",
        "modalities": "any",
        "kinds": "",
        "guidance": "",
        "condition": "found",
        "parameters": "flag=RF10",
        "words": "Words.",
        "unknown_words": "",
        "action": "Act.",
        "usual_reasons": "",
        "stops": "no",
        "source": "clinic policy",
        column: value,
    }
    path = tmp_path / "cautions.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
    with pytest.raises(ReferenceDataError, match=fault):
        catalogue.read(path, {})
