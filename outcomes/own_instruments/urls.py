from django.urls import path

from outcomes.own_instruments import views

_DRAFT = "instruments/drafts/<uuid:draft_id>/"
_ONE = "instruments/<uuid:instrument_id>/"

urlpatterns = [
    path("instruments/", views.index, name="instruments"),
    path("instruments/bring/", views.bring, name="instrument_bring"),
    path(_DRAFT, views.draft, name="instrument_draft"),
    path(f"{_DRAFT}phone/", views.draft_phone, name="instrument_draft_phone"),
    path(f"{_DRAFT}score/", views.score, name="instrument_draft_score"),
    path(f"{_DRAFT}score-file/", views.score_file, name="instrument_draft_score_file"),
    path(f"{_DRAFT}publish/", views.publish, name="instrument_draft_publish"),
    path(f"{_DRAFT}discard/", views.discard, name="instrument_draft_discard"),
    path(_ONE, views.instrument, name="instrument"),
    path(f"{_ONE}phone/", views.phone, name="instrument_phone"),
    path(f"{_ONE}use/", views.use, name="instrument_use"),
    path(f"{_ONE}questionnaire/", views.export, name="instrument_export"),
    path(
        "instruments/uses/<uuid:use_id>/end/",
        views.end_use,
        name="instrument_use_end",
    ),
]
