from django.urls import URLPattern, path, re_path

from outcomes.own_page import (
    data_views,
    settings_views,
    staff_views,
    stop_emails,
    views,
)

urlpatterns: list[URLPattern] = [
    re_path(r"^stop/(?P<token>[^/]+)/?$", stop_emails.ask, name="stop_emails"),
    path("me/", views.own_page, name="own_page"),
    path("me/settings/", settings_views.own_settings, name="own_settings"),
    path("me/phrase/", settings_views.own_phrase, name="own_phrase"),
    path("me/stop/", settings_views.own_stop, name="own_stop"),
    path("me/answers/", data_views.own_data, name="own_data"),
    path("me/answers.csv", data_views.own_file, name="own_file"),
    path("me/card/", data_views.own_card, name="own_card"),
    path(
        "patients/<uuid:patient_id>/checkout-card/",
        staff_views.checkout_card,
        name="checkout_card",
    ),
    path("me/close/", views.close, name="close_own_page"),
]
