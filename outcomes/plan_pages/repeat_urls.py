from django.urls import path

from outcomes.plan_pages import repeat_views

urlpatterns = [
    path(
        "interventions/<uuid:intervention_id>/repeat/",
        repeat_views.show,
        name="repeat_injection",
    ),
]
