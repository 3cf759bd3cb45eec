from django.urls import path

from plans.course import views

urlpatterns = [
    path("complaints/<uuid:complaint_id>/plans/new/", views.start, name="start"),
    path("plans/<uuid:plan_id>/", views.detail, name="detail"),
    path(
        "interventions/<uuid:intervention_id>/perform/", views.perform, name="perform"
    ),
]
