from django.urls import URLPattern, path

from patients.triage.views import (
    complaints,
    diagnoses,
    evaluations,
    files,
    flags,
    ledger,
    note,
    studies,
)

urlpatterns: list[URLPattern] = [
    path(
        "complaints/<uuid:complaint_id>/evaluate/",
        evaluations.evaluate,
        name="evaluate",
    ),
    path(
        "evaluations/<uuid:evaluation_id>/",
        evaluations.evaluation,
        name="evaluation",
    ),
    path(
        "evaluations/<uuid:evaluation_id>/sign/",
        evaluations.sign,
        name="evaluation_sign",
    ),
    path(
        "evaluations/<uuid:evaluation_id>/move/",
        evaluations.move,
        name="evaluation_move",
    ),
    path(
        "evaluations/<uuid:evaluation_id>/in-error/",
        evaluations.enter_in_error,
        name="evaluation_in_error",
    ),
    path("red-flags/", flags.red_flags, name="red_flags"),
    path("red-flags/<uuid:flag_id>/", flags.red_flag, name="red_flag"),
    path(
        "patients/<uuid:patient_id>/baselines/",
        flags.baselines,
        name="baselines",
    ),
    path(
        "baselines/<uuid:baseline_id>/end/",
        flags.end_baseline,
        name="end_baseline",
    ),
    path(
        "complaints/<uuid:complaint_id>/clock/stop/",
        flags.stop_clock,
        name="stop_clock",
    ),
    path(
        "patients/<uuid:patient_id>/complaints/new/",
        complaints.open_complaint,
        name="open_complaint",
    ),
    path(
        "complaints/<uuid:complaint_id>/sources/new/",
        ledger.name_source,
        name="name_source",
    ),
    path(
        "complaints/<uuid:complaint_id>/diagnoses/new/",
        diagnoses.diagnose,
        name="diagnose",
    ),
    path(
        "diagnoses/<uuid:diagnosis_id>/revise/",
        diagnoses.revise,
        name="revise_diagnosis",
    ),
    path("complaints/<uuid:complaint_id>/note/", note.show_note, name="note"),
    path(
        "complaints/<uuid:complaint_id>/note.txt",
        note.download_note,
        name="note_file",
    ),
    path(
        "complaints/<uuid:complaint_id>/letter/",
        note.show_letter,
        name="letter",
    ),
    path("studies/", studies.open_studies, name="studies"),
    path(
        "complaints/<uuid:complaint_id>/studies/new/",
        studies.order,
        name="order_study",
    ),
    path(
        "complaints/<uuid:complaint_id>/studies/brought/",
        studies.take_in,
        name="take_in_study",
    ),
    path("studies/<uuid:study_id>/", studies.study, name="study"),
    path(
        "studies/<uuid:study_id>/schedule/",
        studies.schedule,
        name="study_schedule",
    ),
    path("studies/<uuid:study_id>/done/", studies.done, name="study_done"),
    path("studies/<uuid:study_id>/result/", studies.result, name="study_result"),
    path("studies/<uuid:study_id>/review/", studies.review, name="study_review"),
    path("studies/<uuid:study_id>/cancel/", studies.cancel, name="study_cancel"),
    path(
        "studies/<uuid:study_id>/in-error/",
        studies.in_error,
        name="study_in_error",
    ),
    path("studies/<uuid:study_id>/owner/", studies.owner, name="study_owner"),
    path("studies/<uuid:study_id>/files/", files.attach, name="attach_file"),
    path("study-files/<uuid:file_id>/", files.study_file, name="study_file"),
    path("icd10/", diagnoses.search_codes, name="icd10"),
]
