from django.urls import path

from plans.harm import views

urlpatterns = [
    path(
        "patients/<uuid:patient_id>/adverse-events/new/",
        views.report,
        name="report_harm",
    ),
    path("adverse-events/<uuid:event_id>/", views.adverse_event, name="adverse_event"),
    *(
        path(
            f"adverse-events/<uuid:event_id>/{name.replace('_', '-')}/",
            views.act,
            {"name": name},
            name=f"adverse_event_{name}",
        )
        for name in views.BUTTONS
    ),
]
