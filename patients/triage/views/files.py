"""Attaching a report to a study, and fetching it again."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, uploads
from clinic.access import Act
from clinic.models import User
from clinic.requests import StaffRequest
from patients import rows
from patients.models import Study, StudyFile
from patients.triage.study_files import attaching, file_types
from patients.triage.views import studies

LOST = (
    "This report is in the record, but not as it came: it is missing or was changed "
    "where files are kept. Tell whoever looks after the server."
)


# The token stands in the body, and looking for it reads all of it: only when the size
# is known to be bounded, and there is a place for it, is it looked for.
@csrf_exempt
@require_POST
def attach(request: StaffRequest, study_id: UUID) -> HttpResponse:
    study = rows.find_study(request, study_id)
    access.require(request.user, Act.RECORD_FINDINGS)
    if not uploads.is_within(request, file_types.MOST_BYTES):
        said = " ".join(file_types.too_large().messages)
        return studies.shown(request, study, file_error=said, status=413)
    request.upload_handlers = [uploads.InMemoryUpload(request)]
    return attached(request, study)


@csrf_protect
def attached(request: StaffRequest, study: Study) -> HttpResponse:
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise file_types.refusal("Choose a file first.")
        attaching.attach(
            study, by=request.user, name=upload.name or "", content=upload.read()
        )
    except ValidationError as error:
        said = " ".join(error.messages)
        return studies.shown(request, study, file_error=said)
    messages.success(request, "Attached.")
    return redirect("patients:study", study.pk)


@require_GET
def study_file(request: StaffRequest, file_id: UUID) -> HttpResponse:
    visible = StudyFile.objects.visible_to(request.user)
    file = get_object_or_404(visible, pk=file_id)
    content = attaching.content_of(file)
    if content is None:
        study = rows.find_study(request, file.study_id)
        return studies.shown(request, study, file_error=LOST, status=404)
    return given_out(file, content, by=request.user)


def given_out(file: StudyFile, content: bytes, *, by: User) -> HttpResponse:
    """The bytes, to be saved and never shown in our own pages' name."""
    audit.record(by=by, action="study_file.read", about=file)
    return HttpResponse(
        content,
        headers={
            "Content-Type": file.content_type,
            "Content-Disposition": file_types.disposition(file.name),
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )
