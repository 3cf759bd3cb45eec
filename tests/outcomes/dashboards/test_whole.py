"""All facts at once: made anew, compared, and said at a terminal."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from clinic import clock
from outcomes import tasks
from outcomes.dashboards import facts
from outcomes.dashboards.facts import whole
from outcomes.models import Episode, OutcomeFact, OutcomeTally, Score
from tests.outcomes import rows


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


@pytest.fixture
def answered(clinic, measure):
    made = [rows.make_episode(clinic, treatment=t) for t in ("prp", "bmc", "prp")]
    for later, episode in enumerate(made, start=2):
        rows.answer(episode, measure, baseline=7, m3=later)
    facts.rebuild_many([each.pk for each in made])
    return made


def run(*words):
    out = StringIO()
    try:
        call_command("rebuild_outcomes", *words, stdout=out)
    except SystemExit as ended:
        return out.getvalue(), ended.code
    return out.getvalue(), 0


def test_what_is_kept_is_proved_to_be_what_would_be_made(answered, clinic):
    said, code = run("--check")
    assert code == 0
    assert "3 courses, 12 facts: 0 courses and 0 tallies differ" in said


def test_a_fact_that_nobody_rebuilt_is_found_and_nothing_is_written(answered):
    OutcomeFact.objects.filter(episode=answered[0], bin_day=90).update(value=9)
    said, code = run("--check")
    assert code == 1
    assert "1 courses and" in said
    assert str(answered[0].pk) in said
    assert OutcomeFact.objects.get(episode=answered[0], bin_day=90).value == 9


def test_a_tally_that_is_off_is_found_by_its_group(answered):
    OutcomeTally.objects.filter(dimension="treatment", key="bmc").update(facts=99)
    said, code = run("--check")
    assert code == 1
    assert "tally of treatment bmc on day 90" in said


def test_rebuilding_mends_both(answered, clinic):
    OutcomeFact.objects.filter(bin_day=90).update(value=9)
    OutcomeTally.objects.filter(dimension="sex").delete()
    said, code = run("--clinic", clinic.slug)
    assert (code, "12 facts" in said) == (0, True)
    assert run("--check")[1] == 0


def test_rebuilding_what_was_never_counted_equals_counting_it_bit_by_bit(
    answered, clinic
):
    numbers = ("dimension", "key", "bin_day", "change_step", "facts", "change_sum")
    before = sorted(OutcomeTally.objects.values_list(*numbers))
    OutcomeTally.objects.all().delete()
    OutcomeFact.objects.all().delete()
    assert whole.rebuild(clinic) == 12
    assert sorted(OutcomeTally.objects.values_list(*numbers)) == before


def test_what_waits_for_the_worker_is_not_held_against_it(answered, clinic, measure):
    Score.objects.filter(complaint=answered[0].complaint).update(value=1)
    Episode.objects.filter(pk=answered[0].pk).update(facts_due_at="2026-01-01T00:00Z")
    assert whole.check(clinic).holds


def test_it_says_how_far_it_is(answered, clinic):
    told = []
    whole.rebuild(clinic, told.append)
    assert told == [3]


def test_a_wrong_tally_is_healed_by_itself(answered, clinic):
    assert whole.heal(clinic) == 0
    OutcomeTally.objects.filter(dimension="sex").update(pct30=77)
    assert whole.heal(clinic) > 0
    assert whole.check(clinic).holds


def test_once_a_night_the_worker_looks_and_heals(answered, clinic):
    OutcomeTally.objects.filter(dimension="sex").update(pct30=77)
    tasks.prove_tallies()
    assert whole.check(clinic).holds
    OutcomeTally.objects.filter(dimension="sex").update(pct30=77)
    tasks.prove_tallies()
    assert not whole.check(clinic).holds
    night = clock.now() + timedelta(hours=40)
    assert whole.heal_at_night(clinic, night) > 0


def test_a_clinic_that_is_not_there_is_named(clinic):
    with pytest.raises(CommandError, match="No clinic has the slug 'elsewhere'"):
        call_command("rebuild_outcomes", "--clinic", "elsewhere")
