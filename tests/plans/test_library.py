"""The starter protocols: their timetable, and what a faulty file is told."""

import re
from pathlib import Path

import pytest

from clinic.reference_data import ReferenceDataError
from plans.protocols import library as protocol_library

PROTOCOLS = {protocol.key: protocol for protocol in protocol_library.load_all()}

# key: (offset, opens, closes), copied from the cadence each protocol follows
TIMETABLES = {
    "physical_therapy": {
        "baseline": (0, -30, 0),
        "w2": (14, 7, 24),
        "w6": (42, 28, 60),
        "w12": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
        "m24": (730, 670, 790),
    },
    "prp": {
        "baseline": (0, -30, 0),
        "d7_safety": (7, 3, 12),
        "m1": (30, 21, 45),
        "m3": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
        "m24": (730, 670, 790),
    },
    "bone_marrow_concentrate": {
        "baseline": (0, -30, 0),
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
        "baseline": (0, -30, 0),
        "post30min": (0, 0, 0),
        "d1_safety": (1, 1, 3),
        "w2": (14, 10, 21),
        "w6": (42, 28, 60),
        "w12": (90, 70, 120),
        "m6": (182, 150, 240),
        "m12": (365, 300, 425),
    },
    "lifestyle": {
        "baseline": (0, -30, 0),
        "m1": (30, 21, 45),
        "m3": (90, 70, 120),
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
"""


def load(folder: Path, text: str) -> protocol_library.ProtocolDefinition:
    path = folder / "sample.toml"
    path.write_text(text, encoding="utf-8")
    return protocol_library.load(path)


def changed(old: str, new: str, count: int = 1) -> str:
    assert old in VALID
    return VALID.replace(old, new, count)


def test_there_is_one_protocol_for_each_modality():
    modalities = [protocol.modality for protocol in protocol_library.load_all()]
    assert modalities == list(protocol_library.MODALITIES)
    assert all(protocol.version == 1 for protocol in PROTOCOLS.values())


@pytest.mark.parametrize("key", TIMETABLES)
def test_the_timetable_follows_its_cadence(key):
    assert {
        point.key: (point.offset_days, point.open_day, point.close_day)
        for point in PROTOCOLS[key].timepoints
    } == TIMETABLES[key]


@pytest.mark.parametrize("key", TIMETABLES)
def test_the_baseline_is_asked_a_week_before_and_all_else_when_due(key):
    for point in PROTOCOLS[key].timepoints:
        assert point.ask_day == (-7 if point.is_baseline else point.offset_days)


@pytest.mark.parametrize("key", TIMETABLES)
def test_safety_checks_are_the_first_days_after_a_procedure(key):
    for point in PROTOCOLS[key].timepoints:
        assert point.is_safety == (0 < point.offset_days <= 7)


@pytest.mark.parametrize("key", TIMETABLES)
def test_windows_asked_of_the_patient_do_not_overlap(key):
    points = [p for p in PROTOCOLS[key].timepoints if p.who != "clinician"]
    for earlier, later in zip(points, points[1:], strict=False):
        assert earlier.close_day < later.open_day


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
    index = [step for step in protocol.steps if step.is_index]
    assert protocol.anchor == anchor
    assert [step.offset_days for step in index] == ([] if day is None else [day])
    assert all(step.modality == protocol.modality for step in index)


def test_the_clinician_alone_scores_the_half_hour_after_an_injection():
    points = PROTOCOLS["image_guided_injection"].timepoints
    assert {p.key for p in points if p.who == "clinician"} == {"post30min"}


def test_every_citation_is_used():
    cited = {key for p in PROTOCOLS.values() for key in p.sources}
    cited |= {
        key for p in PROTOCOLS.values() for t in p.timepoints for key in t.sources
    }
    assert cited == set(protocol_library.sources())


def test_no_summary_promises_a_cure():
    forbidden = re.compile(r"heal|regenerat|cure|avoids? surgery|ruled out", re.I)
    for protocol in PROTOCOLS.values():
        assert not forbidden.search(protocol.summary)


def test_the_fingerprint_follows_the_content(tmp_path):
    first = load(tmp_path, VALID)
    assert load(tmp_path, "# a comment\n" + VALID).sha256 == first.sha256
    assert load(tmp_path, changed("offset_days = 30", "offset_days = 31")) != first
    assert len(first.sha256) == 64
    assert (
        load(tmp_path, changed("close_day = 45", "close_day = 46")).sha256
        != first.sha256
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Sample"', 'titel = "Sample"', "sample.toml, title: is missing"),
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
        ('["MIBO2017"]', '["NOBODY1999"]', "sources: 'NOBODY1999' is not a key"),
        ('["MIBO2017"]', '"MIBO2017"', "sources: must be a list of texts"),
        (
            "is_index = true",
            "is_index = false",
            "steps: anchor index_procedure needs 1 step",
        ),
        (
            'anchor = "index_procedure"',
            'anchor = "plan_start"',
            "steps: anchor plan_start needs 0 step",
        ),
        (
            "offset_days = 14",
            "offset_days = 1.5",
            "steps 1, offset_days: must be a whole number",
        ),
        ("is_index = true", 'is_index = "x"', "steps 1, is_index: must be yes or no"),
        (
            'key = "m1"',
            'key = "baseline"',
            "timepoints 2, key: baseline stands twice",
        ),
        (
            "close_day = 45",
            "close_day = 20",
            "timepoints 2 (m1), close_day: the window closes on day 20, before",
        ),
        (
            "offset_days = 30",
            "offset_days = 50",
            "timepoints 2 (m1), offset_days: 50 is outside the window 21 to 45",
        ),
        (
            "ask_day = -7",
            "ask_day = -31",
            "timepoints 1 (baseline), ask_day: -31 is outside the window",
        ),
        (
            'status = "proposal"',
            'status = "verified"',
            'timepoints 2 (m1), sources: status "verified" needs',
        ),
        ('who = "patient"', 'who = "spouse"', "who: 'spouse' is not one of"),
        ("is_baseline = true", "is_baseline = false", "exactly one baseline is needed"),
        ("is_baseline = false", "is_baseline = true", "needed, not 2"),
        (
            "close_day = 0",
            "close_day = 1",
            "sample.toml, timepoints: the baseline must close by day 0",
        ),
        ('purpose = "early"', 'purpose = ""', "(m1), purpose: is missing or empty"),
        ("[[steps]]", "[[steps]", "sample.toml: not valid TOML"),
        ("[[steps]]", "[steps]", "steps: must be a list of tables"),
    ],
)
def test_a_faulty_file_is_told_where(tmp_path, old, new, message):
    with pytest.raises(ReferenceDataError, match=re.escape(message)):
        load(tmp_path, changed(old, new))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ReferenceDataError, match="sample.toml: cannot be read"):
        protocol_library.load(tmp_path / "sample.toml")
