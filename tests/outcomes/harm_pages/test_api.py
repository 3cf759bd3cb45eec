import pytest

from clinic.models import AuditEvent
from plans.harm import adverse_events
from plans.models import Intervention
from tests import factories
from tests.api_client import with_token

pytestmark = pytest.mark.django_db
DENOMINATORS = "/api/v1/adverse-events/denominators/"


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def done(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    return factories.make_performed(plan)


def repeat(done, times):
    """So many more like it, on the same day."""
    for _ in range(times):
        Intervention.objects.create(
            clinic=done.clinic,
            plan=done.plan,
            title="PRP",
            modality=done.modality,
            status="performed",
            planned_on=done.performed_on,
            performed_on=done.performed_on,
        )


def harm(done, category, **fields):
    patient = done.plan.complaint.patient
    return factories.make_adverse_event(
        patient, intervention=done, category=category, **fields
    )


def test_each_category_is_counted_against_its_procedures(api, done, physician):
    repeat(done, 9)
    harm(done, "infection")
    harm(done, "infection", description="Another joint")
    taken_back = harm(done, "bleeding")
    adverse_events.take_back(taken_back, by=physician, reason="Slip")
    factories.make_adverse_event(done.plan.complaint.patient, category="fall")
    found = api.get(DENOMINATORS).json()
    assert found["unlinked"] == 1
    (prp,) = found["modalities"]
    assert (prp["modality"], prp["label"]) == ("prp", "Platelet-rich plasma")
    (share,) = prp["shares"]
    assert (share["category"], share["count"], share["n"]) == ("infection", 1, 10)
    assert share["percent"] == 10
    assert share["ci"] == pytest.approx([1.79, 40.4], abs=0.05)
    assert prp["any_event"] == {**share, "category": "", "label": "any event"}


def test_of_fewer_than_ten_there_are_counts_and_no_rate(api, done):
    repeat(done, 8)
    harm(done, "infection")
    any_event = api.get(DENOMINATORS).json()["modalities"][0]["any_event"]
    assert (any_event["count"], any_event["n"]) == (1, 9)
    assert any_event["percent"] is None and any_event["ci"] is None


def test_a_day_narrows_it_as_on_the_page(api, done):
    harm(done, "infection")
    day = done.performed_on
    assert api.get(DENOMINATORS, {"since": day}).json()["modalities"]
    later = factories.days_ago(done.clinic, 1)
    none = api.get(DENOMINATORS, {"since": later}).json()
    assert (none["modalities"], none["unlinked"]) == ([], 0)


@pytest.mark.parametrize("asked", [{"since": "soon"}, {"category": "infection"}])
def test_what_would_not_narrow_the_numbers_is_refused(api, asked):
    reply = api.get(DENOMINATORS, asked)
    assert reply.status_code == 400
    assert list(reply.json()) == list(asked)


def test_counting_is_on_record_and_another_clinic_sees_none(api, outsider, done):
    harm(done, "infection")
    api.get(DENOMINATORS, {"since": "2025-01-31"})
    event = AuditEvent.objects.get(action="adverse_events.counted")
    assert event.facts == {"asked": {"since": "2025-01-31"}}
    assert with_token(outsider).get(DENOMINATORS).json()["modalities"] == []


def test_the_queries_do_not_grow(api, done, django_assert_max_num_queries):
    repeat(done, 12)
    for category in ("infection", "bleeding", "nerve", "fall"):
        harm(done, category)
    with django_assert_max_num_queries(12):
        api.get(DENOMINATORS)
