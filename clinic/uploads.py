"""Files that are sent to a page, bounded before they are read."""

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest

# The rest of a form: its token and the lines between the parts.
OVERHEAD = 64 * 1024


def is_within(request: HttpRequest, most_bytes: int) -> bool:
    """Whether the body can hold no larger file; the server reads no more than said."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and int(length) <= most_bytes + OVERHEAD


class InMemoryUpload(MemoryFileUploadHandler):
    """Keeps a bounded file in memory: nothing of a patient is left in /tmp."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True
