from django.urls import URLPattern, path

from patients.triage import views

urlpatterns: list[URLPattern] = [
    path(
        "patients/<uuid:patient_id>/complaints/new/",
        views.open_complaint,
        name="open_complaint",
    ),
    path(
        "complaints/<uuid:complaint_id>/sources/new/",
        views.name_source,
        name="name_source",
    ),
    path(
        "complaints/<uuid:complaint_id>/diagnoses/new/",
        views.diagnose,
        name="diagnose",
    ),
    path(
        "diagnoses/<uuid:diagnosis_id>/revise/",
        views.revise_diagnosis,
        name="revise_diagnosis",
    ),
    path("icd10/", views.search_codes, name="icd10"),
]
