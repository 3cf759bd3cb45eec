"""What a clinic usually sets, over the API, as it is taken again."""

import pytest

from clinic.models import AuditEvent
from plans.models import Intervention
from plans.procedures import catalogue
from tests import factories, reasons
from tests.api_client import with_token

KIT = {"kind": "kit", "name": "Concentra 60", "lot": "AB-12"}
PRP = {
    "kind": "prp_injection",
    "guidance": "ultrasound",
    "procedure": {"needle_gauge": 22, "pain_before": 7},
    "prp": {"blood_draw_ml": 60, "spins": 2, "spin_g": [1500, 3200.5]},
    "lots": [KIT],
}


@pytest.fixture
def api(physician):
    return with_token(physician)


def planned(complaint, key="prp"):
    plan = factories.make_plan(complaint, key, started_days_ago=20)
    return factories.step_of(plan, key)


def perform(api, intervention, **body):
    day = factories.days_ago(intervention.clinic, 1).isoformat()
    sent = {"performed_on": day, "caution_reasons": reasons.ALL, **body}
    reply = api.post(f"/api/v1/interventions/{intervention.pk}/perform/", sent)
    assert reply.status_code == 200, reply.json()
    return reply.json()


def usual(api, intervention):
    return api.get(f"/api/v1/interventions/{intervention.pk}/usual/").json()


@pytest.fixture
def described(api, complaint):
    return perform(api, planned(complaint), **PRP)


@pytest.fixture
def following(clinic):
    return planned(factories.make_complaint(factories.make_patient(clinic)))


def test_the_last_ones_settings_are_offered_and_nothing_measured(
    api, described, following
):
    found = usual(api, following)
    assert (found["done_on"], found["is_own"]) == (described["performed_on"], True)
    assert found["details"] == {
        "kind": "prp_injection",
        "procedure": {"needle_gauge": 22},
        "prp": {"spins": 2, "spin_g": [1500, 3200.5]},
        "lots": [
            {"kind": "kit", "name": "Concentra 60", "lot": "", "expires_on": None}
        ],
    }
    # What was decided for one patient is no default of another.
    assert found["offered"] == {"guidance": "ultrasound", "prp": {"blood_draw_ml": 60}}


def test_perform_takes_what_is_usual_as_it_comes(api, described, following):
    details = usual(api, following)["details"]
    done = perform(api, following, **details)
    assert done["prp"]["spin_g"] == described["prp"]["spin_g"]
    assert done["procedure"]["needle_gauge"] == 22
    assert done["procedure"]["pain_before"] is None


def test_of_a_colleague_it_says_so(admin, described, following):
    found = usual(with_token(admin), following)
    assert (found["is_own"], found["offered"]["guidance"]) == (False, "ultrasound")


def test_where_nothing_like_it_was_done_nothing_is_usual(api, following):
    assert usual(api, following) == {
        "done_on": None,
        "is_own": None,
        "details": {"lots": []},
        "offered": {},
    }


def test_another_clinics_habits_are_not_seen(described, outsider, other_clinic):
    patient = factories.make_patient(other_clinic)
    theirs = planned(factories.make_complaint(patient))
    assert usual(with_token(outsider), theirs)["done_on"] is None


def test_every_usual_field_has_a_place_in_the_answer():
    """A field that the catalogue adds would else be left out in silence."""
    own = {
        f.column for f in catalogue.fields() if f.usual_if and f.table == "intervention"
    }
    assert own == {"guidance"}


def test_reading_is_on_record_and_takes_the_act_to_record(
    api, described, following, clerk
):
    usual(api, following)
    event = AuditEvent.objects.filter(action="intervention.read").latest("id")
    assert event.about_id == str(following.pk)
    assert event.subjects.get().patient_id == following.plan.complaint.patient_id
    address = f"/api/v1/interventions/{following.pk}/usual/"
    assert with_token(clerk).get(address).status_code == 404


def test_it_costs_few_queries(api, described, following, django_assert_max_num_queries):
    for number in range(6):
        Intervention.objects.create(
            clinic=following.clinic,
            plan=following.plan,
            title=f"PRP {number}",
            modality="prp",
            kind="prp_injection",
            status="performed",
            performed_on=following.planned_on,
        )
    with django_assert_max_num_queries(20):
        assert usual(api, following)["done_on"]
