"""The shipped starter protocols: their timetable, and what a faulty file is told."""

import re
from pathlib import Path

import pytest

from clinic.reference_data import ReferenceDataError
from plans.protocols import checks, documents, library, measures
from plans.protocols.definition import CONDITIONS

PROTOCOLS = {protocol.key: protocol for protocol in library.load_all()}

# key: (offset, opens, closes), copied from the cadence each protocol follows
BASELINE = {"baseline": (0, -30, 0)}
TIMETABLES = {
    "physical_therapy": {
        "w2": (14, 7, 24),
        "w6": (42, 28, 60),
        "w12": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
        "m24": (730, 670, 790),
    },
    "prp": {
        "d7_safety": (7, 3, 12),
        "m1": (30, 21, 45),
        "m3": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
        "m24": (730, 670, 790),
    },
    "prp_spine": {
        "w1_safety": (7, 3, 12),
        "w4": (28, 21, 42),
        "w8": (56, 43, 75),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
        "m24": (730, 670, 790),
    },
    "bone_marrow_concentrate": {
        "d2_safety": (2, 1, 3),
        "d7_safety": (7, 4, 12),
        "m1": (30, 21, 45),
        "m3": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
        "m18": (548, 490, 610),
        "m24": (730, 670, 790),
        "m36": (1095, 1000, 1190),
    },
    "image_guided_injection": {
        "post30min": (0, 0, 0),
        "d1_safety": (1, 1, 3),
        "w2": (14, 10, 21),
        "w6": (42, 28, 60),
        "w12": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
    },
    "si_or_facet_injection": {
        "post30min": (0, 0, 0),
        "w2": (14, 10, 21),
        "w6": (42, 28, 60),
        "w12": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
    },
    "lifestyle": {
        "m1": (30, 21, 45),
        "m3": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
    },
    "sciatica_watch": {
        "d3_safety": (3, 1, 5),
        "w1": (7, 6, 12),
        "w2": (14, 13, 24),
        "w6": (42, 28, 60),
        "w12": (90, 70, 120),
    },
    "foot_local_care": {
        "w6": (42, 28, 60),
        "w12": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
    },
}

VALID = """
key = "sample"
version = 1
title = "Sample"
modality = "prp"
summary = "A sample."
anchor = "index_procedure"
sources = ["MIBO2017"]

[[steps]]
key = "injection"
title = "Injection"
modality = "prp"
offset_days = 14
is_index = true
detail = "Record it."

[[timepoints]]
key = "baseline"
label = "Baseline"
offset_days = 0
open_day = -30
close_day = 0
ask_day = -7
who = "both"
is_baseline = true
is_safety = false
measures = ["pain_site"]
purpose = "comparison"
grounding = "before treatment"
status = "verified"
sources = ["PROPM"]

[[timepoints]]
key = "m1"
label = "1 month"
offset_days = 30
open_day = 21
close_day = 45
ask_day = 30
who = "patient"
is_baseline = false
is_safety = false
purpose = "early"
grounding = "our choice"
status = "proposal"

[[goals]]
measure = "pain_site"
comparison = "at_most"
target = 3
by_day = 30
"""


def load(folder: Path, text: str) -> library.ProtocolDefinition:
    path = folder / "sample.toml"
    path.write_text(text, encoding="utf-8")
    return library.load(path)


def changed(old: str, new: str, count: int = 1) -> str:
    assert old in VALID
    return VALID.replace(old, new, count)


def test_there_is_a_starter_for_each_modality_and_condition():
    assert {p.modality for p in PROTOCOLS.values()} >= set(library.BASIC)
    assert [p.key for p in library.load_all()][:5] == list(library.BASIC)
    assert {p.condition for p in PROTOCOLS.values()} == {"", *CONDITIONS}


@pytest.mark.parametrize(
    "condition",
    ["herniated_disc", "sciatica", "stenosis", "disc_degeneration", "si_joint"],
)
def test_a_condition_is_treated_in_steps_with_lifestyle_alongside(condition):
    """Conservative first, a needle only after it."""
    combined = [
        p
        for p in PROTOCOLS.values()
        if p.condition == condition and p.key not in TIMETABLES
    ]
    for protocol in combined:
        kinds = {step.modality for step in protocol.steps}
        assert {"physical_therapy", "lifestyle"} < kinds
        assert protocol.steps[0].modality == "physical_therapy"
        needles = [s for s in protocol.steps if "injection" in s.modality]
        needles += [s for s in protocol.steps if s.modality.startswith(("prp", "bone"))]
        assert needles and all(step.after for step in needles)
    assert combined


@pytest.mark.parametrize("key", TIMETABLES)
def test_the_timetable_follows_its_cadence(key):
    assert {
        point.key: (point.offset_days, point.open_day, point.close_day)
        for point in PROTOCOLS[key].timepoints
    } == BASELINE | TIMETABLES[key]


def test_every_cadence_is_followed():
    followed = [PROTOCOLS[key].timepoints for key in TIMETABLES]
    assert len(library.cadences()) == len(followed) == 9


@pytest.mark.parametrize("key", PROTOCOLS)
def test_the_baseline_is_asked_a_week_before_and_all_else_when_due(key):
    for point in PROTOCOLS[key].timepoints:
        assert point.ask_day == (-7 if point.is_baseline else point.offset_days)


@pytest.mark.parametrize("key", PROTOCOLS)
def test_safety_checks_are_the_first_days(key):
    for point in PROTOCOLS[key].timepoints:
        assert point.is_safety == (0 < point.offset_days <= 7)


@pytest.mark.parametrize("key", PROTOCOLS)
def test_a_starter_warns_of_nothing(key):
    assert checks.warnings(PROTOCOLS[key]) == []


@pytest.mark.parametrize("key", PROTOCOLS)
def test_a_starter_says_what_is_asked_aimed_at_and_reminded_of(key):
    protocol = PROTOCOLS[key]
    assert all(point.measures for point in protocol.timepoints)
    assert protocol.goals
    channels = [rung.channel for rung in protocol.ladder(is_safety=False)]
    assert channels == ["preferred", "sms", "other", "sms", "call", "call", "rescue"]
    assert [r.channel for r in protocol.ladder(is_safety=True)] == ["sms", "call"]


@pytest.mark.parametrize("key", PROTOCOLS)
def test_a_point_that_claims_a_source_shows_it(key):
    for point in PROTOCOLS[key].timepoints:
        assert point.grounding
        assert point.status != "verified" or point.sources


@pytest.mark.parametrize(
    ("key", "anchor", "day"),
    [
        ("physical_therapy", "plan_start", None),
        ("prp", "index_procedure", 14),
        ("bone_marrow_concentrate", "index_procedure", 14),
        ("image_guided_injection", "index_procedure", 7),
        ("lifestyle", "plan_start", None),
    ],
)
def test_procedures_count_from_their_index_step(key, anchor, day):
    protocol = PROTOCOLS[key]
    index = protocol.index_step
    assert protocol.anchor == anchor
    assert (index and index.offset_days) == day
    assert index is None or index.modality == protocol.modality


def test_the_clinician_alone_scores_the_half_hour_after_an_injection():
    points = PROTOCOLS["image_guided_injection"].timepoints
    assert {p.key for p in points if p.who == "clinician"} == {"post30min"}


def test_every_citation_is_used():
    cited = {key for p in PROTOCOLS.values() for key in p.sources}
    cited |= {
        key for p in PROTOCOLS.values() for t in p.timepoints for key in t.sources
    }
    assert cited == set(library.sources())


def test_every_measure_is_asked_somewhere_or_aimed_at():
    asked = {
        key
        for protocol in PROTOCOLS.values()
        for point in protocol.timepoints
        for key in (*point.measures, *point.optional_measures)
    }
    # What clinics may ask beside what our starters do.
    offered = {
        *("pain_site_average", "pain_site_worst", "acceptable_state", "satisfaction"),
        *(
            "nerve_symptoms",
            "own_activities",
            "medication_days",
            "flare_check",
            "pain_map",
        ),
    }
    assert set(measures.vocabulary()) - asked == {"bmi", *offered}


def test_no_summary_promises_a_cure():
    forbidden = re.compile(r"heal|regenerat|cure|avoids? surgery|ruled out", re.I)
    for protocol in PROTOCOLS.values():
        assert not forbidden.search(protocol.summary)


def test_the_fingerprint_follows_the_content(tmp_path):
    first = documents.fingerprint(load(tmp_path, VALID))
    again = documents.fingerprint(load(tmp_path, "# a comment\n" + VALID))
    assert again == first and len(first) == 64
    for old, new in [
        ("offset_days = 30", "offset_days = 31"),
        ("close_day = 45", "close_day = 46"),
        ("target = 3", "target = 2"),
        ('detail = "Record it."', 'detail = "Write it down."'),
    ]:
        other = load(tmp_path, changed(old, new))
        assert documents.fingerprint(other) != first


@pytest.mark.parametrize("key", PROTOCOLS)
def test_a_protocol_survives_being_written_and_read(key):
    protocol = PROTOCOLS[key]
    reading = documents.read(
        documents.write(protocol), key=key, version=protocol.version
    )
    assert reading.definition == protocol
    assert checks.problems(reading) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Sample"', 'titel = "Sample"', "sample.toml, title: missing"),
        (
            "version = 1",
            "version = 1\ncolour = 3",
            "sample.toml, colour: unknown key; known here: anchor,",
        ),
        ('key = "sample"', 'key = "other"', "sample.toml, key: 'other' is not one of"),
        (
            "version = 1",
            'version = "1"',
            "sample.toml, version: must be a whole number",
        ),
        ('modality = "prp"', 'modality = "laser"', "modality: 'laser' is not one of"),
        ('"index_procedure"', '"someday"', "anchor: 'someday' is not one of"),
        ('["MIBO2017"]', '["NOBODY1999"]', "sources: there is no source 'NOBODY1999'"),
        ('["MIBO2017"]', '"MIBO2017"', "sources: must be a list of texts"),
        (
            'sources = ["MIBO2017"]',
            'cadence = ["yearly"]',
            "cadence: 'yearly' is not in cadences.csv",
        ),
        ("[[steps]]", "[[steps]", "sample.toml: not valid TOML"),
        ("[[steps]]", "[steps]", "steps: must be a list of tables"),
    ],
)
def test_a_faulty_file_is_told_where(tmp_path, old, new, message):
    with pytest.raises(ReferenceDataError, match=re.escape(message)):
        load(tmp_path, changed(old, new))


def test_all_that_is_wrong_in_a_file_is_told_at_once(tmp_path):
    text = changed("close_day = 45", "close_day = 20")
    text = text.replace('comparison = "at_most"', 'comparison = "nearly"')
    with pytest.raises(ReferenceDataError) as caught:
        load(tmp_path, text)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "sample.toml, goals 1, comparison",
        "sample.toml, timepoints 2, close_day",
    ]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ReferenceDataError, match="sample.toml: cannot be read"):
        library.load(tmp_path / "sample.toml")
