"""What is told about a protocol that is wrong: every fault, with its place."""

import pytest

from plans.protocols import checks
from tests.plans.protocols.drafting import (
    BASELINE,
    CONTENT,
    MONTH,
    content,
    problems,
    spoilt,
    warnings,
)


def test_the_sample_is_sound():
    assert problems(content()) == []
    assert warnings(content()) == []


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (content(title=""), "title: missing or empty."),
        (content(title=" Sample"), "title: remove the spaces around the text."),
        (content(title="x" * 121), "title: use at most 120 characters."),
        (content(modality="laser"), "modality: 'laser' is not one of"),
        (content(anchor="someday"), "anchor: 'someday' is not one of"),
        (content(sources=["NOBODY"]), "sources: there is no source 'NOBODY'."),
        (content(sources="PROPM"), "sources: must be a list of texts"),
        (content(sources=["PROPM", "PROPM"]), "sources: names one of them twice"),
        (content(colour=3), "colour: unknown key; known here: anchor,"),
        (content(steps=[]), "steps: at least one step is needed"),
        (content(steps={}), "steps: must be a list of tables"),
        (content(steps=CONTENT["steps"] * 20), "steps: at most 25 are taken, not 40"),
        (spoilt("steps", 2, offset_days=1.5), "steps 2, offset_days: must be a whole"),
        (spoilt("steps", 2, offset_days=9999), "steps 2, offset_days: must be from"),
        (spoilt("steps", 2, is_index="yes"), "steps 2, is_index: must be yes or no"),
        (spoilt("steps", 2, key="a b"), "steps 2, key: use letters a to z"),
        (spoilt("steps", 2, key="therapy"), "steps 2, key: therapy stands twice"),
        (spoilt("steps", 2, colour=3), "steps 2, colour: unknown key"),
        (spoilt("steps", 2, repeats=0), "steps 2, repeats: must be from 1 to 60"),
        (spoilt("steps", 2, repeats=3), "steps 2, every_days: say after how many"),
        (spoilt("steps", 2, every_days=3), "steps 2, every_days: it is done once"),
        (spoilt("steps", 2, after="rest"), "steps 2, after: There is no step 'rest'"),
        (
            spoilt("steps", 1, after="prp"),
            "steps 1, after: The steps wait for each other: “Therapy” after “PRP”",
        ),
        (
            spoilt("steps", 2, after="prp"),
            "steps 2, after: The steps wait for each other: “PRP” after “PRP”.",
        ),
        (spoilt("steps", 1, offset_days=-1), "steps 1, offset_days: it would come 1"),
        (
            spoilt("steps", 2, repeats=60, every_days=365),
            "steps 2, offset_days: its last day is 21577",
        ),
        (
            spoilt("steps", 2, is_index=False),
            "steps: day 0 is the procedure, and no step is marked as day 0 of the",
        ),
        (spoilt("steps", 1, is_index=True), "steps 2, is_index: another step is day 0"),
        (content(anchor="plan_start"), "steps 2, is_index: day 0 is the start of the"),
        (
            spoilt("timepoints", 2, close_day=20),
            "timepoints 2, close_day: the window closes on day 20, before it opens",
        ),
        (
            spoilt("timepoints", 2, ask_day=50),
            "timepoints 2, ask_day: 50 is outside the window 21 to 45",
        ),
        (
            spoilt("timepoints", 2, offset_days=50),
            "timepoints 2, offset_days: 50 is outside the window 21 to 45",
        ),
        (spoilt("timepoints", 2, key="baseline"), "timepoints 2, key: baseline stands"),
        (spoilt("timepoints", 2, who="spouse"), "timepoints 2, who: 'spouse' is not"),
        (spoilt("timepoints", 2, purpose=""), "timepoints 2, purpose: missing"),
        (
            spoilt("timepoints", 2, measures=["luck"]),
            "timepoints 2, measures: there is no",
        ),
        (spoilt("timepoints", 2, sources=["ME"]), "timepoints 2, sources: there is no"),
        (
            spoilt("timepoints", 2, status="verified"),
            "timepoints 2, sources: what is verified needs at least one source",
        ),
        (
            spoilt("timepoints", 1, is_safety=True),
            "timepoints 1, offset_days: a safety check comes after day 0",
        ),
        (
            spoilt("timepoints", 1, is_baseline=False),
            "timepoints: exactly one baseline is needed, not 0",
        ),
        (
            spoilt("timepoints", 2, is_baseline=True),
            "timepoints: exactly one baseline is needed, not 2",
        ),
        (
            spoilt("timepoints", 1, close_day=1),
            "timepoints 1, close_day: the baseline must close by day 0",
        ),
        (
            spoilt("timepoints", 1, who="clinician"),
            "timepoints 1, who: the patient must be asked for the baseline",
        ),
        (content(timepoints=[]), "timepoints: the patient is never asked"),
        (spoilt("goals", 1, measure="luck"), "goals 1, measure: 'luck' is no measure"),
        (spoilt("goals", 1, measure="smoking"), "goals 1, measure: 'smoking' is no"),
        (spoilt("goals", 1, target="11"), "goals 1, target: Pain at the site runs"),
        (spoilt("goals", 1, target="a few"), "goals 1, target: must be a number"),
        (spoilt("goals", 1, target="NaN"), "goals 1, target: must be a number"),
        (spoilt("goals", 1, target="1e99"), "goals 1, target: must be a number with"),
        (spoilt("goals", 1, target="0.001"), "goals 1, target: must be a number with"),
        (
            spoilt("goals", 1, comparison="less_by_percent", target="101"),
            "goals 1, target: give a percent from 1 to 100",
        ),
        (
            spoilt("goals", 1, comparison="at_least"),
            "goals 1, comparison: Pain at the site is to fall",
        ),
        (spoilt("goals", 1, by_day=0), "goals 1, by_day: must be from 1 to"),
        (spoilt("rungs", 2, channel="pigeon"), "rungs 2, channel: 'pigeon' is not"),
        (spoilt("rungs", 1, after_days=5), "rungs 2, after_days: it comes after the"),
        (spoilt("rungs", 2, channel="rescue"), "rungs: a ladder has one rescue"),
        (
            spoilt("rungs", 2, channel="preferred", after_days=0),
            "rungs 2: the same as reminder 1, and would come once",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(made, told):
    assert [line for line in problems(made) if line.startswith(told)], problems(made)


@pytest.mark.parametrize(
    "differs",
    [{"is_safety": True}, {"after_days": 4}, {"channel": "email"}],
)
def test_a_reminder_of_another_ladder_day_or_way_is_another(differs):
    made = content()
    made["rungs"].insert(2, {"channel": "sms", "after_days": 3} | differs)
    assert problems(made) == []


def test_all_faults_are_told_at_once_and_each_once():
    made = spoilt("steps", 2, after="rest", offset_days="soon")
    made["timepoints"][1] |= {"close_day": 20, "who": "spouse"}
    made["goals"][0]["target"] = "a few"
    assert [line.split(":")[0] for line in problems(made)] == [
        "steps 2, offset_days",
        "timepoints 2, who",
        "goals 1, target",
    ]
    made["steps"][1]["offset_days"] = 42
    made["timepoints"][1]["who"] = "patient"
    assert [line.split(":")[0] for line in problems(made)] == [
        "goals 1, target",
        "steps 2, after",
        "timepoints 2, close_day",
    ]


def test_a_circle_is_told_at_each_step_in_it_and_not_at_those_that_wait_for_it():
    steps = [
        {"key": key, "title": key, "modality": "prp", "offset_days": 1, "after": after}
        for key, after in (("a", "b"), ("b", "a"), ("c", "a"))
    ]
    steps[2]["is_index"] = True
    told = problems(content(steps=steps))
    assert [line.split(":")[0] for line in told] == ["steps 1, after", "steps 2, after"]


def test_windows_that_overlap_are_warned_of_and_allowed():
    late = {**MONTH, "key": "m2", "label": "2 months", "offset_days": 60}
    late |= {"open_day": 45, "close_day": 75, "ask_day": 60}
    made = content(timepoints=[BASELINE, MONTH, late])
    assert warnings(made) == [
        "The windows of 1 month (21 to 45) and 2 months (45 to 75) overlap."
    ]
    late["open_day"] = 46
    assert warnings(content(timepoints=[BASELINE, MONTH, late])) == []


def point(label, first, last):
    days = {"offset_days": first, "open_day": first, "close_day": last}
    return {**MONTH, "key": label.lower(), "label": label, "ask_day": first, **days}


def test_windows_that_overlap_one_another_far_off_are_warned_of_too():
    points = [point("A", 1, 100), point("B", 10, 20), point("C", 50, 60)]
    told = warnings(content(timepoints=[BASELINE, *points]))
    assert [text[:24] for text in told] == [
        "The windows of A (1 to 1",
        "The windows of A (1 to 1",
    ]
    assert "B (10 to 20)" in told[0] and "C (50 to 60)" in told[1]


def test_no_more_overlaps_are_told_than_anybody_reads():
    points = [point(f"P{day}", day, day + 90) for day in range(1, 11)]
    told = warnings(content(timepoints=[BASELINE, *points]))
    assert len(told) == checks.MOST_OVERLAPS + 1
    assert told[-1] == "More windows overlap."


def test_what_is_perhaps_not_meant_is_warned_of():
    rising = {"measure": "active_minutes_week", "comparison": "at_least"}
    made = spoilt("goals", 1, **rising, target="150")
    made["timepoints"][1]["measures"] = ["exam_neuro"]
    assert warnings(made) == [
        "No time point asks for the goal’s measure, Active minutes a week.",
        "1 month asks the patient for Neurological examination, "
        "which the clinician answers.",
    ]
