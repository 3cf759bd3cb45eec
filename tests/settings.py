import os
import tempfile

os.environ.setdefault("MENDLINE_DATA", tempfile.mkdtemp(prefix="mendline-test-"))

from config.settings import *  # noqa: E402, F403

# Argon2 is slow on purpose; a test signs in often.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
