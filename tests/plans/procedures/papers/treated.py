"""Interventions with everything recorded, as the verb of details leaves them."""

from datetime import time
from decimal import Decimal

from clinic import audit
from plans.course import interventions
from plans.models import Intervention, Modality
from plans.procedures import details
from plans.procedures.used_lots import Lot
from tests import factories

PRP = {
    "kind": "prp_injection",
    "site": "knee",
    "side": "left",
    "target": "left knee joint",
    "guidance": "ultrasound",
    "performed_at": time(10, 40),
    "drawn_at": time(10, 5),
    "pain_before": 6,
    "complications": ["none"],
    "blood_draw_ml": Decimal(60),
    "anticoagulant": "acd_a",
    "prep_method": "closed_kit",
    "spins": 2,
    "spin_g": ["300", "700"],
    "spin_minutes": ["5", "10"],
    "count_source": "measured",
    "whole_blood_platelets": Decimal(250),
    "prp_platelets": Decimal(1000),
    "prp_volume_ml": Decimal(6),
    "injected_volume_ml": Decimal(5),
    "whole_blood_leukocytes": Decimal(6),
    "leukocytes": Decimal(3),
    "red_cells": Decimal("0.05"),
    "activation": "none",
    "injection_number": 1,
    "targets": ["joint"],
}
KIT = Lot(kind="kit", name="Duo Spin", lot="B-1042 ")


def prp(complaint, *, days: int = 30, **changes) -> Intervention:
    plan = factories.make_plan(complaint, started_days_ago=days + 14)
    return recorded(factories.make_performed(plan, days=days), PRP, **changes)


def recorded(intervention, values, *, lots=(KIT,), **changes) -> Intervention:
    return details.record(
        intervention,
        values={**values, **changes},
        lots=lots,
        by=audit.SYSTEM,
        checked=True,
    )


def added(complaint, modality: str, **fields) -> Intervention:
    """Added to a plan and done on the day it started."""
    plan = factories.make_plan(complaint, "lifestyle", started_days_ago=60)
    label = Modality(modality).label
    planned = interventions.add(
        plan,
        title=label,
        modality=modality,
        planned_on=plan.started_on,
        by=audit.SYSTEM,
        **fields,
    )
    return interventions.perform(planned, performed_on=plan.started_on, by=audit.SYSTEM)
