from django.urls import path

from outcomes.dashboards import sources_views, views

urlpatterns = [
    path("", views.overview, name="today"),
    path("patients/<uuid:patient_id>/", views.patient, name="patient"),
    path("outcomes/", views.population, name="population"),
    path("outcomes/sources/", sources_views.sources, name="sources"),
    path(
        "outcomes/sources/list/",
        sources_views.complaints,
        name="source_complaints",
    ),
]
