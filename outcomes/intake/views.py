"""The patient's pages before a visit: a screen a topic, kept as it is answered."""

from datetime import date

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from outcomes.follow_ups.planning import calendar
from outcomes.intake import answering, reading, sheet, step_page, urgency
from outcomes.intake.reading import AnswerError
from outcomes.intake.sheet import Sheet
from outcomes.survey import autosave, pages, questionnaire, urgent_page, views
from outcomes.survey.order import Stamp
from outcomes.survey.urgency import AT_ONCE
from outcomes.survey.visits import Visit, for_patient


@require_http_methods(["GET", "HEAD", "POST"])
@for_patient
def step(visit: Visit, number: int) -> HttpResponse:
    shown = sheet.read(visit.request, at=visit.at)
    if not 1 <= number <= shown.total:
        is_sent = visit.http.method == "POST"
        return views.changed(visit) if is_sent else pages.redirect("outcomes:survey")
    if visit.http.method == "POST":
        return _answer(visit, shown, number)
    return _show(visit, shown, number, error=_reminder(visit, shown, number))


@require_safe
@for_patient
def urgent(visit: Visit, number: int) -> HttpResponse:
    """What cannot wait until somebody reads it, said before anything else is asked."""
    shown = sheet.read(visit.request, at=visit.at)
    if not 1 <= number <= shown.total:
        return pages.redirect("outcomes:survey")
    tier = urgency.of_step(shown, shown.steps[number - 1], _today(visit))
    if tier not in AT_ONCE:
        return pages.redirect("outcomes:survey")
    return urgent_page.render(visit, tier)


def _answer(visit: Visit, shown: Sheet, number: int) -> HttpResponse:
    form, asked = visit.http.POST, shown.steps[number - 1]
    if form.get("question") != asked.key:
        return views.changed(visit)
    go = autosave.go_of(visit.http, "next")
    sent = dict(form.lists())
    try:
        read = reading.read(asked, sent, _today(visit))
        tier = answering.save(
            visit.request,
            asked,
            read,
            stamp=Stamp.read(form),
            language=visit.language,
            at=visit.at,
        )
    except AnswerError as error:
        # Whoever goes back need not answer; but what was written is not dropped.
        if go == "back" and error.key != reading.TOO_LONG:
            return _to(max(number - 1, 1))
        return _show(visit, shown, number, error=error.key, sent=sent)
    if tier in AT_ONCE:
        return urgent_page.lead(visit, "outcomes:intake_urgent", number, tier, go)
    return _onward(visit, number, go, is_still_open=bool(read.still_open))


def _onward(visit: Visit, number: int, go: str, *, is_still_open: bool) -> HttpResponse:
    if go == autosave.STAY:
        return autosave.kept()
    if go == "back":
        return _to(max(number - 1, 1))
    if is_still_open:
        return _to(number)
    if go == "send":
        return views.send(visit)
    total = sheet.read(visit.request, at=visit.at).total
    return _to(number + 1) if number < total else pages.redirect("outcomes:survey")


def _show(
    visit: Visit,
    shown: Sheet,
    number: int,
    *,
    error: str = "",
    sent: dict[str, list[str]] | None = None,
) -> HttpResponse:
    is_last = number == shown.total
    is_end = is_last and not questionnaire.read(visit.request).total
    return step_page.render(visit, shown, number, is_end=is_end, error=error, sent=sent)


def _reminder(visit: Visit, shown: Sheet, number: int) -> str:
    """The key of what a page says that is shown again because something is missing."""
    asked = shown.steps[number - 1]
    if views.CHANGED in visit.http.GET:
        return "changed"
    if asked.is_answered(shown.given):
        return ""
    if asked.earlier(shown.given):
        return reading.REST
    return "intake_passed_over" if views.PASSED_OVER in visit.http.GET else ""


def _to(number: int) -> HttpResponse:
    return pages.redirect("outcomes:intake_step", number)


def _today(visit: Visit) -> date:
    return calendar.local_day(visit.at, visit.request.person.time_zone)
