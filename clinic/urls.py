from django.urls import path

from clinic import views
from clinic.settings_pages import urls as settings_pages

app_name = "clinic"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("clinics/", views.choose, name="choose"),
    path("clinics/<uuid:clinic_id>/enter/", views.enter, name="enter"),
    *settings_pages.urlpatterns,
]
