from django.urls import URLPattern, path

from outcomes.follow_ups.incoming import views, webhooks

urlpatterns: list[URLPattern] = [
    path("messages/inbox/", views.inbox, name="inbox"),
    path("messages/inbox/<uuid:message_id>/read/", views.mark_read, name="inbox_read"),
    path(
        "webhooks/sms/<slug:provider>/status/", webhooks.sms_status, name="sms_status"
    ),
    path(
        "webhooks/sms/<slug:provider>/inbound/",
        webhooks.sms_inbound,
        name="sms_inbound",
    ),
    path(
        "webhooks/email/<slug:provider>/tracking/",
        webhooks.esp_tracking,
        name="esp_tracking",
    ),
    path(
        "webhooks/email/<slug:provider>/inbound/",
        webhooks.esp_inbound,
        name="esp_inbound",
    ),
    path("webhooks/email/inbound/", webhooks.email_inbound, name="email_inbound"),
]
