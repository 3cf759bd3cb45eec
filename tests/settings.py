from tests import machine

machine.move_in()

from config.settings import *  # noqa: E402, F403
from config.settings import DATA_DIR, DATABASES, IS_SQLITE  # noqa: E402

# Argon2 is slow on purpose; a test signs in often.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if IS_SQLITE:
    # A file, not memory: threads and programs that a test starts see it too.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
