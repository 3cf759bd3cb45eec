from django.urls import path

from outcomes.dashboards import views

urlpatterns = [
    path("", views.overview, name="today"),
    path("patients/<uuid:patient_id>/", views.patient, name="patient"),
    path("outcomes/", views.population, name="population"),
]
