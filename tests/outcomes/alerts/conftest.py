from pathlib import Path

import pytest

from outcomes.follow_ups.channels import email


@pytest.fixture
def mail_folder(settings, tmp_path: Path) -> Path:
    """Mail stays on disk, and without a broker the tick sends by itself."""
    settings.REDIS_URL = ""
    settings.EMAIL_BACKEND = email.MAILBOX
    settings.MAILBOX_DIR = tmp_path / "mail"
    return settings.MAILBOX_DIR
