from clinic.models.audit import AuditEvent, AuditSubject
from clinic.models.base import (
    AppendOnlyModel,
    ClinicQuerySet,
    Record,
    readable_with,
    uuid7,
)
from clinic.models.clinics import (
    Clinic,
    ClosedDay,
    Language,
    Location,
    validate_zone,
)
from clinic.models.people import ApiToken, Membership, User

__all__ = [
    "ApiToken",
    "AppendOnlyModel",
    "AuditEvent",
    "AuditSubject",
    "Clinic",
    "ClinicQuerySet",
    "ClosedDay",
    "Language",
    "Location",
    "Membership",
    "Record",
    "User",
    "readable_with",
    "uuid7",
    "validate_zone",
]
