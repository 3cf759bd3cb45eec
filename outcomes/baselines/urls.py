from django.urls import URLPattern, path

from outcomes.baselines import views

urlpatterns: list[URLPattern] = [
    path("follow-ups/<uuid:follow_up_id>/baseline/", views.baseline, name="baseline"),
    path(
        "interventions/<uuid:intervention_id>/baseline/",
        views.of_intervention,
        name="baseline_of",
    ),
]
