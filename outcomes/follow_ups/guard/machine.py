"""The clock of the machine itself, which nobody can set: it runs from boot to boot."""

import functools
import time
import uuid
from pathlib import Path

LINUX_BOOT = Path("/proc/sys/kernel/random/boot_id")


@functools.cache
def boot() -> str:
    """One name for each start of the machine; elsewhere for each of the process."""
    try:
        return LINUX_BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return f"process-{uuid.uuid4()}"


def uptime() -> float:
    """Seconds since then, those asleep included."""
    # Linux counts sleep in this one only; elsewhere the monotonic clock runs on.
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(kind)
