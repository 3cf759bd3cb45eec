from django.urls import URLPattern, path

from outcomes.follow_ups import views

urlpatterns: list[URLPattern] = [
    path("follow-ups/", views.follow_ups, name="follow_ups"),
    path(
        "survey-requests/<uuid:request_id>/new-link/", views.new_link, name="new_link"
    ),
    path("plans/<uuid:plan_id>/follow-up/", views.asking, name="asking"),
    path("demo/mailbox/", views.mailbox, name="mailbox"),
]
