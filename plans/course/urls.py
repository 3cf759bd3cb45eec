from django.urls import path

from plans.course import elsewhere_views, goals_views, intervention_views, views

urlpatterns = [
    path("complaints/<uuid:complaint_id>/plans/new/", views.start, name="start"),
    path("plans/<uuid:plan_id>/move/", views.move, name="move"),
    path("plans/<uuid:plan_id>/add/", intervention_views.add, name="add"),
    path("plans/<uuid:plan_id>/goals/new/", goals_views.add, name="add_goal"),
    path("goals/<uuid:goal_id>/", goals_views.adjust, name="adjust_goal"),
    path("goals/<uuid:goal_id>/drop/", goals_views.drop, name="drop_goal"),
    path(
        "complaints/<uuid:complaint_id>/treatments-elsewhere/new/",
        elsewhere_views.report,
        name="report_elsewhere",
    ),
    path(
        "treatments-elsewhere/<uuid:treatment_id>/take-back/",
        elsewhere_views.take_back,
        name="take_back_elsewhere",
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
    path(
        "interventions/<uuid:intervention_id>/plan-again/",
        intervention_views.plan_again,
        name="plan_again",
    ),
]
