from django.urls import URLPattern, path

from outcomes.follow_ups import views
from outcomes.follow_ups.channels import letter_pages
from outcomes.follow_ups.incoming import urls as incoming
from outcomes.follow_ups.worklist import urls as worklist

urlpatterns: list[URLPattern] = [
    *worklist.urlpatterns,
    path(
        "survey-requests/<uuid:request_id>/new-link/", views.new_link, name="new_link"
    ),
    path("plans/<uuid:plan_id>/follow-up/", views.asking, name="asking"),
    path("demo/mailbox/", views.mailbox, name="mailbox"),
    path("messages/letters/", letter_pages.letters, name="letters"),
    path("messages/letters/print/", letter_pages.print_letters, name="print_letters"),
    path(
        "messages/letters/printed/", letter_pages.mark_printed, name="letters_printed"
    ),
    path(
        "messages/letters/<uuid:message_id>/",
        letter_pages.print_letter,
        name="print_letter",
    ),
    *incoming.urlpatterns,
]
