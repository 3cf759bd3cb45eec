from django.urls import URLPattern, path

from outcomes.follow_ups.wording import views

ONE = "messages/wording/<slug:channel>/<slug:kind>/<slug:language>/"
urlpatterns: list[URLPattern] = [
    path("messages/wording/", views.wordings, name="wordings"),
    path(ONE, views.wording, name="wording"),
    path(f"{ONE}default/", views.reset, name="wording_reset"),
]
