from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import audit
from clinic.middleware import SESSION_KEY
from clinic.requests import StaffRequest


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
