import sys
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.http import require_GET, require_POST

from clinic import audit
from clinic.middleware import SESSION_KEY
from clinic.requests import StaffRequest

# How long a program should leave us alone while the database is away.
AWAY_SECONDS = 10


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive and able to read the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@require_GET
def choose(request: StaffRequest) -> HttpResponse:
    held = request.user.memberships.select_related("clinic").order_by("clinic__name")
    return render(request, "clinic/choose.html", {"memberships": held})


@require_POST
def enter(request: StaffRequest, clinic_id: UUID) -> HttpResponse:
    held = get_object_or_404(request.user.memberships, clinic=clinic_id)
    request.session[SESSION_KEY] = str(held.clinic_id)
    audit.record(by=request.user, action="clinic.entered", about=held.clinic)
    messages.success(request, f"You now work in {held.clinic.name}.")
    return redirect("/")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 where the database is away, for then nothing of ours broke."""
    if not _is_database_away(sys.exc_info()[1]):
        return defaults.server_error(request)
    headers = {"Retry-After": str(AWAY_SECONDS), "Cache-Control": "no-store"}
    status = HTTPStatus.SERVICE_UNAVAILABLE
    if request.path.startswith("/api/"):
        said = {"detail": "The database is away. Try again in a moment."}
        return JsonResponse(said, status=status, headers=headers)
    page = render_to_string("503.html")
    return HttpResponse(page, status=status, headers=headers)


def _is_database_away(error: BaseException | None) -> bool:
    """SQLite gives its general error to what only another statement would mend."""
    if isinstance(error, OperationalError):
        return getattr(error.__cause__, "sqlite_errorname", "") != "SQLITE_ERROR"
    return isinstance(error, InterfaceError)
