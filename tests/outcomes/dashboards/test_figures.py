import pytest
from django.core.exceptions import ValidationError
from pytest_django.asserts import assertContains, assertNotContains

from outcomes.dashboards import facts
from outcomes.dashboards.figures import as_json as written
from outcomes.dashboards.figures import population
from outcomes.models import Episode
from plans.models import Plan
from tests import factories
from tests.outcomes import rows


def cohort(user, measure_key, **asked):
    return population.read(user, {"measure": measure_key, **asked}, every_day=True)


def as_json(found):
    return written.of(found)


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def make_group(clinic, measure, treatment, pairs):
    """One patient for each (baseline, three months); None was not answered."""
    for baseline, later in pairs:
        episode = rows.make_episode(clinic, treatment=treatment)
        rows.answer(episode, measure, baseline=baseline)
        if later is not None:
            rows.answer(episode, measure, m3=later)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))


def at(answer, group, timepoint):
    [found] = [g for g in answer["groups"] if g["key"] == group]
    [cell] = [t for t in found["timepoints"] if t["timepoint"] == timepoint]
    return cell


def test_the_cells_equal_hand_computed_figures(clinic, admin, measure):
    # Values 4, 2, 6: mean 4, SD 2; changes -2, -3, 0: mean -1.6667, SD 1.5275.
    make_group(clinic, measure, "prp", [(6, 4), (5, 2), (6, 6), (8, None)])
    cell = at(as_json(cohort(admin, measure.key)), "prp", "m3")
    assert (cell["n"], cell["mean"], round(cell["sd"], 6)) == (3, 4, 2)
    assert round(cell["change"]["mean"], 4) == -1.6667
    assert round(cell["change"]["sd"], 4) == 1.5275
    # t(0.975, 2) = 4.3027: 4 +- 4.3027 * 2 / sqrt(3)
    assert [round(end, 3) for end in cell["ci"]] == [-0.968, 8.968]
    responders = cell["responders"]
    assert responders["rule"] == "pct30"
    assert (responders["improved"], responders["answered"]) == (2, 3)
    assert responders["eligible"] == 4
    assert responders["if_missing_failed"] == 0.5
    assert responders["if_missing_succeeded"] == 0.75


def test_groups_and_days_come_in_order(clinic, admin, measure):
    make_group(clinic, measure, "prp", [(6, 4)])
    make_group(clinic, measure, "exercise", [(6, 4)])
    answer = as_json(cohort(admin, measure.key))
    assert [group["key"] for group in answer["groups"]] == ["exercise", "prp"]
    points = [point["timepoint"] for point in answer["groups"][0]["timepoints"]]
    assert points == ["baseline", "w2", "m3", "m12"]


def test_the_percent_rule_leaves_out_who_started_at_zero(clinic, admin, measure):
    make_group(clinic, measure, "prp", [(0, 0), (0, None), (6, 2), (6, None)])
    responders = at(as_json(cohort(admin, measure.key)), "prp", "m3")["responders"]
    assert (responders["improved"], responders["answered"]) == (1, 1)
    assert responders["eligible"] == 2


def test_a_baseline_floor_keeps_those_at_or_above_it(clinic, admin, measure):
    make_group(clinic, measure, "prp", [(2, 2), (3, 1), (6, 2)])
    found = as_json(cohort(admin, measure.key, baseline_from=3))
    assert at(found, "prp", "baseline")["n"] == 2


def test_another_clinic_adds_nothing(clinic, admin, outsider, other_clinic, measure):
    make_group(clinic, measure, "prp", [(6, 4)])
    rows.make_measure(other_clinic)
    assert as_json(cohort(outsider, measure.key))["groups"] == []


def test_an_unknown_measure_is_named(admin):
    with pytest.raises(ValidationError, match="No measure 'mood'"):
        cohort(admin, "mood")


def test_an_unknown_rule_is_named(admin, clinic, measure):
    with pytest.raises(ValidationError, match="No rule 'best'"):
        cohort(admin, measure.key, rule="best")


def test_small_cells_are_hidden_from_a_researcher(clinic, researcher, measure):
    make_group(clinic, measure, "prp", [(6, 2)] * 6)
    cell = at(as_json(cohort(researcher, measure.key)), "prp", "m3")
    assert cell == {"timepoint": "m3", "day": 90, "is_hidden": True}


def test_one_hidden_cell_hides_a_second_so_that_it_cannot_be_worked_out(
    clinic, researcher, measure
):
    make_group(clinic, measure, "small", [(6, 2)] * 2)
    make_group(clinic, measure, "middle", [(6, 2)] * 10)
    make_group(clinic, measure, "large", [(6, 2)] * 11)
    answer = as_json(cohort(researcher, measure.key))
    assert at(answer, "middle", "baseline").get("is_hidden")
    assert at(answer, "large", "baseline")["n"] == 11


def test_the_number_of_queries_does_not_grow_with_the_patients(
    clinic, admin, measure, django_assert_num_queries
):
    make_group(clinic, measure, "prp", [(6, 4)] * 5)
    with django_assert_num_queries(6):
        cohort(admin, measure.key)


@pytest.mark.parametrize("choice", [{"baseline_from": 3}, {"rule": "points2"}])
def test_a_researcher_has_one_fixed_table(clinic, researcher, measure, choice):
    make_group(clinic, measure, "prp", [(6, 2)] * 24 + [(2, 1)])
    with pytest.raises(ValidationError, match="could single out a person"):
        cohort(researcher, measure.key, **choice)


def test_few_who_did_not_answer_are_hidden_as_well(clinic, researcher, measure):
    make_group(clinic, measure, "prp", [(6, 2)] * 12 + [(6, 6)] * 12 + [(6, None)])
    answer = as_json(cohort(researcher, measure.key))
    assert at(answer, "prp", "m3").get("is_hidden")


def test_without_a_threshold_its_own_rule_gives_no_rate(clinic, admin):
    bare = rows.make_measure(clinic, "bare", mic_points=None)
    make_group(clinic, bare, "prp", [(6, 2)] * 3)
    cell = at(as_json(cohort(admin, "bare", rule="mic")), "prp", "m3")
    assert (cell["n"], cell["responders"]) == (3, None)


def test_what_is_hidden_of_all_groups_is_not_of_few_either(clinic, researcher, measure):
    # All together stand in a table of their own: it less the large one is 5 people.
    make_group(clinic, measure, "small", [(6, 2)] * 2)
    make_group(clinic, measure, "other", [(6, 2)] * 3)
    make_group(clinic, measure, "large", [(6, 2)] * 11)
    answer = as_json(cohort(researcher, measure.key))
    assert at(answer, "large", "baseline").get("is_hidden")
    whole = as_json(cohort(researcher, measure.key, by="all"))
    assert at(whole, "", "baseline")["n"] == 16


def test_few_who_got_worse_are_not_what_other_groups_leave(clinic, researcher, measure):
    make_group(clinic, measure, "some", [(6, 2)] * 12 + [(2, 6)] * 12 + [(5, 5)] * 12)
    make_group(clinic, measure, "few", [(6, 2)] * 12 + [(2, 6)] * 3 + [(5, 5)] * 12)
    make_group(clinic, measure, "none", [(6, 2)] * 12 + [(5, 5)] * 12)
    answer = as_json(cohort(researcher, measure.key))
    for key, n in (("few", 27), ("none", 24), ("some", 36)):
        cell = at(answer, key, "m3")
        assert (cell["worsened"], cell["responders"]) == (None, None)
        assert "unchanged" not in cell or cell["unchanged"] is None
        # All of them are many, and so is their change on the whole.
        assert (cell["change"]["n"], cell["eligible"]) == (n, n)


def test_who_gets_no_parts_is_told_so(clinic, researcher, measure, client):
    make_group(clinic, measure, "prp", [(6, 2)] * 30 + [(5, 5)] * 3)
    make_group(clinic, measure, "bmc", [(6, 2)] * 12 + [(5, 5)] * 12)
    client.force_login(researcher)
    page = client.get("/outcomes/", {"measure": measure.key, "day": "90"})
    assertContains(page, "fewer than 10 people would be told apart by it", count=2)
    assertContains(page, "not shown")
    assert [row.change for row in page.context["page"].rates] == ["−3.6", "−2"]


def test_the_level_does_not_tell_how_few_had_no_baseline(clinic, researcher, measure):
    make_group(clinic, measure, "prp", [(6, 2)] * 12 + [(6, 6)] * 12)
    for _ in range(2):
        rows.answer(rows.make_episode(clinic, treatment="prp"), measure, m3=4)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    cell = at(as_json(cohort(researcher, measure.key)), "prp", "m3")
    assert cell["change"]["n"] == 24
    assert "n" not in cell


def test_the_rate_does_not_tell_how_few_began_at_zero(clinic, researcher, measure):
    make_group(clinic, measure, "prp", [(6, 2)] * 12 + [(6, 6)] * 12 + [(0, 0)])
    make_group(clinic, measure, "other", [(6, 2)] * 12 + [(6, 6)] * 12)
    answer = as_json(cohort(researcher, measure.key))
    for key, n in (("prp", 25), ("other", 24)):
        cell = at(answer, key, "m3")
        assert (cell["change"]["n"], cell["responders"]) == (n, None)


def test_what_a_researcher_is_not_told_is_left_out_and_not_nought(
    clinic, researcher, measure
):
    make_group(clinic, measure, "prp", [(6, 2)] * 12 + [(6, 6)] * 12)
    cell = at(as_json(cohort(researcher, measure.key)), "prp", "m3")
    assert cell["change"]["n"] == 24
    assert not {"added", "died", "withdrew", "steps"} & set(cell)


def test_kinds_of_treatment_would_give_a_treatment_away(clinic, researcher, measure):
    make_group(clinic, measure, "prp", [(6, 2)] * 24)
    with pytest.raises(ValidationError, match="Your role sees groups by"):
        cohort(researcher, measure.key, by="modality")


def test_worse_by_a_percentage_leaves_out_who_started_at_zero(clinic, admin):
    percent = rows.make_measure(clinic, "percent", mic_points=None, mic_percent=30)
    make_group(clinic, percent, "prp", [(0, 5), (4, 6), (6, 2)])
    worse = at(as_json(cohort(admin, percent.key)), "prp", "m3")["worsened"]
    assert (worse["worsened"], worse["answered"]) == (1, 2)


def test_at_whatever_day_the_same_groups_are_hidden(clinic, researcher, measure):
    """Else a page about another day hides b alone, or d, and c follows from both."""
    better, same = (8, 2), (8, 8)
    make_group(clinic, measure, "a", [better] * 40 + [same] * 40)
    make_group(clinic, measure, "b", [better] * 9 + [same] * 11)
    make_group(clinic, measure, "c", [better] * 3 + [same] * 2)
    make_group(clinic, measure, "d", [better] * 12)

    def told(found):
        at_day = {one.key: one.at(90) for one in found.groups}
        whole = {key for key, point in at_day.items() if not point.is_hidden}
        return whole, {key for key in whole if at_day[key].result.responders}

    there = told(cohort(researcher, measure.key))
    for day in ("90", "365"):
        asked = {"measure": measure.key, "day": day}
        assert told(population.read(researcher, asked)) == there == ({"a", "b"}, {"a"})


def test_a_provider_of_few_is_not_set_beside_others(clinic, physician, measure, client):
    other = factories.make_user(clinic, name="Dr Few")
    for number in range(35):
        episode = rows.make_episode(clinic)
        rows.answer(episode, measure, baseline=6, m3=2)
        Plan.objects.filter(pk=episode.plan_id).update(
            provider=physician if number < 20 else other
        )
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    client.force_login(physician)
    asked = {"measure": measure.key, "by": "provider", "day": "90"}
    page = client.get("/outcomes/", asked).context["page"]
    many, few = page.rates
    assert (many.label, many.is_too_few, few.is_too_few) == (
        str(physician),
        False,
        True,
    )
    assert many.bar
    assert few.bar is None
    assert few.numbers["improved"].n == 15
    for chart in (page.change, page.level):
        assert {row.series for row in chart.rows} == {str(physician)}
    assert [row.label for row in page.shares.rows] == [str(physician)]
    shown = client.get("/outcomes/", asked)
    assertContains(shown, "A provider is rated and drawn from 20 answers on.")
    assertNotContains(shown, ">None<")


def test_a_provider_of_enough_is_drawn_only_where_enough_answered(
    clinic, physician, measure, client
):
    for number in range(20):
        episode = rows.make_episode(clinic)
        early = {"w2": 5} if number else {}
        rows.answer(episode, measure, baseline=6, m3=2, **early)
        Plan.objects.filter(pk=episode.plan_id).update(provider=physician)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    client.force_login(physician)
    asked = {"measure": measure.key, "by": "provider", "day": "14"}
    page = client.get("/outcomes/", asked).context["page"]
    assert [row.label for row in page.change.rows] == ["3 months"]
    assert page.rates[0].bar is None
    assert (page.shares, page.distribution) == (None, None)
