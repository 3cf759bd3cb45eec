from django.urls import path

from clinic import views

app_name = "clinic"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("clinics/", views.choose, name="choose"),
    path("clinics/<uuid:clinic_id>/enter/", views.enter, name="enter"),
]
