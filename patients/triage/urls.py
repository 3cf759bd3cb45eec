from django.urls import URLPattern, path

from patients.triage import (
    diagnosis_pages,
    evaluation_pages,
    file_pages,
    flag_pages,
    ledger_pages,
    note_pages,
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
        "evaluations/<uuid:evaluation_id>/move/",
        evaluation_pages.move,
        name="evaluation_move",
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
    path("complaints/<uuid:complaint_id>/note/", note_pages.show_note, name="note"),
    path(
        "complaints/<uuid:complaint_id>/note.txt",
        note_pages.download_note,
        name="note_file",
    ),
    path(
        "complaints/<uuid:complaint_id>/letter/",
        note_pages.show_letter,
        name="letter",
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
