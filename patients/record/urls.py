from django.urls import URLPattern, path

from patients.record import views

urlpatterns: list[URLPattern] = [
    path("patients/", views.patients, name="list"),
    path("patients/new/", views.register, name="register"),
    path("patients/<uuid:patient_id>/edit/", views.edit, name="edit"),
]
