from django.urls import path

from plans import views

app_name = "plans"
urlpatterns = [
    path("protocols/", views.protocols, name="protocols"),
    path("protocols/<uuid:protocol_id>/", views.protocol, name="protocol"),
    path("complaints/<uuid:complaint_id>/plans/new/", views.start, name="start"),
    path("plans/<uuid:plan_id>/", views.detail, name="detail"),
    path(
        "interventions/<uuid:intervention_id>/perform/", views.perform, name="perform"
    ),
]
