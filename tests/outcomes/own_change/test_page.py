import re

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from outcomes.dashboards.own_change import page, shown
from outcomes.models import ImportantChange, Measure
from tests.outcomes import rows

ADDRESS = "outcomes:important_change"


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def keep(measure, **fields):
    """An estimate as a night leaves it: 1.9 (1.5 to 2.3) and a cut at 2 (1 to 3)."""
    defaults = {
        "computed_at": "2026-03-02T08:00Z",
        "n": 236,
        "better_n": 63,
        "same_n": 58,
        "baseline_mean": 6.5,
        "better_mean": 1.9,
        "same_mean": 0.3,
        "correlation": 0.62,
        "mean_change": 1.9,
        "mean_change_low": 1.5,
        "mean_change_high": 2.3,
        "roc": 2,
        "roc_low": 1,
        "roc_high": 3,
        "sensitivity": 40 / 63,
        "specificity": 45 / 58,
        "why_not": "",
    }
    return ImportantChange.objects.create(
        clinic_id=measure.clinic_id, measure=measure, **{**defaults, **fields}
    )


def too_few(measure, better, same, n=None):
    return ImportantChange.objects.create(
        clinic_id=measure.clinic_id,
        measure=measure,
        computed_at="2026-03-02T08:00Z",
        n=better + same if n is None else n,
        better_n=better,
        same_n=same,
        why_not=ImportantChange.WhyNot.TOO_FEW,
    )


def text(client, user):
    client.force_login(user)
    answer = client.get(reverse(ADDRESS))
    assert answer.status_code == 200
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", plain)


def section(user):
    [found] = page.build(user).sections
    return found


def test_estimates_stand_beside_the_published_value(client, admin, measure):
    keep(measure)
    said = text(client, admin)
    assert "Our patients call about 1.9 to 2 points of improvement" in said
    assert "Our mean change 1.9 1.5 to 2.3 63" in said
    assert "Our best cut (ROC) 2 1 to 3 121" in said
    assert "The published 2 points lies within both intervals" in said
    assert "63 % of “A little better” reach the cut; 78 % of “About the same”" in said
    assert "236 courses · correlation 0.62" in said


def test_every_value_of_the_table_is_the_kept_one(admin, measure):
    keep(measure)
    lines = {line.key: line for line in section(admin).chart.rows}
    assert lines["published"].value == 2
    assert (lines["mean"].value, lines["mean"].ci, lines["mean"].n) == (
        1.9,
        (1.5, 2.3),
        63,
    )
    assert (lines["roc"].value, lines["roc"].ci, lines["roc"].n) == (2, (1, 3), 121)
    assert (lines["same"].value, lines["same"].n) == (0.3, 58)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (2, "lies within both intervals"),
        (0.8, "lies below both intervals"),
        (3.5, "lies above both intervals"),
        (1.2, "below the interval of the mean change and within that of the best cut"),
        (2.6, "above the interval of the mean change and within that of the best cut"),
    ],
)
def test_how_the_published_value_lies(clinic, admin, points, words):
    keep(rows.make_measure(clinic, mic_points=points))
    assert words in section(admin).published


def test_a_published_percentage_is_of_our_mean_baseline(clinic, admin):
    keep(rows.make_measure(clinic, mic_points=None, mic_percent=30))
    found = section(admin)
    assert found.chart.rows[0].value == pytest.approx(1.95)
    assert "30 % of the baseline, here 1.95 points" in found.published


def test_where_none_is_published_it_says_so(clinic, admin):
    keep(rows.make_measure(clinic, mic_points=None))
    found = section(admin)
    assert found.chart.rows[0].value is None
    assert found.published == "No value is published to hold it against."


def test_a_weak_anchor_is_said_and_a_good_one_is_not(client, admin, measure):
    row = keep(measure, correlation=0.29)
    assert "Weak anchor: answer and improvement correlate at 0.29, under 0.3" in text(
        client, admin
    )
    row.correlation = 0.3
    row.save()
    assert "Weak anchor:" not in text(client, admin)


def test_without_a_cut_it_says_so(admin, measure):
    keep(
        measure,
        roc=None,
        roc_low=None,
        roc_high=None,
        sensitivity=None,
        specificity=None,
    )
    found = section(admin)
    assert found.ours.endswith("no amount tells that answer from “About the same”.")
    assert {line.key: line for line in found.chart.rows}["roc"].value is None


def test_who_said_better_and_was_not_is_no_improvement(admin, measure):
    keep(measure, mean_change=-0.4, mean_change_low=-0.9, mean_change_high=0.1, roc=0)
    assert "has not improved on this measure" in section(admin).ours


def test_two_estimates_that_read_alike_are_said_once(admin, measure):
    keep(measure, mean_change=1.999)
    assert section(admin).ours == (
        "Our patients call about 2 points of improvement “A little better”."
    )


def test_without_any_answers_it_says_what_it_takes(client, admin):
    said = text(client, admin)
    assert "the first count is still to come" in said
    assert "It takes 30 patients who say “A little better” and 30 who say" in said


def test_too_few_say_how_many_more(client, admin, measure):
    too_few(measure, 21, 34)
    said = text(client, admin)
    assert "Test pain 21 34 9 more “A little better”" in said


def test_where_nobody_changed_more_answers_alone_do_not_help(admin, measure):
    row = too_few(measure, 40, 40)
    row.why_not = ImportantChange.WhyNot.ALL_ALIKE
    row.save()
    [waiting] = page.build(admin).waiting
    assert waiting.needed == "other answers than these: nobody changed differently"


def test_measures_that_nobody_answered_are_not_listed(admin, measure):
    too_few(measure, 0, 0)
    assert page.build(admin).waiting == ()


def test_a_researcher_sees_no_count_below_ten(client, researcher, measure):
    too_few(measure, 9, 12, n=40)
    said = text(client, researcher)
    assert "Test pain fewer than 10 12 more" in said
    assert "21 more" not in said


@pytest.mark.parametrize(
    ("better", "same", "n", "seen"),
    [
        # 50 less the 40 shown is 10 who said something else or are hidden.
        (40, 0, 50, 50),
        (40, 0, 49, None),
        (40, 5, 50, 50),
        (40, 5, 49, None),
        (3, 2, 8, None),
        (12, 15, 27, 27),
    ],
)
def test_no_total_gives_away_a_few(researcher, measure, better, same, n, seen):
    too_few(measure, better, same, n=n)
    [found] = shown.of_clinic(researcher)
    assert found.n == seen


def test_no_share_gives_away_a_few(researcher, admin, measure):
    keep(measure, sensitivity=60 / 63)
    assert shown.of_clinic(admin)[0].sensitivity == pytest.approx(60 / 63)
    assert shown.of_clinic(researcher)[0].sensitivity is None
    assert shown.of_clinic(researcher)[0].specificity is None


def test_of_too_few_neither_a_mean_nor_a_correlation_is_shown(admin, measure):
    row = too_few(measure, 3, 2)
    row.same_mean, row.correlation = 1.5, 0.9
    row.save()
    [found] = shown.of_clinic(admin)
    assert (found.same_mean, found.correlation) == (None, None)


def test_another_clinic_is_not_shown(client, outsider, measure):
    keep(measure)
    assert "Test pain" not in text(client, outsider)


def test_reading_is_on_record_and_changes_nothing(client, admin, measure):
    keep(measure)
    before = ImportantChange.objects.values().get()
    text(client, admin)
    assert AuditEvent.objects.filter(action="important_change.read").count() == 1
    assert ImportantChange.objects.values().get() == before


def test_the_page_is_one_query_however_many_measures(
    clinic, admin, django_assert_num_queries
):
    for measure in Measure.objects.filter(clinic=clinic)[:6]:
        keep(measure)
    with django_assert_num_queries(1):
        assert len(page.build(admin).sections) == 6
