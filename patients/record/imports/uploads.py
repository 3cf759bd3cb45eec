"""Writes an upload straight into our own folder, and stops at the limit."""

import contextlib
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from patients.record.imports import content, files


class Incoming(UploadedFile):
    """Lies in our folder until it is taken over, or the request ends."""

    def __init__(self, name: str) -> None:
        # Closed with the request, as every upload is.
        file = tempfile.NamedTemporaryFile(dir=files.folder(), prefix="upload-")  # noqa: SIM115
        super().__init__(file, name)
        self.path = Path(file.name)

    def close(self) -> None:
        # Taken over, it has another name by now.
        with contextlib.suppress(FileNotFoundError):
            super().close()


class LimitedUpload(FileUploadHandler):
    """Django's own would fill the temporary folder, which others may read."""

    file: Incoming
    is_too_large = False

    @property
    def too_large(self) -> str:
        """What is said where it is."""
        most = content.LARGEST // 1024 // 1024
        return f"The file is larger than {most} MB. Divide it into several."

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.file = Incoming(self.file_name or "")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > content.LARGEST:
            self.is_too_large = True
            # What is left of it is read and forgotten, so that a page can answer.
            raise SkipFile
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> Incoming:
        self.file.flush()
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
