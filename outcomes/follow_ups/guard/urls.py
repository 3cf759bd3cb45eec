from django.urls import URLPattern, path

from outcomes.follow_ups.guard import views

urlpatterns: list[URLPattern] = [
    path("operations/", views.page, name="operations"),
    path("operations/failed/", views.failed_messages, name="failed_messages"),
    path("operations/pause/", views.pause, name="pause_messages"),
    path("operations/release/", views.release, name="release_messages"),
    path("operations/checks/<slug:key>/", views.check, name="check"),
    path("healthz/scheduler", views.scheduler_health, name="scheduler_health"),
    path("metrics", views.metrics_text, name="metrics"),
]
