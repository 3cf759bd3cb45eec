"""Settings of the web server: gunicorn -c python:config.gunicorn config.wsgi."""

import os

from gunicorn.config import Config
from gunicorn.glogging import Logger

from config import settings
from config.redaction import RedactingFormatter


class RedactingLogger(Logger):
    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for log, layout in (
            (self.error_log, self.error_fmt),
            (self.access_log, self.access_fmt),
        ):
            for handler in log.handlers:
                handler.setFormatter(RedactingFormatter(layout, self.datefmt))


bind = f"127.0.0.1:{settings.PORT}"
worker_class = "gthread"
workers = 2
threads = 4
preload_app = True
timeout = 60
graceful_timeout = 20
control_socket_disable = True

logger_class = RedactingLogger
loglevel = settings.LOG_LEVEL.lower()
accesslog = settings.ACCESS_LOG
# The path alone: a query can hold a name that was searched for.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"

# The heartbeat of a worker belongs in memory where the system has such a folder.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
