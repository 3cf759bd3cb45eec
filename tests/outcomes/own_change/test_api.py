import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from tests.outcomes import rows
from tests.outcomes.own_change.test_page import keep, too_few


@pytest.fixture
def answer_of(client):
    def answer(user, **query):
        client.force_login(user)
        return client.get(reverse("api:important-change"), query)

    return answer


def test_the_figures_are_those_of_the_page(clinic, admin, answer_of):
    keep(rows.make_measure(clinic))
    answer = answer_of(admin).json()
    assert answer["smallest_group"] == 30
    assert (answer["better_is_step"], answer["same_is_step"]) == (3, 4)
    [found] = answer["measures"]
    assert found["measure"] == "pain_test"
    assert found["mean_change"] == {"points": 1.9, "ci": [1.5, 2.3]}
    assert found["roc"] == {"points": 2.0, "ci": [1.0, 3.0]}
    assert found["published"] == {"points": 2.0, "percent": None, "points_here": None}
    assert (found["a_little_better"], found["about_the_same"]) == (63, 58)
    assert found["is_anchor_weak"] is False
    assert AuditEvent.objects.filter(action="important_change.read").exists()


def test_a_researcher_is_told_no_few(clinic, researcher, answer_of):
    too_few(rows.make_measure(clinic), 4, 31, n=60)
    [found] = answer_of(researcher).json()["measures"]
    assert (found["a_little_better"], found["about_the_same"]) == (None, 31)
    assert found["mean_change"] is None
    assert found["why_not"] == "too few"


def test_a_parameter_that_there_is_not_is_refused(admin, answer_of):
    answer = answer_of(admin, measure="pain_site")
    assert answer.status_code == 400
    assert "measure" in answer.json()
