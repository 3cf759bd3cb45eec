from django.urls import path

from plans.protocols import draft_views, moving_views, views

urlpatterns = [
    path("protocols/", views.protocols, name="protocols"),
    path("protocols/new/", draft_views.new, name="draft_new"),
    path("protocols/<uuid:protocol_id>/", views.protocol, name="protocol"),
    path(
        "protocols/<uuid:protocol_id>/compare/<uuid:other_id>/",
        views.compare,
        name="protocol_compare",
    ),
    path("protocols/<uuid:protocol_id>/edit/", draft_views.begin, name="draft_begin"),
    path(
        "protocols/<uuid:protocol_id>/retire/",
        draft_views.retire,
        name="protocol_retire",
    ),
    path(
        "protocols/<uuid:protocol_id>/bring-back/",
        draft_views.bring_back,
        name="protocol_bring_back",
    ),
    path(
        "protocols/<uuid:protocol_id>/move-plans/",
        moving_views.move,
        name="protocol_move",
    ),
    path("protocol-drafts/<uuid:draft_id>/", draft_views.edit, name="draft"),
    path(
        "protocol-drafts/<uuid:draft_id>/publish/",
        draft_views.publish,
        name="draft_publish",
    ),
    path(
        "protocol-drafts/<uuid:draft_id>/discard/",
        draft_views.discard,
        name="draft_discard",
    ),
]
