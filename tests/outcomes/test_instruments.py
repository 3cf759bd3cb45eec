"""Measures and questions as data: what ships, and what a faulty file is told."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from clinic.reference_data import ReferenceDataError, canonical_json, read_sources
from outcomes.instruments import library
from outcomes.instruments import reading as reading_definitions
from outcomes.instruments.definition import InstrumentDefinition, Occasion
from patients.catalogue import places
from tests import reading

CORE = library.instruments()["core_follow_up"]
ITEMS = CORE.by_link_id
# The first version, in one file; answers of clinics are pinned to it.
FIRST = Path(__file__).parent / "data" / "core_follow_up.toml"
TEXT = FIRST.read_text(encoding="utf-8")
FIRST_SHA256 = "2bec630f268d714d7e47842a2ac8ddb5a7c9e77213f53aeb15f2ce5d328aac6d"
MEASURES = (library.DATA / "measures.toml").read_text(encoding="utf-8")


def asked(is_after_anchor: bool, site: str, *wanted: str) -> list[str]:
    occasion = Occasion(site, is_after_anchor, frozenset(wanted) or None)
    return [item.link_id for item in library.items_for(CORE, occasion)]


def load(folder: Path, text: str) -> InstrumentDefinition:
    path = folder / "core_follow_up.toml"
    path.write_text(text, encoding="utf-8")
    return library.load(path)


def load_measures(folder: Path, text: str) -> dict[str, library.MeasureDefinition]:
    path = folder / "measures.toml"
    path.write_text(text, encoding="utf-8")
    return library.read_measures(path)


@pytest.mark.parametrize(
    ("key", "role", "low", "high", "points", "percent", "recall", "at_baseline"),
    [
        ("pain_site", "site", 0, 10, 2, 30, "right now", True),
        ("pain_back", "back", 0, 10, 2, 30, "right now", True),
        ("activity_limits", "none", 0, 10, None, 30, "past 7 days", True),
        ("global_change", "none", 1, 7, 2, None, "since treatment began", False),
    ],
)
def test_the_shipped_measures(
    key, role, low, high, points, percent, recall, at_baseline
):
    measure = library.measures()[key]
    assert (measure.role, measure.minimum, measure.maximum) == (role, low, high)
    assert (measure.mic_points, measure.mic_percent) == (points, percent)
    assert (measure.recall, measure.asked_at_baseline) == (recall, at_baseline)
    assert (measure.better_is, measure.decimals) == ("lower", 0)


def test_every_measure_that_ships_is_asked_by_an_instrument():
    asked = {key for each in library.instruments().values() for key in each.measures}
    assert asked == set(library.measures())


def test_every_citation_of_a_measure_is_used():
    cited = {key for m in library.measures().values() for key in m.sources}
    assert cited == set(read_sources(library.DATA / "sources.csv"))


@pytest.mark.parametrize(
    ("link_id", "kind", "when", "scope"),
    [
        ("pain_site", "rating_0_10", "always", "complaint"),
        ("pain_back", "rating_0_10", "always", "patient"),
        ("activity_limits", "rating_0_10", "always", "patient"),
        ("global_change", "choice", "after_anchor", "complaint"),
    ],
)
def test_the_shipped_questions(link_id, kind, when, scope):
    item = ITEMS[link_id]
    assert (item.type, item.when, item.scope) == (kind, when, scope)
    assert item.measure == link_id
    assert item.allows_cant_tell


AFTER = ("global_change", "safety", "elsewhere", "note")


@pytest.mark.parametrize(
    ("is_after_anchor", "site", "expected"),
    [
        (False, "foot", ["pain_site", "pain_back", "activity_limits"]),
        (True, "foot", ["pain_site", "pain_back", "activity_limits", *AFTER]),
        (False, "low_back", ["pain_site", "activity_limits"]),
        (True, "low_back", ["pain_site", "activity_limits", *AFTER]),
        (True, "neck", ["pain_site", "pain_back", "activity_limits", *AFTER]),
    ],
)
def test_what_is_asked_follows_the_time_point_and_the_site(
    is_after_anchor, site, expected
):
    assert asked(is_after_anchor, site) == expected


def test_the_question_names_the_complaints_own_site():
    english = ITEMS["pain_site"].wording("en", "left foot")
    assert english == "How strong is the pain in your left foot right now?"
    assert "pie izquierdo" in ITEMS["pain_site"].wording("es", "pie izquierdo")


def test_a_brace_in_a_site_is_only_text():
    assert "{x}" in ITEMS["pain_site"].wording("en", "{x}")


@pytest.mark.parametrize("link_id", ITEMS)
@pytest.mark.parametrize("language", reading_definitions.LANGUAGES)
def test_every_text_is_worded_in_every_language(link_id, language):
    item = ITEMS[link_id]
    for site in places.body_sites():
        phrase = places.site_phrase(site, "left", language)
        said = item.wording(language, phrase)
        # What a patient named is put in where the question is asked.
        assert re.findall(r"{(.*?)}", said) in ([], [f"{link_id}_name"])
    assert all(label for _, label in item.choices(language))
    assert "?" not in item.text["es"] or "¿" in item.text["es"]


def test_a_rating_offers_eleven_numbers_and_a_way_out():
    choices = ITEMS["pain_site"].choices("en")
    assert choices[0] == ("0", "0")
    assert choices[10] == ("10", "10")
    assert choices[11] == ("cant_tell", "I can't tell")
    assert len(choices) == 12


def test_a_rating_has_words_at_both_ends():
    for item in (i for i in CORE.items if i.type == "rating_0_10"):
        assert set(item.low) == set(item.high) == set(reading_definitions.LANGUAGES)


def test_change_runs_from_very_much_better_to_very_much_worse():
    choices = ITEMS["global_change"].choices("en")
    assert choices[0] == ("1", "Very much better")
    assert choices[3] == ("4", "About the same")
    assert choices[6] == ("7", "Very much worse")


@pytest.mark.parametrize("link_id", ITEMS)
def test_english_reads_at_grade_six_or_below(link_id):
    assert reading.grade(ITEMS[link_id].wording("en", "left foot")) <= 6


@pytest.mark.parametrize("link_id", ITEMS)
def test_spanish_sentences_are_short(link_id):
    text = ITEMS[link_id].wording("es", "pie izquierdo")
    assert reading.longest_sentence(text) <= 18


PROTECTED_WORDING = re.compile(
    r"interfer|enjoyment of life|general activity|on average|at its worst"
    r"|minimally improved|no change|pain bad enough",
    re.I,
)


def test_no_text_borrows_a_protected_phrase():
    assert not PROTECTED_WORDING.search(TEXT)


def test_a_stored_copy_reads_back_equal():
    stored = json.loads(json.dumps(CORE.to_json()))
    again = reading_definitions.stored(stored)
    assert again == CORE
    assert again.sha256 == CORE.sha256


def test_a_database_may_reorder_the_keys_of_a_stored_copy():
    stored = json.loads(canonical_json(CORE.to_json()))
    assert reading_definitions.stored(stored).sha256 == CORE.sha256


def test_the_fingerprint_follows_every_word(tmp_path):
    first = load(tmp_path, TEXT)
    assert load(tmp_path, "# a comment\n" + TEXT).sha256 == first.sha256
    other = load(tmp_path, TEXT.replace("Mucho mejor", "Bastante mejor"))
    assert other.sha256 != first.sha256


def test_the_first_version_keeps_the_fingerprint_that_answers_are_pinned_to(tmp_path):
    first = load(tmp_path, TEXT)
    assert first.sha256 == FIRST_SHA256
    assert reading_definitions.stored(first.to_json()).sha256 == FIRST_SHA256


def test_a_stored_copy_may_name_a_measure_that_ships_no_more():
    stored = CORE.to_json()
    stored["items"][0]["measure"] = "retired_measure"
    again = reading_definitions.stored(stored)
    assert again.items[0].measure == "retired_measure"


def test_a_broken_stored_copy_is_refused(tmp_path):
    stored = load(tmp_path, TEXT).to_json()
    del stored["items"][3]["options"]
    with pytest.raises(ReferenceDataError, match="stored instrument, items 4"):
        reading_definitions.stored(stored)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'text.es = "¿Qué tan fuerte es su',
            'text.fr = "¿Qué tan fuerte es su',
            "core_follow_up.toml, items 1 (pain_site), text, es: is missing",
        ),
        (
            'low.es = "sin dolor"',
            'low.es = "sin dolor"\nlow.fr = "rien"',
            "items 1 (pain_site), low, fr: unknown key",
        ),
        (
            'high.en = "worst',
            'hihg.en = "worst',
            "items 1 (pain_site), high, en: is missi",
        ),
        (
            'link_id = "pain_back"',
            'link_id = "pain_site"',
            "items 2, link_id: pain_site stands twice",
        ),
        (
            'measure = "pain_back"',
            'measure = "pain_elbow"',
            "items (pain_back), measure: 'pain_elbow' is unknown; known: pain_site,",
        ),
        (
            'measure = "pain_back"',
            'measure = "pain_site"',
            "items 2 (pain_back), measure: pain_site stands twice",
        ),
        (
            'type = "choice"',
            'type = "slider"',
            "type: 'slider' is not one of rating_0_10, rating",
        ),
        (
            'type = "rating_0_10"',
            'type = "choice"',
            "items 1 (pain_site), options: a choice needs at least two options",
        ),
        ("value = 2", "value = 1", "options 2, value: 1 stands twice"),
        ("value = 7", "value = 8", "items (global_change): has values outside 1 to 7"),
        (
            'label.es = "Un poco peor"',
            "",
            "options 5, label, es: is missing or empty",
        ),
        (
            "your {site} right",
            "your foot right",
            "items 1 (pain_site), text.en: must hold {site}",
        ),
        (
            "in your low back right",
            "in your {site} right",
            "items 2 (pain_back), text.en: must not hold {site}",
        ),
        ('["low_back"]', '["lumbar"]', "skip_when_site: 'lumbar' is no body site"),
        (
            'score_from = "pain_site"\n',
            "",
            "items (pain_back): skip_when_site and score_from need each other",
        ),
        (
            'score_from = "pain_site"',
            'score_from = "global_change"',
            "score_from: 'global_change' must be an item that is always asked",
        ),
        (
            'when = "after_anchor"',
            'when = "always"',
            "items (global_change), when: disagrees with asked_at_baseline",
        ),
        ('key = "core_follow_up"', 'key = "core"', "key: must be 'core_follow_up'"),
        ("version = 1", "version = true", "version: must be a whole number, not True"),
        ("title.es", "titel.es", "title, es: is missing"),
    ],
)
def test_a_faulty_instrument_is_told_where(tmp_path, old, new, message):
    assert old in TEXT
    with pytest.raises(ReferenceDataError, match=re.escape(message)):
        load(tmp_path, TEXT.replace(old, new, 1))


def test_an_instrument_without_questions_is_refused(tmp_path):
    with pytest.raises(ReferenceDataError, match="items: at least one question"):
        load(tmp_path, TEXT.split("[[items]]")[0])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('role = "site"', 'role = "leg"', "measures 1, role: 'leg' is not one of"),
        ("maximum = 10", "maximum = 0", "measures 1, maximum: must be above the"),
        ("maximum = 10", 'maximum = "10"', "measures 1, maximum: must be a number"),
        ('better_is = "lower"', 'better_is = "up"', "better_is: 'up' is not one of"),
        ('"OSTELO2008"', '"NOBODY1999"', "sources: 'NOBODY1999' is not a key of"),
        ('key = "pain_back"', 'key = "pain_site"', "measures 2, key: pain_site stands"),
        ("mic_points", "mic_pionts", "measures 1, mic_pionts: unknown key"),
        ("decimals = 0", "decimals = 0.5", "decimals: must be a whole number"),
    ],
)
def test_a_faulty_measure_is_told_where(tmp_path, old, new, message):
    assert old in MEASURES
    with pytest.raises(ReferenceDataError, match=re.escape(message)):
        load_measures(tmp_path, MEASURES.replace(old, new, 1))


def test_fractions_in_a_measure_stay_exact(tmp_path):
    text = MEASURES.replace("mic_points = 2", "mic_points = 1.77", 1)
    assert load_measures(tmp_path, text)["pain_site"].mic_points == Decimal("1.77")


PARTS = """
key = "parts"
version = 1
title.en = "Parts"
title.es = "Partes"

[[asks]]
from = "core_follow_up"
items = ["pain_site", "activity_limits", "global_change"]
"""


def load_set(folder: Path, text: str) -> InstrumentDefinition:
    (folder / "core_follow_up.toml").write_text(TEXT, encoding="utf-8")
    path = folder / "parts.toml"
    path.write_text(text, encoding="utf-8")
    return library.load(path)


def test_a_set_asks_the_questions_of_others_word_for_word(tmp_path):
    whole = load(tmp_path, TEXT).by_link_id
    assert load_set(tmp_path, PARTS).items == tuple(
        whole[link_id] for link_id in ("pain_site", "activity_limits", "global_change")
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"pain_site", ', '"sleep", ', "asks 1, items: 'sleep' is no question of"),
        ('"pain_site", ', '"global_change", ', "global_change stands twice"),
        ('"core_follow_up"', '"elsewhere"', "cannot be read"),
        ("version = 1", "version = 1\nwhy = 2", "unknown key"),
        ('key = "parts"', 'key = "other"', "must be 'parts'"),
    ],
)
def test_a_faulty_set_names_what_is_wrong(tmp_path, old, new, told):
    assert old in PARTS
    with pytest.raises(ReferenceDataError, match=told):
        load_set(tmp_path, PARTS.replace(old, new))


SCALES = """
[[scales]]
measure = "nerve_symptoms"
method = "sum"
items = ["pain_back", "activity_limits"]
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '"pain_back", ',
            '"sleep", ',
            "(nerve_symptoms): there is no question 'sleep'",
        ),
        ('"sum"', '"guess"', "method: 'guess' is not one of sum, mean"),
        ('"nerve_symptoms"', '"pain_back"', "another score is called the same"),
        ("items =", "at_least = 3\nitems =", "there are only 2 questions"),
        ("items =", 'reversed = ["sleep"]\nitems =', "no question 'sleep'"),
        ("items =", "rescale_to = [1]\nitems =", "must be two numbers"),
    ],
)
def test_a_faulty_scale_is_told_where(tmp_path, old, new, told):
    assert old in SCALES
    with pytest.raises(ReferenceDataError, match=re.escape(told)):
        load(tmp_path, TEXT + SCALES.replace(old, new, 1))


ENABLED = """
[[items.enable_when]]
question = "pain_back"
operator = ">"
answer = "3"
"""


def test_conditions_that_lead_nowhere_or_in_a_ring_are_refused(tmp_path):
    assert "[[items]]" in TEXT
    lost = TEXT + ENABLED.replace("pain_back", "sleep")
    with pytest.raises(ReferenceDataError, match="there is no question 'sleep'"):
        load(tmp_path, lost)
    ring = TEXT + ENABLED.replace("pain_back", "global_change")
    with pytest.raises(ReferenceDataError, match="hangs on its own answer"):
        load(tmp_path, ring)


def test_what_a_time_point_asks_for_is_asked(tmp_path):
    assert asked(True, "heel", "first_step_pain", "sane") == [
        "first_step_pain",
        "sane",
        "safety",
        "note",
    ]
    assert "first_step_pain" not in asked(True, "knee", "first_step_pain")


def test_boxes_follow_the_time_point_and_the_site():
    def boxes(site: str, *wanted: str) -> set[str]:
        items = library.items_for(CORE, Occasion(site, True, frozenset(wanted)))
        return {
            b.link_id for item in items if item.link_id == "safety" for b in item.items
        }

    assert "rf18" in boxes("foot", "safety_check")
    assert "rf18" not in boxes("foot", "pain_site")
    assert "rf06" in boxes("foot", "pain_site")
    assert "rf06" not in boxes("shoulder", "pain_site")


def test_where_it_hurts_is_asked_only_where_the_time_point_wants_it():
    def asks(wanted: frozenset[str] | None) -> bool:
        occasion = Occasion("foot", is_after_anchor=True, wanted=wanted)
        return "pain_map" in {i.link_id for i in library.items_for(CORE, occasion)}

    assert asks(frozenset({"pain_site", "pain_map"}))
    assert not asks(frozenset({"pain_site"})) and not asks(None)
