from django.urls import path

from outcomes.simulator import views

urlpatterns = [
    path(
        "protocols/<uuid:protocol_id>/simulate/",
        views.simulate,
        name="simulate",
    ),
]
