from django.urls import path

from outcomes.sheets.consent import views as consent
from outcomes.sheets.glance import views as glance
from outcomes.sheets.letter import views as letter
from outcomes.sheets.summary import views as summary

urlpatterns = [
    path("patients/<uuid:patient_id>/glance/", glance.show, name="glance"),
    path("patients/<uuid:patient_id>/summary/", summary.show, name="summary"),
    path(
        "patients/<uuid:patient_id>/summary.pdf", summary.download, name="summary_pdf"
    ),
    path("plans/<uuid:plan_id>/outcome-letter/", letter.write, name="outcome_letter"),
    path(
        "plans/<uuid:plan_id>/outcome-letter.pdf",
        letter.download,
        name="outcome_letter_pdf",
    ),
    path(
        "interventions/<uuid:intervention_id>/before-consent/",
        consent.show,
        name="consent_sheet",
    ),
    path(
        "interventions/<uuid:intervention_id>/before-consent.pdf",
        consent.download,
        name="consent_sheet_pdf",
    ),
]
