"""The API put together: its one router, and the one shape of its errors."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as InvalidRow
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, views
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import DynamicRoute, SimpleRouter

from clinic import api_filters
from clinic.api_views import ClinicView
from clinic.settings_pages.api import ClosedDayViewSet
from outcomes.alerts.api import AlertViewSet
from outcomes.api import FollowUpViewSet, MeasureViewSet, ResponseViewSet
from outcomes.baselines.api import FollowUpBaselineViewSet
from outcomes.clinician_parts.api import FollowUpExaminationViewSet
from outcomes.dashboards.export.api import ExportViewSet
from outcomes.follow_ups.api import EpisodeViewSet
from outcomes.follow_ups.channels.letter_api import LetterViewSet
from outcomes.follow_ups.guard.api import SendingPauseViewSet
from outcomes.follow_ups.incoming.api import InboundMessageViewSet
from outcomes.follow_ups.worklist.api import (
    FollowUpWorkViewSet,
    StaffTaskViewSet,
    WorklistViewSet,
)
from outcomes.intake.api import IntakeViewSet
from outcomes.own_instruments.api import InstrumentViewSet
from outcomes.plan_pages.api import PlanPageViewSet
from outcomes.plan_pages.repeat_api import RepeatInjectionViewSet
from outcomes.simulator.api import SimulationViewSet
from patients.appointments.api import AppointmentViewSet
from patients.record.api.patients import PatientViewSet
from patients.record.api.people import CaregiverViewSet, ConsentViewSet
from patients.record.imports.api import ImportViewSet
from patients.triage.api.complaints import ComplaintViewSet
from patients.triage.api.diagnoses import DiagnosisViewSet
from patients.triage.api.evaluations import EvaluationViewSet
from patients.triage.api.flags import BaselineViewSet, RedFlagViewSet
from patients.triage.api.ledger import SourceViewSet
from patients.triage.api.studies import StudyFileViewSet, StudyViewSet
from plans.course.api import InterventionViewSet, PlanViewSet
from plans.course.elsewhere_api import ElsewhereViewSet
from plans.course.goals_api import GoalViewSet
from plans.harm.api import AdverseEventViewSet
from plans.protocols.api import ProtocolViewSet
from plans.protocols.draft_api import DraftViewSet

CONTENTS = {
    "type": "object",
    "additionalProperties": {"type": "string", "format": "uri"},
}
GENERAL = ("detail", "non_field_errors", NON_FIELD_ERRORS)

router = SimpleRouter()
router.register("patients", PatientViewSet)
router.register("caregivers", CaregiverViewSet)
router.register("consents", ConsentViewSet)
router.register("imports", ImportViewSet, basename="import")
router.register("appointments", AppointmentViewSet)
router.register("complaints", ComplaintViewSet)
router.register("sources", SourceViewSet, basename="source")
router.register("diagnoses", DiagnosisViewSet)
router.register("evaluations", EvaluationViewSet)
router.register("red-flags", RedFlagViewSet, basename="red-flag")
router.register("alerts", AlertViewSet, basename="alert")
router.register("baselines", BaselineViewSet, basename="baseline")
router.register("studies", StudyViewSet)
router.register("study-files", StudyFileViewSet, basename="study-file")
router.register("protocols", ProtocolViewSet)
router.register("protocol-drafts", DraftViewSet, basename="protocol-draft")
router.register("plans", PlanViewSet)
router.register("interventions", InterventionViewSet)
router.register("episodes", EpisodeViewSet)
router.register("adverse-events", AdverseEventViewSet, basename="adverse-event")
router.register("goals", GoalViewSet)
router.register(
    "treatments-elsewhere", ElsewhereViewSet, basename="treatment-elsewhere"
)
router.register("measures", MeasureViewSet)
router.register("instruments", InstrumentViewSet)
router.register("intakes", IntakeViewSet)
router.register("follow-ups", FollowUpViewSet, basename="follow-up")
router.register("responses", ResponseViewSet)
router.register("sending-pauses", SendingPauseViewSet, basename="sending-pause")
router.register("inbound-messages", InboundMessageViewSet, basename="inbound-message")
router.register("letters", LetterViewSet, basename="letter")
router.register("closed-days", ClosedDayViewSet, basename="closed-day")
router.register("outcomes/exports", ExportViewSet, basename="outcome-export")
router.register("worklist", WorklistViewSet, basename="worklist")
router.register("staff-tasks", StaffTaskViewSet, basename="staff-task")


class PartsRouter(SimpleRouter):
    """Acts alone: the rows themselves are at the same prefix of the other router."""

    routes = [route for route in SimpleRouter.routes if isinstance(route, DynamicRoute)]


# What the outcomes add to rows of the apps below, at the addresses of those.
parts = PartsRouter()
parts.register("plans", PlanPageViewSet)
parts.register("interventions", RepeatInjectionViewSet)
parts.register("protocols", SimulationViewSet, basename="protocol")
parts.register("follow-ups", FollowUpBaselineViewSet, basename="follow-up")
parts.register("follow-ups", FollowUpWorkViewSet, basename="follow-up-work")
parts.register("follow-ups", FollowUpExaminationViewSet, basename="follow-up-part")


class ContentsView(ClinicView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="contents_retrieve", responses={200: CONTENTS}, tags=["contents"]
    )
    def get(self, request: Request) -> Response:
        """The addresses of the lists."""
        api_filters.refuse_unknown(request, ())
        return Response(
            {
                prefix: reverse(f"api:{name}-list", request=request)
                for prefix, _, name in router.registry
            }
            | {
                "adverse-events/denominators": reverse(
                    "api:adverse-event-denominators", request=request
                ),
                "recall": reverse("api:recall", request=request),
                "settings": reverse("api:settings", request=request),
                "wordings": reverse("api:wordings", request=request),
                "today": reverse("api:today", request=request),
                "catalogue": reverse("api:catalogue", request=request),
                "outcomes/capture": reverse("api:capture", request=request),
                "outcomes/cohort": reverse("api:cohort", request=request),
                "outcomes/important-change": reverse(
                    "api:important-change", request=request
                ),
                "outcomes/missing": reverse("api:missing", request=request),
                "outcomes/providers": reverse("api:providers", request=request),
                "outcomes/sources": reverse("api:sources-report", request=request),
                "reports/plans": reverse("api:plan-report", request=request),
            }
        )


def error_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """{"field": ["what is wrong"]}, or {"detail": "..."} where no field is at fault."""
    if isinstance(exc, InvalidRow):
        exc = exceptions.ValidationError(
            exc.message_dict if hasattr(exc, "error_dict") else exc.messages
        )
    response = views.exception_handler(exc, context)
    if response is not None:
        response.data = in_one_shape(response.data)
    return response


def in_one_shape(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        return {"detail": as_text(data)}
    fields = {name: said for name, said in data.items() if name not in GENERAL}
    general = [as_text(data[name]) for name in GENERAL if name in data]
    return {**fields, **({"detail": " ".join(general)} if general else {})}


def as_text(said: Any) -> str:
    return " ".join(map(str, said)) if isinstance(said, list) else str(said)
