"""Who did not answer, beside who did."""

import pytest

from clinic.models import AuditEvent
from outcomes.dashboards import facts, statistics
from outcomes.dashboards.figures import missing
from outcomes.models import Episode
from patients.models import Patient
from tests.outcomes import rows


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def make_group(clinic, measure, people):
    """One patient for each (baseline, two weeks, three months); None: no answer."""
    for baseline, early, late in people:
        episode = rows.make_episode(clinic)
        rows.answer(episode, measure, baseline=baseline)
        for key, value in (("w2", early), ("m3", late)):
            if value is not None:
                rows.answer(episode, measure, **{key: value})
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))


# Six who answered at three months and had got better; five who had not, and did not.
PEOPLE = [
    *[(6, 4, 3), (5, 2, 2), (6, 4, 2), (5, 3, 1), (4, 2, 2), (5, 3, 2)],
    *[(8, 8, None), (9, 8, None), (8, 7, None), (9, 9, None), (8, 8, None)],
]


def test_who_answered_and_who_did_not_are_told_with_their_baselines(
    clinic, physician, measure
):
    make_group(clinic, measure, PEOPLE)
    found = missing.read(physician, {"measure": measure.key, "day": "90"})
    result = found.at_day
    assert (result.eligible, result.answered, result.missing) == (11, 6, 5)
    assert round(result.answered_baseline.mean, 4) == 5.1667
    assert round(result.missing_baseline.mean, 4) == 8.4
    assert found.baseline.is_clear


def test_the_last_that_was_heard_of_both_is_compared(clinic, physician, measure):
    make_group(clinic, measure, PEOPLE)
    found = missing.read(physician, {"measure": measure.key, "day": "90"})
    assert (found.last_known.answered.n, found.last_known.missing.n) == (6, 5)
    assert round(found.last_known.answered.mean, 4) == -2.1667
    assert round(found.last_known.missing.mean, 4) == -0.4
    # The missing had improved less: what is seen looks too good.
    assert found.leads.likely == "good"


def test_only_what_was_last_known_says_which_way():
    worse = statistics.Difference(1.0, (0.5, 1.5))
    better = statistics.Difference(-1.0, (-1.5, -0.5))
    unclear = statistics.Difference(1.0, (-0.5, 2.5))
    assert missing.leads(worse, worse, "lower").likely == "good"
    assert missing.leads(worse, worse, "higher").likely == "poor"
    assert missing.leads(worse, better, "lower").likely == "poor"
    assert missing.leads(unclear, worse, "lower").likely == "good"
    assert missing.leads(worse, unclear, "lower").likely == "unlike"
    assert missing.leads(better, unclear, "lower").likely == "unlike"
    assert missing.leads(unclear, unclear, "lower").likely == ""


def test_groups_that_people_are_told_apart_by(clinic, physician, measure):
    make_group(clinic, measure, PEOPLE)
    Patient.objects.filter(pk__in=Patient.objects.values("pk")[:4]).update(
        language="es"
    )
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    found = missing.read(physician, {"measure": measure.key, "day": "90"})
    severity = {one.key: one.result.answered for one in found.groups["severity"]}
    assert severity == {"moderate": 6, "severe": 0}
    assert {one.label for one in found.groups["language"]} == {"English", "Spanish"}
    # Everybody has the same provider, so nothing hangs on that here.
    assert "provider" not in found.groups


def test_the_page_says_which_way_it_leads_and_names_whom(
    client, clinic, physician, measure
):
    make_group(clinic, measure, PEOPLE)
    client.force_login(physician)
    html = client.get(f"/outcomes/missing/?measure={measure.key}&day=90").content
    assert b"probably look better than they are" in html
    assert b"1.8 points worse" in html
    reply = client.get(
        f"/outcomes/list/?measure={measure.key}&day=90&part=missing&severity=severe"
    )
    assert reply.content.count(b"did not answer</span>") == 5
    event = AuditEvent.objects.get(action="outcomes.listed")
    assert event.subjects.count() == 5


def test_with_nobody_due_the_page_says_what_it_waits_for(client, clinic, physician):
    client.force_login(physician)
    reply = client.get("/outcomes/missing/?measure=pain_site")
    assert b"Nobody is due yet" in reply.content


def test_a_researcher_is_refused_names_and_small_counts(client, clinic, researcher):
    client.force_login(researcher)
    assert client.get("/outcomes/missing/").status_code == 403
    assert client.get("/outcomes/list/?measure=pain_site").status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_patients(
    clinic, physician, measure, django_assert_max_num_queries
):
    make_group(clinic, measure, PEOPLE)
    with django_assert_max_num_queries(14):
        missing.read(physician, {"measure": measure.key, "day": "90"})
