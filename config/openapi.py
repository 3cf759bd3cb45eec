"""Keeps the OpenAPI document the same whichever database wrote it."""

from typing import Any

# What PostgreSQL's and SQLite's integer columns hold; no rule of ours.
COLUMN_LIMITS = {32767, -32768, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63)}

# What a list of choices is called where its field's name alone would not tell it apart.
ENUM_NAMES = {
    "SideEnum": "patients.models.Side",
    "TreatedSideEnum": "plans.models.TreatedSide",
    "InterventionKindEnum": "plans.procedures.api.KINDS",
    "LotKindEnum": "plans.models.LotUse.Kind",
    "PlanStatusEnum": "plans.models.Plan.Status",
    "InterventionStatusEnum": "plans.models.Intervention.Status",
    "GoalStatusEnum": "plans.models.Goal.Status",
    "GoalStateEnum": "outcomes.plan_pages.api.GOAL_STATES",
    "AdverseEventStatusEnum": "plans.models.AdverseEvent.Status",
    "AdverseEventOutcomeEnum": "plans.models.AdverseEvent.Outcome",
    "ElsewhereStatusEnum": "plans.models.TreatmentElsewhere.Status",
    "ProvenanceEnum": "outcomes.models.Provenance",
    "BaselineModeEnum": "outcomes.baselines.api.CHOICES",
    "MessageKindEnum": "outcomes.models.messages.Kind",
    "EpisodeStatusEnum": "outcomes.models.Episode.Status",
    "FollowUpStateEnum": "outcomes.models.FollowUp.State",
    "TimepointWhoEnum": "plans.models.Timepoint.Who",
    "PainSourceEnum": "patients.triage.api.ledger.PAIN_SOURCES",
    "EvaluationStateEnum": "patients.models.Evaluation.State",
    "RedFlagStateEnum": "patients.models.RedFlag.State",
    "AlertSeverityEnum": "outcomes.alerts.api.SEVERITIES",
    "AlertNoticeWhyEnum": "outcomes.models.AlertNotice.Why",
    "DiagnosisRoleEnum": "patients.models.Diagnosis.Role",
    "DiagnosisStatusEnum": "patients.models.Diagnosis.Status",
    "StudyKindEnum": "patients.models.Study.Kind",
    "ImportKindEnum": "patients.models.PatientImport.Kind",
    "ChannelEnum": "plans.models.ReminderRung.Channel",
    "MessageChannelEnum": "outcomes.models.messages.Channel",
    "ImportStateEnum": "patients.models.PatientImport.State",
}


def without_column_limits(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    _strip(result)
    return result


def _strip(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _strip(item)
    elif isinstance(node, dict):
        for bound in ("minimum", "maximum"):
            limit = node.get(bound)
            if isinstance(limit, int) and limit in COLUMN_LIMITS:
                del node[bound]
                node.pop("format", None)
        for value in node.values():
            _strip(value)
