"""Whose outcomes are counted: every choice, alone and together, and wrong ones."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic.models import AuditEvent
from outcomes.dashboards import facts, statistics
from outcomes.dashboards.figures import funnel, population
from outcomes.dashboards.figures.choices import Choices
from outcomes.dashboards.figures.dimensions import DIMENSIONS
from outcomes.models import Episode, OutcomeTally
from patients.models import Patient
from plans.course import elsewhere
from plans.models import Plan
from tests import factories
from tests.outcomes import rows


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def make_course(clinic, measure, baseline, later, *, treatment="prp", by=None, **who):
    patient = factories.make_patient(clinic, **who)
    episode = rows.make_episode(clinic, treatment=treatment, patient=patient)
    Plan.objects.filter(pk=episode.plan_id).update(provider=by)
    rows.answer(episode, measure, baseline=baseline)
    if later is not None:
        rows.answer(episode, measure, m3=later)
    return episode


@pytest.fixture
def cohort(clinic, measure, physician):
    """Nine courses that differ in all that they can be chosen by."""
    born = [date(1990, 1, 1), date(1975, 1, 1), date(1950, 1, 1)]
    for n in range(9):
        make_course(
            clinic,
            measure,
            baseline=3 + n % 7,
            later=None if n % 4 == 3 else n % 5,
            treatment=["prp", "bmc"][n % 2],
            by=physician if n % 3 else None,
            birth_date=born[n % 3],
            sex=["female", "male"][n // 5],
            payer_class=["self_pay", "medicare"][n % 2],
            language=["en", "es"][n // 6],
        )
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))


def read(user, measure, **asked):
    return population.read(user, {"measure": measure.key, "day": "90", **asked})


def told(found):
    return {
        group.key: (point.eligible, point.result.answered, point.result.change.mean)
        for group in found.groups
        if (point := group.at(90))
    }


@pytest.mark.parametrize("by", ["all", *DIMENSIONS])
def test_every_grouping_adds_up_to_everybody(cohort, physician, measure, by):
    found = read(physician, measure, by=by)
    everybody = found.together.at(90)
    assert (everybody.eligible, everybody.result.answered) == (9, 7)
    points = [group.at(90) for group in found.groups]
    assert sum(point.eligible for point in points) == 9
    assert sum(point.result.worsened.worsened for point in points) == (
        everybody.result.worsened.worsened
    )


@pytest.mark.parametrize("by", ["all", *DIMENSIONS])
def test_what_tallies_hold_equals_what_facts_give(cohort, physician, measure, by):
    """A period that leaves nobody out makes the same figures from the facts."""
    kept = read(physician, measure, by=by)
    counted = read(physician, measure, by=by, **{"from": "2000-01-01"})
    assert (kept.chosen.is_live, counted.chosen.is_live) == (False, True)
    assert told(kept) == told(counted)
    assert kept.together.at(90) == counted.together.at(90)


def test_one_group_of_another_dimension_is_counted_from_facts(
    cohort, physician, measure
):
    found = read(physician, measure, by="sex", treatment="prp")
    assert found.chosen.is_live
    # Courses 0, 2, 4 are women's, 6 and 8 men's; 0, 2, 4, 6, 8 had PRP.
    assert {key: each[0] for key, each in told(found).items()} == {
        "female": 3,
        "male": 2,
    }


def test_one_group_alone_is_read_from_its_tally(cohort, physician, measure):
    found = read(physician, measure, by="all", treatment="bmc")
    assert not found.chosen.is_live
    assert found.together.at(90).eligible == 4


def test_who_had_no_provider_is_chosen_by_none(cohort, physician, measure):
    found = read(physician, measure, by="all", provider="none")
    assert found.together.at(90).eligible == 3


def test_a_lowest_baseline_leaves_out_and_tells_what_to_expect(
    cohort, physician, measure
):
    measure.mdc_points = 2
    measure.save()
    found = read(physician, measure, by="all", baseline_from="6")
    assert found.together.at(90).eligible == 4
    assert found.expected.improvement > 0
    assert found.began_lower == read(physician, measure).together.at(0).answered.n - 4
    assert read(physician, measure).expected.improvement is None


def test_the_worst_baselines_are_an_entry_too(cohort, physician, measure):
    measure.mdc_points = 2
    measure.save()
    found = read(physician, measure, by="all", severity="severe")
    cut = read(physician, measure, by="all", baseline_from="6.666667")
    assert round(found.expected.improvement, 4) == round(cut.expected.improvement, 4)
    moderate = read(physician, measure, by="all", severity="moderate")
    assert moderate.expected.improvement is None


def test_regression_to_the_mean_is_told_only_of_who_began_badly(
    clinic, cohort, physician
):
    better = rows.make_measure(clinic, "function_test", better_is="higher")
    make_course(clinic, better, 3, 5)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    found = population.read(
        physician, {"measure": better.key, "by": "all", "baseline_from": "2"}
    )
    assert "began well" in found.expected.why_not


def test_a_measure_where_higher_is_better_improves_upwards(clinic, physician):
    measure = rows.make_measure(clinic, "function_test", better_is="higher")
    make_course(clinic, measure, 4, 8)
    make_course(clinic, measure, 8, 4)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    result = read(physician, measure, by="all").together.at(90).result
    assert (result.responders.improved, result.worsened.worsened) == (1, 1)
    assert [(step.low, step.n) for step in result.steps if step.n] == [(-5, 1), (4, 1)]


def test_forty_groups_are_all_told(clinic, physician, measure):
    for n in range(40):
        make_course(clinic, measure, 6, 3, treatment=f"t{n:02}")
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    found = read(physician, measure)
    assert len(found.groups) == 40
    assert found.together.at(90).eligible == 40


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"treatment": "leeches"}, "No answers of 'leeches'; there are: bmc, prp"),
        ({"provider": "none", "sex": "other"}, "No answers of 'other'"),
        ({"by": "moon"}, "No grouping 'moon'; use treatment"),
        ({"added": "maybe"}, "use without, failed"),
        ({"day": "91"}, "91 is no day that answers are compared on"),
        ({"baseline_from": "high"}, "The lowest baseline must be a number"),
        ({"from": "2026-02-30"}, "Give a day such as"),
        (
            {"from": "2026-03-01", "until": "2026-01-01"},
            "The period ends on 2026-01-01, before it begins on 2026-03-01",
        ),
        ({"age": "x" * 70}, "at most 60 characters"),
        ({"sex": "\x00"}, "Null characters are not allowed"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    cohort, physician, measure, asked, said
):
    with pytest.raises(ValidationError, match=said):
        read(physician, measure, **asked)


def test_the_address_says_all_that_was_chosen(cohort, physician, measure, client):
    chosen = Choices(
        measure=measure.key,
        by="sex",
        rule="mic",
        day=90,
        baseline_from=3,
        added="without",
        begins_on=date(2025, 1, 1),
        narrowed={"treatment": "prp", "provider": ""},
    )
    client.force_login(physician)
    reply = client.get(f"/outcomes/{chosen.address()}")
    assert reply.status_code == 200
    assert reply.context["page"].figures.chosen == chosen


def test_the_audit_row_holds_what_was_chosen_alone(cohort, physician, measure, client):
    client.force_login(physician)
    # PostgreSQL keeps no null character.
    query = {"measure": measure.key, "note": "Jane\x00Doe"}
    assert client.get("/outcomes/", query).status_code == 200
    event = AuditEvent.objects.get(action="cohort.read")
    assert event.facts["asked"].startswith(f"?measure={measure.key}")
    assert "Jane" not in str(event.facts)


def test_a_patient_who_was_counted_twice_is_counted_once(cohort, physician, measure):
    episode = Episode.objects.first()
    rows.make_score(episode, measure, 9, rows.ANCHOR)
    rows.make_score(episode, measure, 8, rows.ANCHOR)
    facts.rebuild_many([episode.pk])
    assert read(physician, measure, by="all").together.at(90).eligible == 9


def test_providers_are_compared_by_name_and_none_of_too_few(clinic, physician, measure):
    other = factories.make_user(clinic, name="Dr Abbas")
    few = factories.make_user(clinic, name="Dr Few")
    for person, n, improved in ((physician, 22, 20), (other, 24, 4), (few, 5, 5)):
        for place in range(n):
            later = 2 if place < improved else 6
            make_course(clinic, measure, 6, later, by=person)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    found = funnel.read(physician, read(physician, measure))
    assert [one.label for one in found.providers] == ["Dr Abbas", "Dr Okafor"]
    assert found.left_out == 1
    assert found.centre == 29 / 51
    abbas, okafor = found.providers
    assert abbas.responders.improved < abbas.alarm.low
    assert okafor.responders.improved > okafor.alarm.high


def test_a_researcher_sees_coarse_groups_whole_and_no_providers(
    clinic, researcher, measure
):
    for n in range(30):
        make_course(clinic, measure, 6, [2, 6][n % 2], sex=["female", "male"][n // 25])
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    found = read(researcher, measure, by="sex")
    # Five men are few, and of two groups the other one would tell how many.
    assert all(group.at(90).is_hidden for group in found.groups)
    assert found.together is None
    assert population.providers(researcher, found) == {}
    for asked in ({"by": "provider"}, {"sex": "male"}, {"from": "2025-01-01"}):
        with pytest.raises(ValidationError, match="Your role sees"):
            read(researcher, measure, **asked)


def test_another_clinic_is_never_counted(cohort, outsider, other_clinic, measure):
    theirs = rows.make_measure(other_clinic, measure.key)
    found = read(outsider, theirs, by="all")
    assert found.groups == ()
    assert OutcomeTally.objects.visible_to(outsider).count() == 0


def test_who_was_treated_again_is_left_out_or_counted_as_failed(
    clinic, physician, measure
):
    courses = [make_course(clinic, measure, 6, later) for later in (2, 2, 6)]
    elsewhere.report(
        courses[0].complaint,
        what="Steroid",
        began_on=rows.ANCHOR + timedelta(days=30),
        by=physician,
    )
    facts.rebuild_many([each.pk for each in courses])

    def result(**asked):
        return read(physician, measure, by="all", **asked).together.at(90).result

    as_they_are, without, failed = (
        result(),
        result(added="without"),
        result(added="failed"),
    )
    assert as_they_are.added == 1
    assert (as_they_are.responders.improved, as_they_are.answered) == (2, 3)
    assert (without.responders.improved, without.answered) == (1, 2)
    assert (failed.responders.improved, failed.answered) == (1, 3)


def test_the_rate_has_every_bound(cohort, physician, measure):
    found = read(physician, measure, by="all").together.at(90).result.responders
    improved, answered, due = found.improved, found.answered, found.eligible
    assert found.ci == statistics.wilson(improved, answered)
    assert found.if_missing_failed == improved / due
    assert found.if_missing_succeeded == (improved + due - answered) / due


def test_pages_take_a_constant_number_of_queries(
    cohort, physician, clinic, measure, client, django_assert_max_num_queries
):
    client.force_login(physician)
    for query in ("", "&by=provider&treatment=prp", "&by=age&baseline_from=4"):
        with django_assert_max_num_queries(32):
            client.get(f"/outcomes/?measure={measure.key}{query}")
    assert Patient.objects.filter(clinic=clinic).count() == 9


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"baseline_from": "abc"}, "The lowest baseline must be a number"),
        ({"baseline_from": "nan"}, "The lowest baseline must be a number"),
        ({"day": "soon"}, "The day must be a whole number"),
    ],
)
def test_what_is_no_number_is_called_by_its_name(physician, measure, asked, said):
    with pytest.raises(ValidationError, match=said):
        read(physician, measure, **asked)
