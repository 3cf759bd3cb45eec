from clinic.models.audit import AuditEvent, AuditSubject
from clinic.models.base import (
    AppendOnlyModel,
    ClinicQuerySet,
    Record,
    readable_with,
    uuid7,
)
from clinic.models.clinics import Clinic, Language, validate_zone
from clinic.models.people import ApiToken, Membership, User

__all__ = [
    "ApiToken",
    "AppendOnlyModel",
    "AuditEvent",
    "AuditSubject",
    "Clinic",
    "ClinicQuerySet",
    "Language",
    "Membership",
    "Record",
    "User",
    "readable_with",
    "uuid7",
    "validate_zone",
]
