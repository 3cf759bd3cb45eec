from django.urls import path

from plans.procedures import views

INTERVENTION = "interventions/<uuid:intervention_id>/"

urlpatterns = [
    path(INTERVENTION, views.read, name="intervention"),
    path(f"{INTERVENTION}perform/", views.perform, name="perform"),
    path(f"{INTERVENTION}details/", views.correct, name="details"),
    path(f"{INTERVENTION}measure/", views.measure, name="measure"),
]
