"""Plans that did not go straight are there, and were made by the verbs."""

import pytest

from clinic import clock
from clinic.models import AuditEvent
from outcomes.models import Episode, Response
from plans.models import (
    CautionPass,
    Intervention,
    LotUse,
    Modality,
    Plan,
    Protocol,
    ProtocolDraft,
    TreatmentElsewhere,
)

pytestmark = pytest.mark.usefixtures("demo")


def test_some_plans_are_intended_and_nothing_is_asked_of_them() -> None:
    for status in Plan.INTENDED:
        assert Plan.objects.filter(status=status).count() >= 2
    intended = Plan.objects.filter(status__in=Plan.INTENDED)
    assert not Episode.objects.filter(plan__in=intended).exists()
    assert not intended.filter(goals__isnull=True).exists()


def test_two_plans_are_on_hold_with_a_reason_and_a_day() -> None:
    held = Plan.objects.filter(status="on_hold", clinic__slug="lakeview")
    assert held.count() == 2
    today = clock.today("America/Chicago")
    assert all(plan.status_reason and plan.hold_until > today for plan in held)


def test_combined_plans_have_several_treatments_done() -> None:
    for key, least in (("herniated_disc", 4), ("si_joint", 4)):
        plan = Plan.objects.filter(protocol__key=key, status="active").first()
        assert plan is not None
        done = plan.interventions.filter(status="performed")
        assert len({each.modality for each in done}) >= 3
        assert done.count() >= least


def test_a_series_of_three_counts_from_its_last() -> None:
    episode = Episode.objects.get(plan__protocol__key="prp-series-of-three")
    given = episode.plan.interventions.filter(modality=Modality.PRP)
    days = [each.performed_on for each in given.order_by("series_number")]
    assert len(days) == 3 and None not in days
    assert (episode.series_began_on, episode.anchor_on) == (days[0], days[-1])


def test_a_repeat_began_a_course_of_its_own() -> None:
    again = Intervention.objects.get(course=2, plan__clinic__slug="lakeview")
    first = again.plan.interventions.get(course=1, is_index=True)
    assert again.injection.steroid == first.injection.steroid
    assert Episode.objects.get(anchor_intervention=again).status == "active"
    assert Episode.objects.get(anchor_intervention=first).status == "ended"
    assert LotUse.objects.filter(intervention=again).exists()
    for passed in CautionPass.objects.filter(intervention=again):
        assert passed.reason


def test_one_baseline_is_recalled() -> None:
    recalled = Response.objects.filter(is_recalled=True, clinic__slug="lakeview")
    assert recalled.get().follow_up.is_baseline


def test_two_patients_said_whether_they_had_it() -> None:
    past = Intervention.objects.filter(clinic__slug="lakeview", status="planned")
    said = past.exclude(patient_said="").values_list("patient_said", flat=True)
    assert sorted(said) == ["no", "yes"]


def test_treatments_elsewhere_are_known_of_a_handful() -> None:
    assert TreatmentElsewhere.objects.filter(clinic__slug="lakeview").count() == 5


def test_each_of_these_is_on_record() -> None:
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert actions >= {
        "plan.drafted",
        "plan.proposed",
        "plan.held",
        "protocol.published",
        "intervention.patient_said",
        "intervention.performed",
        "treatment_elsewhere.reported",
    }


def test_a_running_plan_can_be_moved_to_a_newer_version() -> None:
    newest = Protocol.objects.get(
        key="prp-series-of-three", version=2, clinic__slug="lakeview"
    )
    assert newest.published_at is not None and newest.change_note
    older = Plan.objects.filter(
        clinic=newest.clinic,
        protocol__key=newest.key,
        protocol__version=1,
        status="active",
    )
    assert older.exists()
    draft = ProtocolDraft.objects.get(clinic=newest.clinic)
    shipped = Protocol.objects.get(clinic=newest.clinic, key=draft.key)
    assert draft.content["title"] != shipped.title
