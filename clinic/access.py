"""Who may do what: one table of role by act."""

from enum import StrEnum
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from clinic.models import User


class Role(StrEnum):
    ADMIN = "admin"
    PROVIDER = "provider"
    ASSISTANT = "assistant"
    FRONT_DESK = "front_desk"
    RESEARCHER = "researcher"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


class Act(StrEnum):
    READ_PATIENTS = "read patients"
    WRITE_PATIENTS = "register and edit patients"
    READ_CLINICAL = "read complaints and diagnoses"
    WRITE_COMPLAINTS = "open complaints"
    RECORD_FINDINGS = "enter findings and studies"
    DIAGNOSE = "name sources and diagnoses"
    SIGN_EVALUATIONS = "sign evaluations and results"
    ACT_ON_RED_FLAGS = "acknowledge and close red flags"
    READ_PLANS = "read plans"
    WRITE_PLANS = "start and end plans"
    RECORD_INTERVENTIONS = "record interventions"
    MANAGE_PROTOCOLS = "edit and publish protocols"
    REPORT_HARM = "enter adverse events"
    RATE_HARM = "rate and close adverse events"
    READ_FOLLOW_UPS = "see who is due"
    SEND_LINKS = "send survey links"
    CALL_PATIENTS = "call patients and say what came of it"
    ASSIGN_TASKS = "hand tasks to other people"
    ENTER_ANSWERS = "enter answers that patients gave"
    READ_ANSWERS = "read answers and scores"
    READ_ALERTS = "read alerts"
    ACKNOWLEDGE_ALERTS = "say that one looks at an alert"
    ACT_ON_ALERTS = "act on, snooze and close alerts"
    SET_ALERTS = "set the rules of alerts and who is on call"
    READ_COHORT = "read outcomes of groups"
    READ_CAPTURE = "read how many patients answer"
    EXPORT_OUTCOMES = "export de-identified outcomes"
    READ_MAILBOX = "read the demo mailbox"
    IMPORT_PATIENTS = "import patients"
    IMPORT_APPOINTMENTS = "import the day's appointments"
    MERGE_PATIENTS = "merge patients"
    CONFIRM_DEATHS = "confirm or take back a death"
    PAUSE_MESSAGES = "pause and release messages to patients"
    WRITE_WORDING = "change the wording of messages"
    MANAGE_CLINIC = "manage staff and settings"


# A signature is a clinician's; whoever administers and treats holds both roles.
# Nor does an alert stop calling for people because somebody in the office saw it.
CLINICIANS_OWN = frozenset(
    {
        Act.SIGN_EVALUATIONS,
        Act.ACT_ON_RED_FLAGS,
        Act.RATE_HARM,
        Act.ACKNOWLEDGE_ALERTS,
        Act.ACT_ON_ALERTS,
    }
)
ADMINISTRATION = frozenset(
    {
        Act.MANAGE_CLINIC,
        Act.WRITE_WORDING,
        Act.IMPORT_PATIENTS,
        Act.MERGE_PATIENTS,
        # Rows in bulk leave the clinic: that is decided by who answers for it, and done
        # by who is there for research. A provider reads the answers on the pages;
        # who does research too holds that role as well.
        Act.EXPORT_OUTCOMES,
    }
)


CAPABILITIES: dict[Role, frozenset[Act]] = {
    Role.ADMIN: frozenset(Act) - CLINICIANS_OWN,
    Role.PROVIDER: frozenset(Act) - ADMINISTRATION,
    # Enters findings and records what was done; signs nothing.
    Role.ASSISTANT: frozenset(
        {
            Act.READ_PATIENTS,
            Act.WRITE_PATIENTS,
            Act.READ_CLINICAL,
            Act.WRITE_COMPLAINTS,
            Act.RECORD_FINDINGS,
            Act.READ_PLANS,
            Act.RECORD_INTERVENTIONS,
            Act.REPORT_HARM,
            Act.READ_FOLLOW_UPS,
            Act.SEND_LINKS,
            Act.CALL_PATIENTS,
            Act.ENTER_ANSWERS,
            Act.IMPORT_APPOINTMENTS,
            Act.PAUSE_MESSAGES,
            Act.READ_ANSWERS,
            Act.READ_ALERTS,
            Act.ACKNOWLEDGE_ALERTS,
            Act.READ_COHORT,
            Act.READ_CAPTURE,
            Act.READ_MAILBOX,
        }
    ),
    # Contact and completion: answers are entered and never read, nor diagnoses.
    Role.FRONT_DESK: frozenset(
        {
            Act.READ_PATIENTS,
            Act.WRITE_PATIENTS,
            Act.READ_FOLLOW_UPS,
            Act.SEND_LINKS,
            Act.CALL_PATIENTS,
            Act.ENTER_ANSWERS,
            Act.IMPORT_APPOINTMENTS,
            Act.PAUSE_MESSAGES,
            Act.READ_CAPTURE,
            Act.READ_MAILBOX,
        }
    ),
    Role.RESEARCHER: frozenset(
        {Act.READ_COHORT, Act.READ_CAPTURE, Act.EXPORT_OUTCOMES}
    ),
}


def can(user: "User | AnonymousUser", act: Act) -> bool:
    """Whether one of the user's roles in the current clinic carries the act."""
    membership = getattr(user, "membership", None)
    if membership is None:
        return False
    return any(act in CAPABILITIES[Role(role)] for role in membership.roles)


def acts_of(user: "User | AnonymousUser") -> frozenset[Act]:
    return frozenset(act for act in Act if can(user, act))


def require(user: "User | AnonymousUser", act: Act) -> None:
    if not can(user, act):
        raise PermissionDenied(f"Your role in this clinic may not {act.value}.")


def sees_small_cells(user: "User | AnonymousUser") -> bool:
    """Counts of 1 to 9 are for those who treat these patients only."""
    return can(user, Act.READ_ANSWERS)
