"""What is counted of the facts stays what counting them anew would give."""

import random
from datetime import timedelta

import pytest

from outcomes.dashboards import facts
from outcomes.dashboards.facts import tallies
from outcomes.models import Episode, EpisodeProfile, OutcomeFact, OutcomeTally, Score
from patients.models import Diagnosis
from patients.record import leaving, merging, registration
from patients.triage import diagnoses, ledger
from tests import factories
from tests.outcomes import rows


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def make_answered(clinic, measure, *, treatment="prp", **values):
    episode = rows.make_episode(clinic, treatment=treatment)
    rows.answer(episode, measure, **values)
    facts.rebuild_many([episode.pk])
    return episode


def tally(dimension, key, day):
    """Over all steps of change."""
    found = OutcomeTally.objects.filter(dimension=dimension, key=key, bin_day=day)
    numbers = found.values_list("eligible", "changed", "pct30", "worse", "change_sum")
    return tuple(map(sum, zip(*numbers, strict=True)))


def test_a_fact_is_counted_once_in_each_dimension(clinic, measure):
    make_answered(clinic, measure, baseline=6, m3=2)
    at_m3 = OutcomeTally.objects.filter(bin_day=90)
    assert sorted(at_m3.values_list("dimension", flat=True)) == sorted(
        tallies.DIMENSIONS
    )
    assert set(at_m3.values_list("facts", "change_step", "pct30")) == {(1, 4, 1)}


def test_steps_tell_how_many_changed_by_how_much(clinic, measure):
    for value in (1, 3, 3, 8, None):
        make_answered(clinic, measure, baseline=6, m3=value)
    found = OutcomeTally.objects.filter(dimension="all", bin_day=90)
    steps = found.order_by("change_step").values_list("change_step", "facts", "worse")
    assert list(steps) == [(-999, 1, 0), (-2, 1, 1), (3, 2, 0), (5, 1, 0)]


def test_treatments_are_counted_apart_and_together(clinic, measure):
    make_answered(clinic, measure, treatment="prp", baseline=6, m3=2)
    make_answered(clinic, measure, treatment="bmc", baseline=6, m3=7)
    assert tally("treatment", "prp", 90) == (1, 1, 1, 0, -4)
    assert tally("treatment", "bmc", 90) == (1, 1, 0, 0, 1)
    assert tally("all", "", 90) == (2, 2, 1, 0, -3)


def test_a_corrected_score_leaves_no_trace_of_what_was_counted(clinic, measure):
    episode = make_answered(clinic, measure, baseline=6, m3=2)
    Score.objects.filter(measured_on__gt=rows.ANCHOR).update(value=9)
    facts.rebuild_many([episode.pk])
    assert tally("all", "", 90) == (1, 1, 0, 1, 3)
    assert tallies.differences(clinic.pk) == []


def test_what_nothing_is_counted_in_any_more_is_gone(clinic, measure):
    episode = make_answered(clinic, measure, baseline=6, m3=2)
    Score.objects.all().delete()
    facts.rebuild_many([episode.pk])
    assert not OutcomeTally.objects.exists()


def day_of(key):
    return rows.ANCHOR + timedelta(days=rows.POINTS[key])


def test_whatever_changes_the_tallies_equal_a_new_count(clinic, measure):
    chance = random.Random(7)
    other = rows.make_measure(clinic, "odi_test", maximum=100, mic_percent=30)
    episodes = [rows.make_episode(clinic, treatment=t) for t in ("prp", "bmc", "prp")]
    for _ in range(12):
        episode = chance.choice(episodes)
        for one, top in ((measure, 10), (other, 100)):
            key = chance.choice(["baseline", "w2", "m3", "m12"])
            value = chance.choice([None, 0, top, round(chance.random() * top, 3)])
            given = Score.objects.filter(
                measure=one, complaint=episode.complaint, measured_on=day_of(key)
            )
            given.delete()
            rows.answer(episode, one, **{key: value})
        episode.patient.payer_class = chance.choice(["self_pay", "commercial"])
        episode.patient.save()
        facts.rebuild_many([each.pk for each in chance.sample(episodes, 2)])
        assert tallies.differences(clinic.pk) == []
    facts.rebuild_many([each.pk for each in episodes])
    kept = set(OutcomeTally.objects.values_list(*tallies.Tally._fields[:6], "facts"))
    tallies.count_anew(clinic.pk)
    assert kept == set(
        OutcomeTally.objects.values_list(*tallies.Tally._fields[:6], "facts")
    )


def test_a_tally_that_was_tampered_with_is_found(clinic, measure):
    make_answered(clinic, measure, baseline=6, m3=2)
    OutcomeTally.objects.filter(dimension="sex", bin_day=90).update(pct30=5)
    assert [place.dimension for place in tallies.differences(clinic.pk)] == ["sex"]


def test_nothing_is_written_where_nothing_changed(clinic, measure):
    episode = make_answered(clinic, measure, baseline=6, m3=2)
    before = set(OutcomeFact.objects.values_list("pk", flat=True))
    facts.rebuild_many([episode.pk])
    assert set(OutcomeFact.objects.values_list("pk", flat=True)) == before


def test_a_profile_says_who_with_what_treated_how(clinic, measure, physician):
    patient = factories.make_patient(
        clinic, birth_date=rows.ANCHOR.replace(year=1960), payer_class="self_pay"
    )
    episode = rows.make_episode(clinic, patient=patient)
    ledger.name_source(episode.complaint, by=physician, source="root_l5")
    diagnoses.diagnose(episode.complaint, by=physician, code="M54.16")
    facts.rebuild_many([episode.pk])
    found = EpisodeProfile.objects.get(episode=episode)
    assert (found.age, found.age_band, found.payer) == (65, "55-69", "self_pay")
    assert (found.source, found.diagnosis) == ("root_l5", "M54")
    assert (found.treatment, found.year, found.provider) == ("prp", 2025, "")


def is_due(episode):
    return Episode.objects.filter(pk=episode.pk, facts_due_at__isnull=False).exists()


@pytest.fixture
def counted(clinic, measure):
    return make_answered(clinic, measure, baseline=6, m3=2)


def test_naming_the_source_or_the_diagnosis_makes_facts_due(counted, physician):
    ledger.name_source(counted.complaint, by=physician, source="root_l5")
    assert is_due(counted)
    facts.rebuild_many([counted.pk])
    found = diagnoses.diagnose(counted.complaint, by=physician, code="M54.16")
    assert is_due(counted)
    facts.rebuild_many([counted.pk])
    certainty = Diagnosis.Certainty.REFUTED
    diagnoses.revise_diagnosis(found, by=physician, certainty=certainty)
    assert is_due(counted)
    facts.rebuild_many([counted.pk])
    assert EpisodeProfile.objects.get(episode=counted).diagnosis == ""


def test_what_a_patient_is_grouped_by_makes_facts_due(counted, admin):
    registration.update(counted.patient, by=admin, given_name="Ana")
    assert not is_due(counted)
    registration.update(counted.patient, by=admin, payer_class="self_pay")
    assert is_due(counted)


def test_a_merge_counts_each_answer_under_the_person_it_is_kept_as(
    counted, clinic, admin
):
    kept = factories.make_patient(
        clinic, sex="female", birth_date=counted.patient.birth_date
    )
    merging.merge(kept, merged=counted.patient, reason="registered twice", by=admin)
    assert is_due(counted)
    facts.rebuild_many([counted.pk])
    assert EpisodeProfile.objects.get(episode=counted).sex == "female"


def test_who_withdrew_is_told_apart_and_what_was_answered_stays(clinic, measure, admin):
    episode = rows.make_episode(clinic)
    rows.answer(episode, measure, baseline=6, m3=2)
    ahead = rows.make_follow_up(episode, "m24", 730, state="planned")
    facts.rebuild_many([episode.pk])
    before = ahead.due_on - timedelta(days=300)
    leaving.withdraw(episode.patient, by=admin, withdrawn_on=before, reason="asked")
    assert is_due(episode)
    facts.rebuild_many([episode.pk])
    assert tally("all", "", 90) == (1, 1, 1, 0, -4)
    found = OutcomeFact.objects.get(timepoint_key="m24")
    assert (found.apart, found.is_eligible, found.bin_day) == ("withdrew", False, 730)
    assert OutcomeTally.objects.get(dimension="all", bin_day=730).withdrew == 1


def test_rebuilding_one_of_many_needs_a_constant_number_of_statements(
    clinic, measure, django_assert_max_num_queries
):
    episodes = [make_answered(clinic, measure, baseline=6, m3=n) for n in range(4)]
    Score.objects.filter(measured_on__gt=rows.ANCHOR).update(value=5)
    with django_assert_max_num_queries(24):
        facts.rebuild_many([each.pk for each in episodes])
