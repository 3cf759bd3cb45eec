"""The page that shows what a patient would get."""

import pytest
from django.urls import reverse

from outcomes.simulator import page, staging
from outcomes.simulator.forms import SimulationForm, defaults
from plans.models import Protocol
from tests import factories


@pytest.fixture
def protocol(clinic) -> Protocol:
    """PRP, which goes on asking every year."""
    plan = factories.make_plan(factories.make_complaint(factories.make_patient(clinic)))
    return Protocol.objects.get(pk=plan.protocol_id)


def show(signed_in, protocol, **more: str) -> str:
    address = reverse("outcomes:simulate", args=[protocol.pk])
    return signed_in.get(address, more).content.decode()


def test_two_years_are_shown_and_the_later_ones_on_demand(signed_in, protocol, clinic):
    form = SimulationForm(defaults(protocol, clinic), protocol=protocol, clinic=clinic)
    assert form.is_valid()
    play = staging.simulate(clinic, protocol, form.pretended)
    months = page.by_month(page.lines(play, "UTC"), "UTC")
    near, later = page.parted(months, play)
    assert [*near, *later] == months
    day_0 = play.anchor_on
    ends = day_0.replace(year=day_0.year + 2, day=1)
    assert near[-1][0] <= ends < later[0][0]
    assert later[-1][0].year >= day_0.year + 10
    shown = show(signed_in, protocol)
    first_part, _, on_demand = shown.partition("<details>")
    assert f">{near[0][0]:%B %Y}<" in first_part
    assert f">{later[-1][0]:%B %Y}<" not in first_part
    assert f">{later[-1][0]:%B %Y}<" in on_demand


def test_a_protocol_of_one_year_hides_nothing(signed_in, clinic):
    complaint = factories.make_complaint(factories.make_patient(clinic))
    plan = factories.make_plan(complaint, "lifestyle")
    assert "<details>" not in show(signed_in, plan.protocol)


def test_what_a_move_changes_stands_beside_what_was_planned(signed_in, protocol):
    given = defaults(protocol, protocol.clinic)
    moved = show(signed_in, protocol, **given, moves_by="14")
    assert "Moved by 14 days" in moved
    assert "+14 days" in moved
