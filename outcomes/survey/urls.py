from django.urls import URLPattern, path, re_path

from outcomes.survey import entry, views

urlpatterns: list[URLPattern] = [
    # Some programs put a slash at the end of what they take for a folder.
    re_path(r"^s/(?P<token>[^/]+)/?$", entry.enter, name="enter"),
    path("survey/", views.survey, name="survey"),
    path("survey/<int:number>/", views.question, name="question"),
    path("survey/<int:number>/urgent/", views.urgent, name="question_urgent"),
    path(
        "survey/thank-you/<uuid:clinic_id>/<str:language>/",
        views.thank_you,
        name="thank_you",
    ),
]
