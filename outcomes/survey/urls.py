from django.urls import URLPattern, path

from outcomes.survey import entry, views

urlpatterns: list[URLPattern] = [
    path("s/<str:token>", entry.enter, name="enter"),
    path("survey/", views.survey, name="survey"),
    path("survey/<int:number>/", views.question, name="question"),
    path("survey/<int:number>/urgent/", views.urgent, name="question_urgent"),
    path(
        "survey/thank-you/<uuid:clinic_id>/<str:language>/",
        views.thank_you,
        name="thank_you",
    ),
]
