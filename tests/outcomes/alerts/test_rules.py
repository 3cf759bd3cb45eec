"""Truth tables of what raises an alert; what is missing is never a reason."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from clinic.reference_data import ReferenceDataError
from outcomes.alerts import rules
from outcomes.alerts.rules import Answered, Flag, Harm, Scored, Severity

URGENT, TODAY, SOON = Severity.URGENT, Severity.TODAY, Severity.SOON
INFORMATION = Severity.INFORMATION
RULES = rules.shipped().rules
FEVER = Flag("RF18", "E1", "E1 same day", "fever or redness after the injection")


def number(value):
    return None if value is None else Decimal(str(value))


def pain(value, baseline=None, last=None, **changed):
    given = {
        "key": "pain_site",
        "name": "Pain at the left foot",
        "better_is": "lower",
        "minimum": Decimal(0),
        "maximum": Decimal(10),
        "mic_points": Decimal(2),
        "mic_percent": Decimal(30),
        "value": number(value),
        "baseline": number(baseline),
        "last": number(last),
        "is_pain": True,
    }
    return Scored(**{**given, **changed})


def sane(value, baseline=None, last=None):
    """Higher is better, on 0 to 100."""
    return pain(
        value,
        baseline,
        last,
        key="sane",
        name="Single rating",
        better_is="higher",
        maximum=Decimal(100),
        mic_points=Decimal(15),
        is_pain=False,
    )


def found(key, answered, **changed):
    return rules.evaluate(answered, [replace(RULES[key], **changed)])


def severity(key, answered, **changed):
    findings = found(key, answered, **changed)
    return findings[0].severity if findings else None


@pytest.mark.parametrize(
    ("value", "reference", "is_raised"),
    [
        (7, 3, True),
        (5, 3, True),
        (4, 3, False),
        (3, 3, False),
        (1, 3, False),
        (2, 0, True),
        (1, 0, False),
        (0, 10, False),
        (None, 3, False),
        (7, None, False),
        (None, None, False),
    ],
)
@pytest.mark.parametrize("against", ["baseline", "last"])
def test_worse_by_what_matters(value, reference, is_raised, against):
    given = {"baseline": None, "last": None, against: reference}
    answered = Answered(scores=(pain(value, **given),))
    other = {"baseline": "last", "last": "baseline"}[against]
    assert bool(found(f"worse_than_{against}", answered)) is is_raised
    assert found(f"worse_than_{other}", answered) == []


def test_the_reason_says_it_with_figures():
    (finding,) = found("worse_than_baseline", Answered(scores=(pain(7, 3),)))
    assert finding.reason == (
        "Pain at the left foot 7, was 3 before treatment: worse by 4, 2 matters."
    )
    assert (finding.severity, finding.measure) == (TODAY, "pain_site")


def test_where_higher_is_better_less_is_worse():
    assert found("worse_than_baseline", Answered(scores=(sane(40, 55),)))
    assert not found("worse_than_baseline", Answered(scores=(sane(41, 55),)))
    assert not found("worse_than_baseline", Answered(scores=(sane(90, 55),)))


@pytest.mark.parametrize(
    ("value", "baseline", "is_raised"),
    # 30 % of the baseline, and never less than a fifth of the scale.
    [(2, 0, True), (1, 0, False), (9, 6, True), (8, 7, False), (10, 8, False)],
)
def test_a_share_of_nearly_nothing_is_noise(value, baseline, is_raised):
    one = pain(value, baseline, mic_points=None)
    assert bool(found("worse_than_baseline", Answered(scores=(one,)))) is is_raised


def test_a_measure_of_which_nobody_knows_what_matters_raises_nothing():
    one = pain(10, 0, 0, mic_points=None, mic_percent=None)
    answered = Answered(scores=(one,), day=90)
    for key in ("worse_than_baseline", "worse_than_last", "no_improvement"):
        assert found(key, answered) == []


def test_a_change_since_treatment_is_held_against_nothing():
    one = pain(7, 1, 1, is_change=True)
    assert found("worse_than_last", Answered(scores=(one,))) == []


def test_several_measures_are_one_alert():
    both = (pain(7, 3), pain(8, 4, key="pain_back", name="Back pain"))
    (finding,) = found("worse_than_baseline", Answered(scores=both))
    assert finding.reason.count("worse by 4") == 2


@pytest.mark.parametrize(
    ("day", "is_after_needle", "is_raised"),
    [
        (0, True, False),
        (3, True, False),
        (4, True, True),
        (3, False, True),
        (-1, True, True),
        (None, True, True),
    ],
)
def test_more_pain_right_after_a_needle_is_a_flare(day, is_after_needle, is_raised):
    answered = Answered(
        scores=(pain(6, 3, 3),), day=day, is_after_needle=is_after_needle
    )
    assert bool(found("worse_than_baseline", answered)) is is_raised
    assert bool(found("worse_than_last", answered)) is is_raised


def test_one_worsening_is_told_once():
    both = [RULES["worse_than_baseline"], RULES["worse_than_last"]]
    same = Answered(scores=(pain(7, 3, 4),))
    assert [one.rule for one in rules.evaluate(same, both)] == ["worse_than_baseline"]
    more = Answered(scores=(pain(7, 3, 4), sane(40, None, 60)))
    assert len(rules.evaluate(more, both)) == 2


def test_the_number_of_a_rule_multiplies_what_matters():
    answered = Answered(scores=(pain(6, 3),))
    assert found("worse_than_baseline", answered)
    assert not found("worse_than_baseline", answered, number=Decimal(2))


@pytest.mark.parametrize(
    ("day", "last_day", "value", "baseline", "is_raised"),
    [
        (92, 30, 6, 7, True),
        (84, 83, 7, 7, True),
        (83, 30, 7, 7, False),
        (92, None, 7, 7, True),
        # Told at the first answer from that day on, and not at each one after it.
        (200, 92, 7, 7, False),
        (92, 30, 5, 7, False),
        (92, 30, 8, 7, True),
        # From 1 nobody gets better by 2.
        (92, 30, 1, 1, False),
        (92, 30, None, 7, False),
        (92, 30, 7, None, False),
        (None, None, 7, 7, False),
    ],
)
def test_no_improvement_by_the_time_most_have_it(
    day, last_day, value, baseline, is_raised
):
    answered = Answered(scores=(pain(value, baseline),), day=day, last_day=last_day)
    assert bool(found("no_improvement", answered)) is is_raised


def test_one_measure_that_is_better_is_an_improvement():
    answered = Answered(scores=(pain(7, 7), sane(80, 40)), day=92)
    assert found("no_improvement", answered) == []


@pytest.mark.parametrize(
    ("day", "value", "flags", "expected"),
    [
        (0, 9, (), INFORMATION),
        (3, 7, (), INFORMATION),
        (4, 7, (), TODAY),
        (14, 7, (), TODAY),
        (15, 10, (), None),
        (-1, 10, (), None),
        (None, 10, (), None),
        (3, 6, (), None),
        (3, None, (), None),
        (3, 7, (FEVER,), URGENT),
        (10, 7, (FEVER,), URGENT),
        # Fever alone is a red flag of its own.
        (3, 2, (FEVER,), None),
    ],
)
def test_pain_after_a_needle(day, value, flags, expected):
    answered = Answered(
        scores=(pain(value),), day=day, is_after_needle=True, flags=flags
    )
    assert severity("pain_after_needle", answered) == expected
    other = replace(answered, is_after_needle=False)
    assert severity("pain_after_needle", other) is None


def test_a_scale_to_a_hundred_is_read_as_one_to_ten():
    one = pain(70, maximum=Decimal(100))
    answered = Answered(scores=(one,), day=5, is_after_needle=True)
    assert severity("pain_after_needle", answered) == TODAY


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ((), None),
        (("E0",), URGENT),
        (("E1",), URGENT),
        (("E2",), SOON),
        (("E3",), INFORMATION),
        (("E3", "E0"), URGENT),
    ],
)
def test_red_flags_by_the_most_urgent(tiers, expected):
    flags = tuple(Flag("RF01", tier, tier, "numb") for tier in tiers)
    assert severity("red_flag", Answered(flags=flags)) == expected


@pytest.mark.parametrize(
    ("serious", "expected"),
    [((), None), ((False,), TODAY), ((True,), URGENT), ((False, True), URGENT)],
)
def test_adverse_events(serious, expected):
    harms = tuple(Harm("infection", is_serious) for is_serious in serious)
    assert severity("adverse_event", Answered(harms=harms)) == expected


@pytest.mark.parametrize(("value", "is_raised"), [(5, False), (6, True), (None, False)])
def test_feels_much_worse(value, is_raised):
    one = pain(value, key="global_change", is_change=True, is_pain=False)
    assert bool(found("feels_much_worse", Answered(scores=(one,)))) is is_raised


def test_own_words_are_known_to_be_there_and_are_not_read():
    (finding,) = found("free_text", Answered(has_text=True))
    assert finding.severity == SOON
    assert found("free_text", Answered()) == []


def test_what_was_done_elsewhere_is_told_so_that_somebody_asks_when():
    said = ("I had an operation done", "A shot for the pain")
    (finding,) = found("treated_elsewhere", Answered(elsewhere=said))
    assert "operation done; A shot for the pain. Ask when" in finding.reason
    assert found("treated_elsewhere", Answered()) == []


def test_an_empty_answer_raises_nothing():
    assert rules.evaluate(Answered(), RULES.values()) == []


def test_no_mix_of_what_is_missing_raises_or_breaks_anything():
    for value, baseline, last, day, needle in product(
        (None, 0, 10), (None, 0, 10), (None, 0, 10), (None, 0, 90), (True, False)
    ):
        answered = Answered(
            scores=(pain(value, baseline, last),), day=day, is_after_needle=needle
        )
        for finding in rules.evaluate(answered, RULES.values()):
            assert value is not None, finding


def test_a_rule_that_is_off_raises_nothing():
    answered = Answered(scores=(pain(7, 3),))
    assert found("worse_than_baseline", answered, is_on=False) == []


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('kind = "free_text"', 'kind = "mood"', "kind"),
        ('severity = "urgent"', 'severity = "loud"', "severity"),
        ('key = "adverse_event"', 'key = "red_flag"', "red_flag"),
        ('against = "baseline"\n', "", "against"),
        ('number_is = "pain from this on, of 10"\n', "", "number"),
        ("always_on = true", 'always = "yes"', "always"),
    ],
)
def test_a_faulty_file_names_the_key(tmp_path, before, after, named):
    text = rules.DATA.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "rules.toml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=named):
        rules.read(path)
