"""How similar patients went, drawn behind one patient's own course."""

from datetime import timedelta

import pytest

from clinic import clock
from outcomes.dashboards import facts
from outcomes.dashboards.figures import similar
from outcomes.models import Episode, Score
from tests.outcomes import rows


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def make_course(clinic, measure, treatment="prp", **values):
    episode = rows.make_episode(clinic, treatment=treatment)
    rows.answer(episode, measure, **values)
    return episode


def scores_of(episode):
    own = Score.objects.filter(complaint=episode.complaint).select_related("measure")
    return list(own.order_by(*facts.IN_TIME_ORDER))


def band_of(user, episode):
    """By measure."""
    return similar.expected(user, {episode: scores_of(episode)}).get(episode.pk, {})


def count():
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))


@pytest.fixture
def own(clinic, measure):
    return make_course(clinic, measure, baseline=6, m3=5)


def test_the_middle_half_of_ten_who_began_as_badly(clinic, physician, measure, own):
    for later in range(10):
        make_course(clinic, measure, baseline=5 + later % 2, m3=later)
    # Began less badly, was treated otherwise: not alike.
    for _ in range(5):
        make_course(clinic, measure, baseline=2, m3=0)
        make_course(clinic, measure, treatment="bmc", baseline=6, m3=0)
    count()
    band = band_of(physician, own)[measure.pk]
    assert band.n == 10
    # Of 0 to 9 the quartiles are 2.25 and 6.75; of five 5s and five 6s they are those.
    assert list(band.points) == [(0, 5, 6), (90, 2.25, 6.75)]


def test_nine_are_too_few(clinic, physician, measure, own):
    for later in range(9):
        make_course(clinic, measure, baseline=6, m3=later)
    count()
    assert band_of(physician, own) == {}


def test_the_band_ends_where_fewer_than_ten_are_left(clinic, physician, measure, own):
    for place in range(12):
        late = {"m12": 2} if place < 9 else {}
        make_course(clinic, measure, baseline=6, m3=4, **late)
    count()
    band = band_of(physician, own)[measure.pk]
    assert [day for day, _, _ in band.points] == [0, 90]


def test_without_a_baseline_nobody_is_alike(clinic, physician, measure):
    episode = make_course(clinic, measure, m3=4)
    for _ in range(10):
        make_course(clinic, measure, baseline=6, m3=4)
    count()
    assert band_of(physician, episode) == {}


def test_another_clinic_lends_nobody(clinic, other_clinic, outsider, measure, own):
    for _ in range(10):
        make_course(clinic, measure, baseline=6, m3=4)
    count()
    assert band_of(outsider, own) == {}


def test_what_is_only_planned_takes_nobodys_place(
    clinic, physician, measure, own, monkeypatch
):
    for _ in range(10):
        make_course(clinic, measure, baseline=6, m3=4)
    done = list(Episode.objects.values_list("pk", flat=True))
    for _ in range(3):
        rows.make_episode(clinic)
    later = Episode.objects.exclude(pk__in=done)
    later.update(anchor_on=rows.ANCHOR + timedelta(days=90), is_provisional=True)
    count()
    monkeypatch.setattr(similar, "LATEST", 10)
    assert band_of(physician, own)[measure.pk].n == 10


def test_the_patient_page_shows_the_band_with_its_n(
    client, clinic, physician, measure, own
):
    for _ in range(10):
        make_course(clinic, measure, baseline=6, m3=4)
    count()
    client.force_login(physician)
    html = client.get(f"/patients/{own.patient_id}/").content.decode()
    assert "middle half of 10 similar patients here" in html


def test_those_with_a_year_behind_them_come_first(
    clinic, physician, measure, own, monkeypatch
):
    monkeypatch.setattr(similar, "LATEST", 10)
    for later in range(10):
        make_course(clinic, measure, baseline=6, m3=later)
    young = [make_course(clinic, measure, baseline=6, m3=9) for _ in range(10)]
    Episode.objects.filter(pk__in=[one.pk for one in young]).update(
        anchor_on=clock.now().date() - timedelta(days=100)
    )
    count()
    band = band_of(physician, own)[measure.pk]
    assert list(band.points)[-1] == (90, 2.25, 6.75)
