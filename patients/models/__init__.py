from patients.models.complaint import Complaint, Diagnosis, Side, SourceHypothesis
from patients.models.patient import ContactPoint, Patient, SearchTerm

__all__ = [
    "Complaint",
    "ContactPoint",
    "Diagnosis",
    "Patient",
    "SearchTerm",
    "Side",
    "SourceHypothesis",
]
