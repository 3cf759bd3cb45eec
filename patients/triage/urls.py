from django.urls import URLPattern, path

from patients.triage import evaluation_pages, flag_pages, views

urlpatterns: list[URLPattern] = [
    path(
        "complaints/<uuid:complaint_id>/evaluate/",
        evaluation_pages.evaluate,
        name="evaluate",
    ),
    path(
        "evaluations/<uuid:evaluation_id>/",
        evaluation_pages.evaluation,
        name="evaluation",
    ),
    path(
        "evaluations/<uuid:evaluation_id>/sign/",
        evaluation_pages.sign,
        name="evaluation_sign",
    ),
    path(
        "evaluations/<uuid:evaluation_id>/in-error/",
        evaluation_pages.enter_in_error,
        name="evaluation_in_error",
    ),
    path("red-flags/", flag_pages.red_flags, name="red_flags"),
    path("red-flags/<uuid:flag_id>/", flag_pages.red_flag, name="red_flag"),
    path(
        "patients/<uuid:patient_id>/baselines/",
        flag_pages.baselines,
        name="baselines",
    ),
    path(
        "baselines/<uuid:baseline_id>/end/",
        flag_pages.end_baseline,
        name="end_baseline",
    ),
    path(
        "complaints/<uuid:complaint_id>/clock/stop/",
        flag_pages.stop_clock,
        name="stop_clock",
    ),
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
