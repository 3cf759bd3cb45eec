from django.urls import URLPattern, path

from clinic.settings_pages import closed_day_views, views

urlpatterns: list[URLPattern] = [
    path("settings/", views.clinic_settings, name="settings"),
    path("settings/locations/", views.clinic_locations, name="locations"),
    path(
        "settings/locations/<uuid:location_id>/",
        views.rename_location,
        name="rename_location",
    ),
    path("settings/closed-days/", closed_day_views.days, name="closed_days"),
    path(
        "settings/closed-days/holidays/",
        closed_day_views.add_holidays,
        name="add_holidays",
    ),
    path(
        "settings/closed-days/<uuid:closed_day_id>/remove/",
        closed_day_views.remove,
        name="remove_closed_day",
    ),
]
