import hmac
from ipaddress import ip_address

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, workplace
from outcomes.follow_ups.guard import (
    checks,
    failed,
    health,
    metrics,
    operations,
    pauses,
    releasing,
    ticks,
)
from outcomes.follow_ups.guard.forms import PauseForm, ReleaseForm

SHOWN = 100
# What a proxy adds: such a request comes from elsewhere, whoever hands it to us.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@require_GET
def page(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_FOLLOW_UPS)
    return _shown(request)


def _shown(
    request: StaffRequest,
    pause_form: PauseForm | None = None,
    release_form: ReleaseForm | None = None,
) -> HttpResponse:
    shown = operations.page(request.user, workplace(request), clock.now())
    forms = {
        "pause_form": pause_form or PauseForm(),
        "release_form": release_form or ReleaseForm(),
    }
    return render(request, "outcomes/guard/operations.html", shown | forms)


@require_GET
def failed_messages(request: StaffRequest) -> HttpResponse:
    """What did not arrive within a month, and what to do about it."""
    access.require(request.user, Act.READ_FOLLOW_UPS)
    clinic = workplace(request)
    choice = failed.Choice.of(request.GET)
    found = choice.among(failed.rows(request.user, clock.now()))
    person = "request__patient"
    related = found.select_related(
        *("request", f"{person}__clinic", f"{person}__merged_into__clinic")
    )
    page = Paginator(related, SHOWN).get_page(request.GET.get("page"))
    audit.record(
        by=request.user,
        action="messages.failed_listed",
        about=clinic,
        patients=[one.request.patient.kept_id for one in page],
    )
    context = {"page": page, "days": failed.RECENT.days, "choice": choice}
    return render(request, "outcomes/guard/failed.html", context)


@require_POST
def pause(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.PAUSE_MESSAGES)
    form = PauseForm(request.POST)
    if carry_out(request, form, pauses.pause, workplace(request)) is None:
        return _shown(request, pause_form=form)
    messages.success(request, "Nothing goes to patients until somebody releases it.")
    return redirect("outcomes:operations")


@require_POST
def release(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.PAUSE_MESSAGES)
    form = ReleaseForm(request.POST)
    if carry_out(request, form, pauses.release, workplace(request)) is not None:
        over = dict(releasing.SPREADS)[form.cleaned_data["spread"]]
        messages.success(request, f"Messages go again, spread over {over}.")
    elif form.non_field_errors():
        # A colleague was faster: the form is not on the page any more.
        messages.error(request, " ".join(map(str, form.non_field_errors())))
    else:
        return _shown(request, release_form=form)
    return redirect("outcomes:operations")


@require_GET
def check(request: StaffRequest, key: str) -> HttpResponse:
    """The rows that one check found, by their ids."""
    access.require(request.user, Act.MANAGE_CLINIC)
    chosen = checks.BY_KEY.get(key)
    if chosen is None:
        raise Http404("There is no such check.")
    clinic, now = workplace(request), clock.now()
    found = checks.ids(chosen, clinic, now, SHOWN)
    audit.record(
        by=request.user,
        action="operations.check_read",
        about=clinic,
        patients=[patient for _, patient in found],
        check=key,
    )
    context = {"check": chosen, "found": found, "shown": SHOWN}
    return render(request, "outcomes/guard/check.html", context)


@login_not_required
@require_GET
def scheduler_health(request: HttpRequest) -> HttpResponse:
    """200 while ticks end, else 503 with the reason; says nothing of any clinic."""
    sign = health.sign_of(ticks.TICK, clock.now())
    reason = health.reason(sign)
    said = {"status": "late" if reason else "ok", "age_seconds": sign.seconds}
    if reason:
        said["reason"] = reason
    return JsonResponse(said, status=503 if reason else 200)


@login_not_required
@require_GET
def metrics_text(request: HttpRequest) -> HttpResponse:
    if not _may_read_metrics(request):
        return HttpResponse("Not for you.\n", status=403, content_type="text/plain")
    return HttpResponse(metrics.text(clock.now()), content_type=metrics.CONTENT_TYPE)


def _may_read_metrics(request: HttpRequest) -> bool:
    """Whoever holds the token; without one set, who asks from this machine itself."""
    token = settings.METRICS_TOKEN
    if token:
        said = request.headers.get("Authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {token}".encode())
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
