"""What the demo says of its procedures is what the forms would have let pass."""

from decimal import Decimal

import pytest

from plans.models import (
    NEEDLE,
    Goal,
    Intervention,
    LifestyleMeasurement,
    Modality,
    Procedure,
    PRPTreatment,
    TherapyCourse,
)
from plans.procedures import checks, details, lifestyle, recorded
from plans.procedures.prp import classes
from plans.protocols import measures

pytestmark = pytest.mark.usefixtures("demo")


def performed(*modalities: str) -> list[Intervention]:
    rows = recorded.with_details(Intervention.objects.filter(status="performed"))
    rows = rows.select_related("plan__complaint", "procedure__consent")
    return [row for row in rows if not modalities or row.modality in modalities]


def test_every_detail_passes_the_checks_of_its_form() -> None:
    rows = performed()
    assert {row.modality for row in rows} >= set(Modality.values) - {"other"}
    for row in rows:
        values = details.stored(row)
        assert checks.check(row.modality, values) == {}, values
        assert details.check_references(row, values) == {}


def test_every_row_of_details_would_pass_its_form() -> None:
    for model in details.MODELS.values():
        rows = model._default_manager.all()
        assert rows.exists(), model
        for row in rows:
            row.full_clean(exclude=["intervention", "clinic"])


def test_nothing_is_odd_but_a_few_recoveries() -> None:
    odd = [
        each.field
        for row in performed()
        for each in checks.oddities(
            details.stored(row), complaint_side=row.plan.complaint.side
        )
    ]
    assert set(odd) <= {"prp_platelets"}
    assert len(odd) <= 3


def test_measurements_of_habits_pass_the_checks() -> None:
    rows = LifestyleMeasurement.objects.select_related("intervention__plan")
    assert rows.count() > 10
    for row in rows:
        assert checks.check_measured(lifestyle.stored(row)) == {}
        assert row.measured_on >= row.intervention.performed_on
        ended_on = row.intervention.plan.ended_on
        assert ended_on is None or row.measured_on <= ended_on


def test_platelets_are_of_many_classes_and_some_of_none() -> None:
    found = [classes.classify(details.stored(row)) for row in performed("prp")]
    assert len({each.depa_code for each in found} - {""}) >= 3
    assert len({each.platelets.letter for each in found} - {""}) >= 2
    assert any(each.dose.is_assumed for each in found)
    sources = set(PRPTreatment.objects.values_list("count_source", flat=True))
    assert sources >= {"measured", "kit_default", "not_counted"}


def test_completeness_is_high_and_differs() -> None:
    shares = [recorded.completeness_of(row).percent for row in performed(*NEEDLE)]
    known = [share for share in shares if share is not None]
    assert len(known) == len(shares) and len(set(known)) > 5
    assert 75 < sum(known) / len(known) < 99


def test_a_consent_was_given_before_the_needle() -> None:
    rows = Procedure.objects.filter(consent__isnull=False)
    assert rows.exists()
    for row in rows.select_related("intervention", "consent"):
        assert row.consent.given_on <= row.intervention.performed_on


def test_sessions_are_attended_and_missed() -> None:
    rows = TherapyCourse.objects.filter(sessions_attended__gt=0)
    assert rows.exists() and rows.filter(sessions_missed__gt=0).exists()


def test_plans_aim_at_their_protocols_goals_some_in_own_words() -> None:
    goals = Goal.objects.select_related("plan__protocol").prefetch_related(
        "plan__protocol__goals"
    )
    known = measures.known()
    assert goals.exclude(words="").exists()
    for goal in goals:
        aims = {(a.measure, a.target) for a in goal.plan.protocol.goals.all()}
        assert (goal.measure, goal.target) in aims
        assert goal.due_on > goal.plan.started_on
        assert isinstance(known[goal.measure].minimum, Decimal)
