"""What a browser gets that asked for a PDF."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render

from clinic.models import Clinic
from clinic.requests import StaffRequest
from outcomes.sheets.typesetting import paper, pdf


def made(
    request: StaffRequest,
    template: str,
    data: Mapping[str, Any],
    *,
    clinic: Clinic,
    language: str = "en",
) -> HttpResponse:
    """The file, named for what it is and for nobody; else a page that says why not."""
    try:
        size = paper.asked(request.GET.get("paper", ""), clinic)
        content = pdf.make(template, data, paper=size, language=language)
    except ValidationError as error:
        return refused(request, " ".join(error.messages), 400)
    except pdf.TypesettingError:
        return refused(request, "The PDF could not be made. Print the page.", 503)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{template}.pdf"'},
    )


def refused(request: StaffRequest, words: str, status: int) -> HttpResponse:
    return render(
        request, "outcomes/sheets/refused.html", {"words": words}, status=status
    )
