from django.urls import URLPattern, path, re_path

from outcomes.in_clinic import (
    diary_pages,
    diary_staff,
    entry_pages,
    paper_pages,
    staff_pages,
    tablet_pages,
)

urlpatterns: list[URLPattern] = [
    path("tablets/", staff_pages.listed, name="tablets"),
    path("tablets/<uuid:tablet_id>/code/", staff_pages.renew, name="tablet_renew"),
    path("tablets/<uuid:tablet_id>/end/", staff_pages.revoke, name="tablet_revoke"),
    path(
        "tablets/<uuid:tablet_id>/take-off/",
        staff_pages.take_off,
        name="tablet_take_off",
    ),
    path(
        "patients/<uuid:patient_id>/answer-here/",
        staff_pages.answer_here,
        name="answer_here",
    ),
    path(
        "interventions/<uuid:intervention_id>/block-diary/",
        diary_staff.page,
        name="block_diary",
    ),
    path(
        "interventions/<uuid:intervention_id>/block-diary/end/",
        diary_staff.close,
        name="close_block_diary",
    ),
    path(
        "follow-ups/<uuid:follow_up_id>/answers/",
        entry_pages.answers,
        name="enter_answers",
    ),
    path(
        "follow-ups/<uuid:follow_up_id>/paper/",
        paper_pages.print_form,
        name="print_paper",
    ),
    path("paper-forms/", paper_pages.find, name="find_paper"),
    path("paper-forms/<uuid:form_id>/", paper_pages.show, name="paper_form"),
    re_path(r"^d/(?P<token>[^/]+)/?$", diary_pages.enter, name="diary_enter"),
    path("diary/", diary_pages.diary, name="diary"),
    path("tablet/", tablet_pages.home, name="tablet"),
    path("tablet/leave/", tablet_pages.leave, name="tablet_leave"),
    path("tablet/code/", tablet_pages.code, name="tablet_code"),
    path("tablet/thanks/<str:language>/", tablet_pages.thanks, name="tablet_thanks"),
    path("tablet/new/", tablet_pages.enrol, name="tablet_enrol"),
    path("tablet/new/<str:code>/", tablet_pages.enrol, name="tablet_new"),
]
