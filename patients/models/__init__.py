from patients.models.appointment import Appointment
from patients.models.complaint import Complaint, Side
from patients.models.consent import Consent
from patients.models.contact import Caregiver, ContactPoint, OutsideClinician
from patients.models.diagnosis import Diagnosis
from patients.models.evaluation import Evaluation, Finding
from patients.models.ledger import Evidence, SourceHypothesis
from patients.models.merge import PatientMerge
from patients.models.patient import Patient, SearchTerm
from patients.models.patient_import import (
    ImportedReference,
    PatientImport,
    RefusedRow,
)
from patients.models.red_flag import RedFlag, RedFlagBaseline, RedFlagEvent
from patients.models.study import Study, StudyFile

__all__ = [
    "Appointment",
    "Caregiver",
    "Complaint",
    "Consent",
    "ContactPoint",
    "Diagnosis",
    "Evaluation",
    "Evidence",
    "Finding",
    "ImportedReference",
    "OutsideClinician",
    "Patient",
    "PatientImport",
    "PatientMerge",
    "RedFlag",
    "RedFlagBaseline",
    "RedFlagEvent",
    "RefusedRow",
    "SearchTerm",
    "Side",
    "SourceHypothesis",
    "Study",
    "StudyFile",
]
