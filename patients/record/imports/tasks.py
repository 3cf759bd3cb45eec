"""The worker's part of an import: an id as argument, safe to run twice.

Named to the worker of the queue `celery` by --include and found by no other process:
it brings `fhir.resources` along, 30 MB that web, mail and beat have no use for.
"""

import logging
from uuid import UUID

from celery import shared_task
from django.db import OperationalError

from clinic import doorbell, pieces
from patients.record.imports import runs, work

logger = logging.getLogger(__name__)


@shared_task(name=runs.TASK)
def work_off_import(run_id: str) -> None:
    """A piece of it; the next piece waits behind whatever else is in the queue."""
    try:
        is_unfinished = work.work_off(UUID(run_id), seconds=pieces.PIECE_SECONDS)
    except OperationalError as error:
        # The text of a database error can hold a name or an address.
        logger.error("import %s: %s", run_id, type(error).__name__)
    else:
        if is_unfinished:
            doorbell.ring(runs.TASK, UUID(run_id))
