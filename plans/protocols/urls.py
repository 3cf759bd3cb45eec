from django.urls import path

from plans.protocols import views

urlpatterns = [
    path("protocols/", views.protocols, name="protocols"),
    path("protocols/<uuid:protocol_id>/", views.protocol, name="protocol"),
]
