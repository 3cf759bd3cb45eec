from django.urls import URLPattern, path

from outcomes.alerts import set_up_views, views

urlpatterns: list[URLPattern] = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/", views.alert, name="alert"),
    path("alerts/rules/", set_up_views.rules, name="alert_rules"),
    path("alerts/rules/<slug:key>/", set_up_views.rule, name="alert_rule"),
    path("alerts/on-call/", set_up_views.on_call, name="rota"),
    path(
        "alerts/on-call/<uuid:shift_id>/remove/",
        set_up_views.remove_shift,
        name="remove_shift",
    ),
]
