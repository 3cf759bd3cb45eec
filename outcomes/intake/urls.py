from django.urls import URLPattern, path

from outcomes.intake import staff_views, views

urlpatterns: list[URLPattern] = [
    path("survey/intake/<int:number>/", views.step, name="intake_step"),
    # Neutral words: an address stands in logs and in the browser's history.
    path("survey/intake/<int:number>/first/", views.urgent, name="intake_urgent"),
    path(
        "complaints/<uuid:complaint_id>/ask-before-visit/",
        staff_views.ask,
        name="ask_intake",
    ),
    path("intakes/<uuid:intake_id>/review/", staff_views.review, name="review_intake"),
]
