from django.urls import URLPattern, path

from patients.triage import (
    diagnosis_pages,
    evaluation_pages,
    file_pages,
    ledger_pages,
    study_pages,
    views,
)

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
    path(
        "patients/<uuid:patient_id>/complaints/new/",
        views.open_complaint,
        name="open_complaint",
    ),
    path(
        "complaints/<uuid:complaint_id>/sources/new/",
        ledger_pages.name_source,
        name="name_source",
    ),
    path(
        "complaints/<uuid:complaint_id>/diagnoses/new/",
        diagnosis_pages.diagnose,
        name="diagnose",
    ),
    path(
        "diagnoses/<uuid:diagnosis_id>/revise/",
        diagnosis_pages.revise,
        name="revise_diagnosis",
    ),
    path("studies/", study_pages.open_studies, name="studies"),
    path(
        "complaints/<uuid:complaint_id>/studies/new/",
        study_pages.order,
        name="order_study",
    ),
    path(
        "complaints/<uuid:complaint_id>/studies/brought/",
        study_pages.take_in,
        name="take_in_study",
    ),
    path("studies/<uuid:study_id>/", study_pages.study, name="study"),
    path(
        "studies/<uuid:study_id>/schedule/",
        study_pages.schedule,
        name="study_schedule",
    ),
    path("studies/<uuid:study_id>/done/", study_pages.done, name="study_done"),
    path("studies/<uuid:study_id>/result/", study_pages.result, name="study_result"),
    path("studies/<uuid:study_id>/review/", study_pages.review, name="study_review"),
    path("studies/<uuid:study_id>/cancel/", study_pages.cancel, name="study_cancel"),
    path(
        "studies/<uuid:study_id>/in-error/",
        study_pages.in_error,
        name="study_in_error",
    ),
    path("studies/<uuid:study_id>/owner/", study_pages.owner, name="study_owner"),
    path("studies/<uuid:study_id>/files/", file_pages.attach, name="attach_file"),
    path("study-files/<uuid:file_id>/", file_pages.study_file, name="study_file"),
    path("icd10/", diagnosis_pages.search_codes, name="icd10"),
]
