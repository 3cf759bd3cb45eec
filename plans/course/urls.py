from django.urls import path

from plans.course import intervention_views, views

urlpatterns = [
    path("complaints/<uuid:complaint_id>/plans/new/", views.start, name="start"),
    path("plans/<uuid:plan_id>/", views.detail, name="detail"),
    path("plans/<uuid:plan_id>/add/", intervention_views.add, name="add"),
    path(
        "interventions/<uuid:intervention_id>/perform/", views.perform, name="perform"
    ),
    path(
        "interventions/<uuid:intervention_id>/reschedule/",
        intervention_views.reschedule,
        name="reschedule",
    ),
    path(
        "interventions/<uuid:intervention_id>/cancel/",
        intervention_views.cancel,
        name="cancel",
    ),
    path(
        "interventions/<uuid:intervention_id>/take-back/",
        intervention_views.take_back,
        name="take_back",
    ),
]
