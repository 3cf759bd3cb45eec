import time
from datetime import timedelta

import pandas as pd
import pytest

from clinic import clock
from outcomes import tasks
from outcomes.dashboards.own_change import anchored, estimating
from outcomes.dashboards.statistics import mic
from outcomes.models import ImportantChange
from tests import factories
from tests.outcomes import rows
from tests.outcomes.own_change import world

HOUR = timedelta(hours=1)


def soon() -> float:
    return time.monotonic() + 600


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def kept_of(measure):
    return ImportantChange.objects.get(measure=measure)


# Improvements of 1 to 4 and of -1 to 2 points, thirty of each.
BETTER = [7 - improved for improved in (1, 2, 2, 3, 3, 4) * 5]
SAME = [7 - improved for improved in (-1, 0, 0, 1, 1, 2) * 5]


def test_what_is_kept_is_what_pandas_finds(clinic, measure):
    world.make_groups(clinic, measure, BETTER, SAME)
    estimating.run(clinic, clock.now(), soon())
    kept = kept_of(measure)
    better, same = 7 - pd.Series(BETTER), 7 - pd.Series(SAME)
    assert (kept.n, kept.better_n, kept.same_n) == (60, 30, 30)
    assert kept.why_not == ""
    assert kept.mean_change == pytest.approx(better.mean())
    assert kept.same_mean == pytest.approx(same.mean())
    assert kept.baseline_mean == 7
    youden = {at: (better >= at).mean() - (same >= at).mean() for at in range(-1, 5)}
    assert kept.roc == max(youden, key=youden.get) == 2
    assert kept.sensitivity == pytest.approx((better >= 2).mean())
    assert kept.specificity == pytest.approx((same < 2).mean())
    said = pd.Series([-3] * 30 + [-4] * 30)
    both = pd.concat([better, same], ignore_index=True)
    assert kept.correlation == pytest.approx(said.corr(both, method="spearman"))
    expected = mic.mic(anchored.read(measure).people)
    assert (kept.mean_change_low, kept.mean_change_high) == expected.mean_change.ci
    assert (kept.roc_low, kept.roc_high) == expected.roc.estimate.ci


def test_twice_is_once(clinic, measure):
    world.make_groups(clinic, measure, BETTER, SAME)
    estimating.run(clinic, clock.now(), soon())
    first = ImportantChange.objects.filter(measure=measure).values().get()
    estimating.estimate(kept_of(measure))
    again = ImportantChange.objects.filter(measure=measure).values().get()
    assert {**again, "computed_at": None} == {**first, "computed_at": None}


def test_too_few_answers_are_counted_and_give_no_estimate(clinic, measure):
    world.make_groups(clinic, measure, BETTER, SAME[1:])
    estimating.run(clinic, clock.now(), soon())
    kept = kept_of(measure)
    assert (kept.better_n, kept.same_n) == (30, 29)
    assert kept.why_not == ImportantChange.WhyNot.TOO_FEW
    assert (kept.mean_change, kept.roc) == (None, None)


def test_an_estimate_goes_where_its_answers_go(clinic, measure):
    world.make_groups(clinic, measure, BETTER, SAME)
    now = clock.now()
    estimating.run(clinic, now, soon())
    assert kept_of(measure).mean_change is not None
    # Someone's baseline was taken back.
    row = anchored.OutcomeFact.objects.filter(
        measure=measure, timepoint_key="w2"
    ).first()
    row.change = None
    row.save()
    estimating.run(clinic, now + 40 * HOUR, soon())
    kept = kept_of(measure)
    assert kept.n == 59
    assert kept.why_not == ImportantChange.WhyNot.TOO_FEW
    assert (kept.mean_change, kept.roc, kept.roc_low) == (None, None, None)


def test_each_measure_that_is_asked_before_is_looked_at_once(clinic, measure):
    now = clock.now()
    wanted = anchored.measures_of(clinic.pk).count()
    assert estimating.run(clinic, now, soon()) == wanted
    assert estimating.run(clinic, now + HOUR, soon()) == 0
    assert ImportantChange.objects.filter(clinic=clinic).count() == wanted


def test_what_time_does_not_allow_is_taken_up_by_the_next_run(clinic, measure):
    now = clock.now()
    assert estimating.run(clinic, now, time.monotonic()) == 0
    assert estimating.run(clinic, now, soon()) > 0


def test_what_was_begun_and_never_done_is_tried_again_after_an_hour(clinic, measure):
    now = clock.now()
    estimating.run(clinic, now, soon())
    ImportantChange.objects.filter(measure=measure).update(computed_at=None)
    assert estimating.run(clinic, now + HOUR / 2, soon()) == 0
    assert estimating.run(clinic, now + 2 * HOUR, soon()) == 1


def test_one_that_fails_comes_after_those_that_wait_longer(clinic, measure):
    now = clock.now()
    estimating.run(clinic, now, soon())
    ImportantChange.objects.exclude(measure=measure).update(begun_at=now - 50 * HOUR)
    ImportantChange.objects.filter(measure=measure).update(begun_at=now - 40 * HOUR)
    due = [row.measure_id for row in estimating._due(clinic, now)]
    assert due[-1] == measure.pk


def test_of_two_workers_one_counts_a_measure(clinic, measure):
    now = clock.now()
    estimating.run(clinic, now, soon())
    kept = kept_of(measure)
    assert estimating._claim(kept, now + HOUR)
    assert not estimating._claim(kept, now + HOUR)


def test_the_task_counts_every_clinic(clinic, other_clinic, measure):
    theirs = rows.make_measure(other_clinic)
    tasks.estimate_important_change()
    assert kept_of(measure).computed_at
    assert kept_of(theirs).computed_at


def test_a_clinic_that_fails_does_not_stop_the_others(clinic, caplog):
    """An answer of no step, which only a broken row can hold, stops its own clinic."""
    measure = rows.make_measure(clinic)
    world.make_groups(clinic, measure, BETTER, SAME)
    anchored.OutcomeFact.objects.filter(measure=measure).update(baseline=None)
    later = factories.make_clinic()
    theirs = rows.make_measure(later)
    tasks.estimate_important_change()
    assert kept_of(measure).computed_at is None
    assert kept_of(theirs).computed_at
    assert f"important change of clinic {clinic.pk}: TypeError" in caplog.text
