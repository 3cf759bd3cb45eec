import contextlib
import gc
import os

from celery import Celery, signals
from kombu.exceptions import OperationalError

from config import transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
transport.put_to_use()
app = Celery("mendline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.beat_init.connect
def ring_at_once(**_: object) -> None:
    """A start looks at what is due right away, not after the first period."""
    for entry in app.conf.beat_schedule.values():
        # Without a broker the periods begin once there is one.
        with contextlib.suppress(OperationalError):
            app.send_task(entry["task"], retry=False, **entry["options"])


@signals.worker_ready.connect
def keep_what_was_loaded(**_: object) -> None:
    """The collector need not walk through all code and models again and again."""
    gc.freeze()
