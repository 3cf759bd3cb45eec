from django.urls import URLPattern, path

from outcomes.clinician_parts import views

urlpatterns: list[URLPattern] = [
    path(
        "follow-ups/<uuid:follow_up_id>/examination/",
        views.clinician_part,
        name="clinician_part",
    ),
]
