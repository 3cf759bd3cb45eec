"""Every questionnaire that ships: each score, and each pattern of what is missing."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes.instruments import library, scoring
from outcomes.instruments.definition import (
    InstrumentDefinition,
    Item,
    Option,
    Scale,
)

Given = Mapping[str, Decimal | None]
SHIPPED = library.instruments()
PLACES = [box.link_id for box in SHIPPED["pain_map"].items[0].items]

# By instrument and measure: answers, and the score that they make.
TABLE: dict[tuple[str, str], list[tuple[dict[str, int], str]]] = {
    ("pain", "pain_site"): [({"pain_site": n}, str(n)) for n in range(11)],
    ("pain", "pain_site_average"): [
        ({"pain_site_average": n}, str(n)) for n in range(11)
    ],
    ("pain", "pain_site_worst"): [({"pain_site_worst": n}, str(n)) for n in range(11)],
    ("pain", "pain_back"): [({"pain_back": n}, str(n)) for n in range(11)],
    ("first_step_pain", "first_step_pain"): [
        ({"first_step_pain": n}, str(n)) for n in range(11)
    ],
    ("donor_site_pain", "donor_site_pain"): [
        ({"donor_site_pain": n}, str(n)) for n in range(11)
    ],
    ("activity_limits", "activity_limits"): [
        ({"activity_limits": n}, str(n)) for n in range(11)
    ],
    ("global_change", "global_change"): [
        ({"global_change": n}, str(n)) for n in range(1, 8)
    ],
    ("sane", "sane"): [({"sane": n}, str(n)) for n in range(0, 101, 10)],
    ("acceptable_state", "acceptable_state"): [
        ({"acceptable_state": n}, str(n)) for n in (0, 1)
    ],
    ("satisfaction", "satisfaction"): [
        ({"satisfaction": n}, str(n)) for n in range(1, 6)
    ],
    ("adherence", "adherence_0_10"): [({"adherence": n}, str(n)) for n in range(11)],
    ("medication_days", "medication_days"): [
        ({"medication_days": n}, str(n)) for n in range(8)
    ],
    ("nerve_symptoms", "nerve_symptoms"): [
        (
            dict(
                zip(
                    ("nerve_travels", "nerve_numb", "nerve_weak", "nerve_position"),
                    checked,
                    strict=True,
                )
            ),
            str(sum(checked)),
        )
        for checked in itertools.product((0, 1), repeat=4)
    ],
    ("pain_map", "pain_map"): [
        ({place: int(n < hurting) for n, place in enumerate(PLACES)}, str(hurting))
        for hurting in range(len(PLACES) + 1)
    ],
    ("own_activities", "own_activities"): [
        ({"activity_1": 0, "activity_2": 0, "activity_3": 0}, "0"),
        ({"activity_1": 10, "activity_2": 10, "activity_3": 10}, "10"),
        ({"activity_1": 1, "activity_2": 2, "activity_3": 4}, "2.3"),
        ({"activity_1": 2, "activity_2": 4, "activity_3": 5}, "3.7"),
    ],
    ("lifestyle", "active_minutes_week"): [
        ({"active_days": 0, "active_minutes": 60}, "0"),
        ({"active_days": 7, "active_minutes": 0}, "0"),
        ({"active_days": 3, "active_minutes": 40}, "120"),
    ],
}
# What they ask is kept, and judged by rules, but makes no score.
UNSCORED = {"safety", "since_last_time", "flare_pulse"}
ROWS = [
    pytest.param(key, measure, answers, score, id=f"{measure}={score}-{place}")
    for (key, measure), rows in TABLE.items()
    for place, (answers, score) in enumerate(rows)
]


def scores(
    definition: InstrumentDefinition, answers: Given, asked: Sequence[str] | None = None
) -> dict[str, Decimal | None]:
    scored = scoring.score(definition, answers, "foot", asked)
    return {each.measure_key: each.value for each in scored}


def test_the_table_holds_every_score_of_every_questionnaire_that_ships():
    every = {(key, m) for key in library.OWN for m in SHIPPED[key].measures}
    assert set(TABLE) == every
    assert {measure for _, measure in TABLE} == set(library.measures())
    assert {key for key in library.OWN if not SHIPPED[key].measures} == UNSCORED


@pytest.mark.parametrize("key", library.SETS)
def test_what_is_asked_together_makes_the_same_scores(key):
    whole = SHIPPED[key]
    for measure in whole.measures:
        for (_, own), rows in TABLE.items():
            for answers, score in rows if own == measure else ():
                found = scores(whole, _numbers(answers))
                assert found[measure] == Decimal(score)


def _numbers(answers: Mapping[str, int]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in answers.items()}


@pytest.mark.parametrize(("key", "measure", "answers", "score"), ROWS)
def test_answers_make_their_score(key, measure, answers, score):
    found = scores(SHIPPED[key], _numbers(answers))
    assert found[measure] == Decimal(score)


# --- What is missing -----------------------------------------------------------------


def inputs(definition: InstrumentDefinition) -> dict[str, tuple[str, ...]]:
    """By measure, the questions that it is made of."""
    single = {i.measure: (i.link_id,) for i in definition.walk() if i.measure}
    return single | {scale.measure: scale.items for scale in definition.scales}


EACH = [(key, measure) for key in SHIPPED for measure in inputs(SHIPPED[key])]


@pytest.mark.parametrize(("key", "measure"), EACH)
@pytest.mark.parametrize("is_told", [False, True], ids=["left out", "can't tell"])
@pytest.mark.parametrize("others", [False, True], ids=["alone", "beside all others"])
def test_whatever_is_missing_there_is_no_score_and_never_zero(
    key, measure, is_told, others
):
    """All patterns of its own questions; the others make no difference."""
    definition = SHIPPED[key]
    own = inputs(definition)[measure]
    for missing in itertools.product((False, True), repeat=len(own)):
        for end in (min, max):
            answers = _patterned(definition, own, missing, end, is_told=is_told)
            if others:
                answers = {**_all(definition, own, end), **answers}
            found = scores(definition, answers)[measure]
            assert (found is None) == any(missing)


def _patterned(
    definition: InstrumentDefinition,
    own: Sequence[str],
    missing: Sequence[bool],
    end: Callable[..., Decimal],
    *,
    is_told: bool,
) -> dict[str, Decimal | None]:
    answers = {
        name: None if is_missing else _end(definition.by_link_id[name], end)
        for name, is_missing in zip(own, missing, strict=True)
    }
    return {
        name: value for name, value in answers.items() if is_told or value is not None
    }


def _all(
    definition: InstrumentDefinition, but: Sequence[str], end: Callable[..., Decimal]
) -> dict[str, Decimal | None]:
    scored = {name for names in inputs(definition).values() for name in names}
    return {n: _end(definition.by_link_id[n], end) for n in scored - set(but)}


def _end(item: Item, end: Callable[..., Decimal]) -> Decimal:
    if item.values:
        return Decimal(end(item.values))
    return end(item.minimum, item.maximum)


@pytest.mark.parametrize("key", library.OWN)
def test_of_each_questionnaire_every_pattern_of_missing_answers(key):
    """All of its scored questions at once: each score stands on its own answers."""
    definition = SHIPPED[key]
    made_of = inputs(definition)
    names = sorted({name for own in made_of.values() for name in own})
    for missing in itertools.product((False, True), repeat=len(names)):
        answers = _patterned(definition, names, missing, max, is_told=False)
        found = scores(definition, answers)
        assert set(found) == set(made_of)
        for measure, own in made_of.items():
            assert (found[measure] is None) == (not set(own) <= set(answers))


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (("activity_1",), "7"),
        (("activity_1", "activity_2"), "6"),
        (("activity_1", "activity_2", "activity_3"), "5"),
        (("activity_2",), "5"),
    ],
)
def test_of_own_activities_those_that_were_not_asked_are_not_missing(named, expected):
    ratings = {"activity_1": 7, "activity_2": 5, "activity_3": 3}
    answers = {name: Decimal(ratings[name]) for name in named}
    found = scores(SHIPPED["own_activities"], answers, named)
    assert found == {"own_activities": Decimal(expected)}


# --- Properties ----------------------------------------------------------------------


def answer_of(item: Item) -> st.SearchStrategy[Decimal | None]:
    if item.values:
        values = st.sampled_from([Decimal(value) for value in item.values])
    else:
        values = st.integers(int(item.minimum or 0), int(item.maximum or 99)).map(
            Decimal
        )
    return st.none() | values


def answers_of(key: str) -> st.SearchStrategy[dict[str, Decimal | None]]:
    definition = SHIPPED[key]
    scored = {name for own in inputs(definition).values() for name in own}
    by_name = {n: answer_of(definition.by_link_id[n]) for n in sorted(scored)}
    return st.fixed_dictionaries({}, optional=by_name)


@settings(deadline=None, max_examples=50)
@pytest.mark.parametrize("key", SHIPPED)
@given(st.data())
def test_every_score_lies_within_the_range_of_its_measure(key, data):
    found = scores(SHIPPED[key], data.draw(answers_of(key)))
    for measure, value in found.items():
        told = library.measures()[measure]
        assert value is None or told.minimum <= value <= told.maximum


@settings(deadline=None, max_examples=30)
@pytest.mark.parametrize("key", SHIPPED)
@given(st.data())
def test_the_order_of_the_answers_changes_neither_score_nor_hash(key, data):
    answers = data.draw(answers_of(key))
    order = data.draw(st.permutations(list(answers)))
    turned = {name: answers[name] for name in order}
    one, other = (scoring.score(SHIPPED[key], a, "foot") for a in (answers, turned))
    assert one == other


WEIGHED = tuple(
    Option(n, {"en": str(n)}, weight=Decimal(w)) for n, w in ((1, -2), (2, 0), (3, 5))
)
REVERSIBLE = [
    Item("x", "rating_0_10", {"en": "X"}),
    Item(
        "x",
        "rating",
        {"en": "X"},
        minimum=Decimal(5),
        maximum=Decimal(25),
        step=5,
    ),
    Item("x", "yes_no", {"en": "X"}),
    Item("x", "choice", {"en": "X"}, options=WEIGHED),
    Item("x", "integer", {"en": "X"}, minimum=Decimal(-3), maximum=Decimal(9)),
    Item("x", "decimal", {"en": "X"}, minimum=Decimal(1), maximum=Decimal(4)),
]


@settings(deadline=None, max_examples=40)
@pytest.mark.parametrize("item", REVERSIBLE, ids=lambda item: item.type)
@given(st.data())
def test_a_reversed_question_reverses_and_twice_is_as_before(item, data):
    other = Item("y", "rating_0_10", {"en": "Y"})
    values = [Decimal(v) for v in item.values] or [item.minimum, item.maximum]
    answers = {
        "x": data.draw(st.sampled_from(values)),
        "y": Decimal(data.draw(st.integers(0, 10))),
    }

    def total(*turned: str) -> Decimal:
        scale = Scale("m", "sum", ("x", "y"), reversed=turned)
        made = InstrumentDefinition("k", 1, {"en": "K"}, (item, other), (scale,))
        value = scores(made, answers)["m"]
        assert value is not None
        return value

    points = [item.points(value) for value in values]
    ends = min(points) + max(points)
    # Both ways together are always the two ends, whatever else is added.
    assert total() + total("x") == ends + 2 * answers["y"]
    assert total("x", "y") == ends - item.points(answers["x"]) + 10 - answers["y"]
