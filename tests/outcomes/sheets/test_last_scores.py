"""The newest answers in words, by the meaningful change of each measure."""

from datetime import timedelta
from decimal import Decimal

import pytest

from outcomes.models import Measure
from outcomes.sheets import last_scores
from tests.outcomes import rows

LOWER = {"better_is": "lower", "mic_points": Decimal(2)}
HIGHER = {"better_is": "higher", "mic_points": Decimal(10)}
PERCENT = {"better_is": "lower", "mic_percent": Decimal(30)}


UNKNOWN = "no meaningful change is known for it"
CASES = [
    (LOWER, "7", "3", "4 better, more than the meaningful change (2)", "ok"),
    (LOWER, "7", "5", "2 better, as much as the meaningful change (2)", "ok"),
    (LOWER, "7", "6", "1 better, less than the meaningful change (2)", ""),
    (LOWER, "7", "7", "no change", ""),
    (LOWER, "3", "7", "4 worse, more than the meaningful change (2)", "bad"),
    (LOWER, "3", "5", "2 worse, as much as the meaningful change (2)", "bad"),
    (HIGHER, "50", "65", "15 better, more than the meaningful change (10)", "ok"),
    (HIGHER, "50", "35", "15 worse, more than the meaningful change (10)", "bad"),
    (
        PERCENT,
        "4.5",
        "3.15",
        "1.35 better, as much as the meaningful change (1.35)",
        "ok",
    ),
    (PERCENT, "0", "3", f"3 worse; {UNKNOWN}", ""),
    ({"better_is": "lower"}, "7", "3", f"4 better; {UNKNOWN}", ""),
]


@pytest.mark.parametrize(
    ("measure", "before", "now", "words", "tone"),
    CASES,
    ids=[
        f"{before} to {now}, {number}"
        for number, (_, before, now, _, _) in enumerate(CASES)
    ],
)
def test_a_change_is_told_by_what_matters(measure, before, now, words, tone):
    found = last_scores.change_words(Measure(**measure), Decimal(before), Decimal(now))
    assert found == (words, tone)


def lines(episode):
    scores = list(episode.complaint.scores.order_by("measured_on", "pk"))
    return last_scores.of(episode.complaint, episode, scores)


def test_before_last_time_and_now_are_told_apart(clinic):
    episode = rows.make_episode(clinic)
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.answer(episode, pain, baseline=7, w2=6, m3=3)
    (line,) = lines(episode)
    assert (line.before, line.previous, line.now) == ("7", "6", "3")
    assert line.moved == "7 → 3"
    assert line.title == "Pain in the left foot"
    assert line.answered == "on 1 Jun 2025, by the patient"


def test_with_two_answers_last_time_is_not_said_twice(clinic):
    episode = rows.make_episode(clinic)
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.answer(episode, pain, baseline=7, w2=6)
    (line,) = lines(episode)
    assert (line.before, line.previous, line.now) == ("7", "", "6")


def test_without_a_baseline_no_change_is_told(clinic):
    episode = rows.make_episode(clinic)
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.answer(episode, pain, w2=6, m3=3)
    (line,) = lines(episode)
    assert (line.before, line.moved) == ("", "3")
    assert line.change == "nothing from before to compare with"
    assert line.previous == "6"


def test_an_answer_from_before_treatment_is_no_change(clinic):
    episode = rows.make_episode(clinic)
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.answer(episode, pain, baseline=7)
    (line,) = lines(episode)
    assert (line.moved, line.change) == ("7", "the answer from before treatment")


def test_what_is_answered_in_words_is_told_in_words(clinic):
    episode = rows.make_episode(clinic)
    change = Measure.objects.get(clinic=clinic, key="global_change")
    rows.answer(episode, change, w2=4, m3=2)
    (line,) = lines(episode)
    assert (line.previous, line.now, line.change) == (
        "about the same",
        "much better",
        "",
    )


def test_an_old_answer_is_no_baseline(clinic):
    episode = rows.make_episode(clinic)
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.make_score(episode, pain, 9, rows.ANCHOR - timedelta(days=31))
    rows.answer(episode, pain, m3=3)
    (line,) = lines(episode)
    assert (line.before, line.previous) == ("", "9")
