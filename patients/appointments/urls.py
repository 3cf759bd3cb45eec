from django.urls import URLPattern, path

from patients.appointments import views

urlpatterns: list[URLPattern] = [
    path("appointments/import/", views.hand_in, name="import_appointments"),
    path("appointments/import/look/", views.look, name="look_at_appointments"),
    path("appointments/import/preview/", views.preview, name="preview_appointments"),
    path("appointments/import/discard/", views.discard, name="discard_appointments"),
]
