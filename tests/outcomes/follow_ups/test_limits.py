"""A worker may repeat the commit of what it sent until the lease is nearly gone."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from outcomes.follow_ups.outbox import claiming, sending

SENDERS = ("send_email", "send_sms", "send_message", "send_text")
SHOW = """
import django; django.setup()
from celery import current_app as app
from django.conf import settings
import outcomes.tasks
usual = app.conf.task_time_limit
limits = [app.tasks[f"outcomes.{name}"].time_limit or usual for name in {names}]
print(settings.MESSAGE_LEASE.total_seconds(), min(limits), max(limits), usual)
print(app.conf.broker_transport_options["visibility_timeout"])
"""


@pytest.mark.parametrize("lease", [30, 300, 900])
def test_no_limit_cuts_short_the_recording_of_what_was_sent(lease):
    shown = subprocess.run(
        [sys.executable, "-c", SHOW.replace("{names}", str(SENDERS))],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "MESSAGE_LEASE_SECONDS": str(lease),
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, least, most, usual, visible = map(float, shown.stdout.split())
    assert seconds == lease
    assert least >= sending.SECONDS + lease * claiming.RECORDING_SHARE
    assert visible > max(most, usual)
