from django.urls import path

from plans.procedures.papers import views

urlpatterns = [
    path(
        "interventions/<uuid:intervention_id>/passport/",
        views.show_passport,
        name="passport",
    ),
    path(
        "interventions/<uuid:intervention_id>/note/",
        views.show_note,
        name="procedure_note",
    ),
    path(
        "interventions/<uuid:intervention_id>/note.txt",
        views.download_note,
        name="procedure_note_file",
    ),
]
