from django.urls import path

from outcomes.dashboards.capture import views as capture
from outcomes.dashboards.export import views as export
from outcomes.dashboards.home import views as home
from outcomes.dashboards.one_patient import views as one_patient
from outcomes.dashboards.own_change import views as own_change
from outcomes.dashboards.population import views as population
from outcomes.dashboards.sources import views as sources

urlpatterns = [
    path("", home.overview, name="today"),
    path("patients/<uuid:patient_id>/", one_patient.patient, name="patient"),
    path("patients/<uuid:patient_id>/courses/", one_patient.courses, name="courses"),
    path("outcomes/", population.population, name="population"),
    path("outcomes/missing/", population.missing, name="missing"),
    path("outcomes/list/", population.people, name="outcome_list"),
    path("outcomes/export/", export.exports, name="exports"),
    path("outcomes/export/<uuid:export_id>/", export.progress, name="export"),
    path(
        "outcomes/export/<uuid:export_id>/outcomes.zip",
        export.archive,
        name="export_file",
    ),
    path("outcomes/capture/", capture.report, name="capture"),
    path("outcomes/capture/list/", capture.listed, name="capture_list"),
    path(
        "outcomes/important-change/",
        own_change.important_change,
        name="important_change",
    ),
    path("outcomes/sources/", sources.sources, name="sources"),
    path(
        "outcomes/sources/list/",
        sources.complaints,
        name="source_complaints",
    ),
]
