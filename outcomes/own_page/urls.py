from django.urls import URLPattern, path

from outcomes.own_page import views

urlpatterns: list[URLPattern] = [
    path("me/", views.own_page, name="own_page"),
    path("me/close/", views.close, name="close_own_page"),
]
