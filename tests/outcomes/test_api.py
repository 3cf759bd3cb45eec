import pytest

from clinic.models import AuditEvent
from outcomes.dashboards import facts
from outcomes.models import Episode
from tests import courses, factories
from tests.api_client import with_token

FOLLOW_UPS, RESPONSES = "/api/v1/follow-ups/", "/api/v1/responses/"
MEASURES, COHORT = "/api/v1/measures/", "/api/v1/outcomes/cohort/"


@pytest.fixture
def api(physician):
    return with_token(physician)


def answer_all(clinic, number):
    for _ in range(number):
        courses.answered(factories.make_complaint(factories.make_patient(clinic)))
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))


def test_follow_ups_are_found_by_state_and_due_day(api, complaint):
    request = courses.asked(complaint)
    asked = request.follow_ups.first()
    found = api.get(
        FOLLOW_UPS,
        {"state": "open", "due_from": asked.due_on, "due_until": asked.due_on},
    ).json()
    assert [row["id"] for row in found["results"]] == [str(asked.pk)]
    assert found["results"][0]["complaint"] == str(complaint.pk)


def test_a_response_tells_answers_and_scores(api, complaint):
    courses.answered(complaint, "3")
    row = api.get(RESPONSES, {"complaint": str(complaint.pk)}).json()["results"][0]
    assert (row["state"], row["provenance"]) == ("sealed", "patient")
    said = {answer["question"]: answer["value"] for answer in row["answers"]}
    assert (said["pain_site"], said["rf02"], said["note"]) == (3, 0, None)
    assert {answer["text"] for answer in row["answers"]} == {""}
    assert {score["value"] for score in row["scores"]} == {3}
    assert "pain_site" in {score["measure"] for score in row["scores"]}
    assert row == api.get(f"{RESPONSES}{row['id']}/").json()


def test_nothing_of_the_outcomes_can_be_written(api, complaint):
    row = courses.answered(complaint)
    for address in (FOLLOW_UPS, RESPONSES, f"{RESPONSES}{row.pk}/", MEASURES, COHORT):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert api.generic(method, address).status_code == 405


def test_the_front_desk_sees_who_is_due_but_no_answer(clerk, complaint):
    row = courses.answered(complaint)
    api = with_token(clerk)
    assert api.get(FOLLOW_UPS).json()["count"] > 0
    assert api.get(RESPONSES).status_code == 403
    assert api.get(f"{RESPONSES}{row.pk}/").status_code == 404


def test_measures_tell_range_and_direction(api, clinic):
    found = api.get(MEASURES, {"key": "pain_site"}).json()["results"]
    assert [(m["minimum"], m["maximum"], m["better_is"]) for m in found] == [
        (0, 10, "lower")
    ]


def test_the_cohort_is_counted_by_treatment(api, clinic):
    answer_all(clinic, 2)
    reply = api.get(COHORT, {"measure": "pain_site", "by": "treatment"})
    assert reply.status_code == 200
    assert reply.json()["measure"] == "pain_site"
    (group,) = reply.json()["groups"]
    assert group["key"] == "prp"
    cells = {cell["timepoint"]: cell for cell in group["timepoints"]}
    answered = [cell for cell in cells.values() if cell.get("n")]
    assert [(cell["n"], cell["mean"], cell["sd"]) for cell in answered] == [(2, 3, 0)]


def test_reading_a_cohort_is_on_record(api, clinic, physician):
    api.get(COHORT, {"measure": "pain_site", "rule": "pct50"})
    event = AuditEvent.objects.get(action="cohort.read")
    assert event.actor == physician
    assert event.facts["asked"] == {
        "measure": "pain_site",
        "rule": "pct50",
    }


def test_a_researcher_gets_no_small_cell(researcher, clinic):
    answer_all(clinic, 2)
    (group,) = (
        with_token(researcher).get(COHORT, {"measure": "pain_site"}).json()["groups"]
    )
    assert {cell.get("n") for cell in group["timepoints"]} <= {None, 0}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"measure": "pain_site", "age": "200"}, "age"),
        ({"measure": "pain_site", "day": "8"}, "day"),
        (
            {"measure": "pain_site", "from": "2026-02-01", "until": "2026-01-01"},
            "until",
        ),
        ({"measure": "joy"}, "measure"),
        ({"measure": "pain_site", "by": "moon"}, "by"),
        ({"measure": "pain_site", "rule": "pct1"}, "rule"),
        ({"measure": "pain_site", "baseline_from": "x"}, "baseline_from"),
        ({"measure": "pain_site", "clinic": "1"}, "clinic"),
    ],
)
def test_a_cohort_that_makes_no_sense_is_refused(api, clinic, asked, field):
    reply = api.get(COHORT, asked)
    assert reply.status_code == 400
    assert list(reply.json()) == [field]


@pytest.mark.parametrize("address", [FOLLOW_UPS, RESPONSES])
def test_a_longer_list_takes_no_more_queries(
    api, clinic, address, django_assert_max_num_queries
):
    for number in (1, 4):
        answer_all(clinic, number)
        # Token, membership, count, rows, two prefetches, and the audit's four.
        with django_assert_max_num_queries(11):
            assert api.get(address).json()["count"] >= number
