"""What changes below mean for follow-ups and their questionnaires."""

from clinic import consequences
from outcomes.alerts import raising
from outcomes.baselines import missing
from outcomes.clinician_parts import counting
from outcomes.dashboards.export import runs as exports
from outcomes.dashboards.facts import marking
from outcomes.follow_ups import outbox
from outcomes.follow_ups.incoming import receipts
from outcomes.follow_ups.planning import (
    courses,
    moments,
    previews,
    protocol_changes,
    returning,
)
from outcomes.in_clinic import diaries
from outcomes.instruments import installation
from outcomes.intake import reviewing
from outcomes.survey import identity

consequences.register("clinic.opened", apply=installation.install)
consequences.register(
    "plan.started", apply=courses.plan_started, foresee=previews.plan_started
)
consequences.register(
    "intervention.performed",
    apply=courses.intervention_changed,
    foresee=previews.performed,
)
consequences.register(
    "intervention.moved",
    apply=courses.intervention_changed,
    foresee=previews.moved,
)
consequences.register(
    "intervention.cancelled",
    apply=courses.intervention_changed,
    foresee=previews.cancelled,
)
consequences.register(
    "intervention.added",
    apply=courses.intervention_changed,
    foresee=previews.planned_again,
)
consequences.register(
    "intervention.taken_back",
    apply=courses.intervention_changed,
    foresee=previews.taken_back,
)
# Nothing is done by itself: who records a needle is told what to ask before it.
consequences.register("intervention.due", preview=missing.preview)
# Said plan by plan, and done to many at once.
consequences.register(
    "plan.protocol_changed", foresee=protocol_changes.foresee_protocol
)
consequences.register("plans.protocol_changed", apply=protocol_changes.protocol_changed)
consequences.register(
    "treatment_elsewhere.changed", apply=courses.treatment_elsewhere_changed
)
consequences.register(
    "plan.ended", apply=courses.plan_ended, foresee=previews.plan_ended
)
consequences.register(
    "plan.reopened", apply=courses.plan_reopened, foresee=previews.plan_reopened
)
consequences.register(
    "clinic.updated", apply=moments.clinic_updated, foresee=moments.foresee
)
consequences.register("red_flag.acknowledged", apply=outbox.flag_acknowledged)
consequences.register("red_flag.changed", apply=raising.red_flag_changed)
consequences.register("adverse_event.opened", apply=raising.event_opened)
consequences.register("adverse_event.closed", apply=raising.event_ended)
consequences.register("adverse_event.taken_back", apply=raising.event_ended)
# After the schedule: what the clinic owes is what stands now.
for change in (
    "intervention.performed",
    "intervention.moved",
    "intervention.added",
    "intervention.taken_back",
):
    consequences.register(change, apply=counting.intervention_changed)
consequences.register("plan.started", apply=counting.plan_started)
consequences.register("evaluation.closed", apply=counting.evaluation_closed)
consequences.register("patient.updated", apply=courses.patient_updated)
consequences.register("patient.updated", apply=identity.patient_updated)
consequences.register("patient.updated", apply=diaries.patient_updated)
consequences.register("patient.updated", apply=marking.patient_updated)
consequences.register("patient.merged", apply=marking.records_joined)
consequences.register("patient.unmerged", apply=marking.records_joined)
consequences.register("complaint.named", apply=marking.complaint_named)
consequences.register("evaluation.closed", apply=reviewing.evaluation_closed)
consequences.register(
    "patient.returned",
    apply=returning.patient_returned,
    preview=returning.preview_returned,
)
# A merge rewrites nothing: the tick asks both records' follow-ups together.
consequences.register("patient.merged", preview=returning.held_of)
consequences.register("patient.unmerged", apply=returning.records_separated)
consequences.register("clinic.ticked", apply=receipts.match_late)
consequences.register("clinic.ticked", apply=exports.tend)
