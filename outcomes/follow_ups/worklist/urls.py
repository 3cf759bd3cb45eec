from django.urls import URLPattern, path

from outcomes.follow_ups.worklist import call_views, sent_views, views

CALL = "follow-ups/<uuid:follow_up_id>/call/"

urlpatterns: list[URLPattern] = [
    path("follow-ups/", views.follow_ups, name="follow_ups"),
    path("follow-ups/act/", views.act, name="act_on_follow_ups"),
    path("follow-ups/reassign/", views.reassign, name="reassign"),
    path("follow-ups/sent/", sent_views.messages_to, name="sent"),
    path(CALL, call_views.call, name="call"),
    path(f"{CALL}refused/", call_views.refused, name="call_refused"),
    path(f"{CALL}died/", call_views.died, name="call_died"),
]
