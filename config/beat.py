"""What is done by the clock, and how often."""

from datetime import timedelta
from typing import Any


def schedule(*, tick_seconds: int) -> dict[str, dict[str, Any]]:
    """By name, as Celery's beat reads it."""
    return {
        "tick": _every("outcomes.tick", timedelta(seconds=tick_seconds), expires=60),
        "reconcile": _every("outcomes.reconcile", timedelta(minutes=5)),
        # Each clinic once, in its own night; what one run leaves, the next takes up.
        "important_change": _every("outcomes.important_change", timedelta(minutes=15)),
        "prove_tallies": _every("outcomes.prove_tallies", timedelta(minutes=15)),
        "sign_of_mail": _every("outcomes.sign_of_mail", timedelta(minutes=1)),
        "sign_of_text": _every("outcomes.sign_of_text", timedelta(minutes=1)),
    }


def _every(task: str, pause: timedelta, expires: float = 0) -> dict[str, Any]:
    # What nobody took before the next one is not worth taking late.
    seconds = expires or pause.total_seconds()
    return {"task": task, "schedule": pause, "options": {"expires": seconds}}
