from django.urls import path

from outcomes.plan_pages import repeat_views, views

urlpatterns = [
    path("plans/<uuid:plan_id>/", views.plan, name="plan"),
    path(
        "interventions/<uuid:intervention_id>/repeat/",
        repeat_views.show,
        name="repeat_injection",
    ),
]
