import os

from celery import Celery

from config import transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
transport.put_to_use()
app = Celery("mendline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
