from django.urls import path

from outcomes.answer_pages import views

urlpatterns = [
    path("follow-ups/<uuid:follow_up_id>/answered/", views.answers, name="answers")
]
