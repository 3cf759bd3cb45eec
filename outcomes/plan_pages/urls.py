from django.urls import path

from outcomes.plan_pages import views

urlpatterns = [path("plans/<uuid:plan_id>/", views.plan, name="plan")]
