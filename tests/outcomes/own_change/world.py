"""Courses whose patients said how much had changed, with the scores beside it."""

from clinic.models import Clinic
from outcomes.dashboards import facts
from outcomes.models import Episode, Measure
from tests.outcomes import rows


def anchor_of(clinic: Clinic) -> Measure:
    return Measure.objects.get(clinic=clinic, key="global_change")


def make_course(
    clinic: Clinic, measure: Measure, baseline: float, **said: tuple[int | None, float]
) -> Episode:
    """Answer on change and score at each named time point; None was not answered."""
    episode = rows.make_episode(clinic)
    rows.answer(episode, measure, baseline=baseline)
    for timepoint, (change, score) in said.items():
        rows.answer(episode, measure, **{timepoint: score})
        if change is not None:
            rows.answer(episode, anchor_of(clinic), **{timepoint: change})
    return episode


def rebuild() -> None:
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))


def make_groups(
    clinic: Clinic, measure: Measure, better: list[float], same: list[float]
) -> None:
    """One course for each score at two weeks, all from a baseline of 7."""
    for change, scores in ((3, better), (4, same)):
        for score in scores:
            make_course(clinic, measure, 7, w2=(change, score))
    rebuild()
