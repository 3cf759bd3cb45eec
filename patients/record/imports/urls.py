from django.urls import URLPattern, path

from patients.record.imports import views

urlpatterns: list[URLPattern] = [
    path("patients/imports/", views.imports, name="imports"),
    path("patients/imports/<uuid:import_id>/", views.patient_import, name="import"),
    path(
        "patients/imports/<uuid:import_id>/preview/",
        views.preview_import,
        name="preview_import",
    ),
    path(
        "patients/imports/<uuid:import_id>/stop/",
        views.stop_import,
        name="stop_import",
    ),
    path(
        "patients/imports/<uuid:import_id>/refused.csv",
        views.refused_rows,
        name="refused_rows",
    ),
]
