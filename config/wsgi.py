import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Loaded before the web server forks, so that its processes share the pages' code.
get_resolver().url_patterns  # noqa: B018
# What was loaded stays: the collector need not walk through it again and again.
gc.freeze()
