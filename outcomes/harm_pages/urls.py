from django.urls import path

from outcomes.harm_pages import views

urlpatterns = [
    path("adverse-events/", views.adverse_events, name="adverse_events"),
    path("adverse-events/export/", views.adverse_events_csv, name="adverse_events_csv"),
]
