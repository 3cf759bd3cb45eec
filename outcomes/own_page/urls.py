from django.urls import URLPattern, path

from outcomes.own_page import stop_emails, views

urlpatterns: list[URLPattern] = [
    path("stop/<str:token>", stop_emails.ask, name="stop_emails"),
    path("me/", views.own_page, name="own_page"),
    path("me/close/", views.close, name="close_own_page"),
]
