from django.urls import path

from outcomes.dashboards import capture_views, sources_views, views
from outcomes.dashboards.export import views as export
from outcomes.dashboards.own_change import views as own_change
from outcomes.dashboards.population import views as population

urlpatterns = [
    path("", views.overview, name="today"),
    path("patients/<uuid:patient_id>/", views.patient, name="patient"),
    path("patients/<uuid:patient_id>/courses/", views.courses, name="courses"),
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
    path("outcomes/capture/", capture_views.report, name="capture"),
    path("outcomes/capture/list/", capture_views.listed, name="capture_list"),
    path(
        "outcomes/important-change/",
        own_change.important_change,
        name="important_change",
    ),
    path("outcomes/sources/", sources_views.sources, name="sources"),
    path(
        "outcomes/sources/list/",
        sources_views.complaints,
        name="source_complaints",
    ),
]
