"""What a process has handed over and not recorded yet, on disk beside it.

Messages are recorded several at a time. A process that is killed between a provider's
yes and our record of it leaves its journal behind, and the next one to look reads there
what went, instead of sending it again. Without a journal all that is lost is this: what
was begun is in doubt when its lease runs out.
"""

import contextlib
import errno
import fcntl
import json
import logging
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from outcomes.follow_ups.channels.outcome import Verdict
from outcomes.follow_ups.guard import machine
from outcomes.follow_ups.outbox.claiming import Claimed
from outcomes.follow_ups.outbox.recording import Done

logger = logging.getLogger(__name__)

SUFFIX = ".journal"


@dataclass(slots=True)
class Journal:
    """Of one process; nobody else reads it as long as that lives."""

    _file: int | None
    # Whether it says what the database does not.
    is_ahead: bool = False

    def begin(self, some: Sequence[Claimed]) -> None:
        """These are handed over next, in this order; the former ones are recorded."""
        ids = [one.lease.message_id.hex for one in some]
        self.is_ahead = True
        self._write([machine.boot(), some[0].lease.token.hex, *ids], anew=True)

    def note(self, done: Done) -> None:
        """What became of one of them; no number or address is written down."""
        told = done.outcome
        line = [done.lease.message_id.hex, str(told.verdict)]
        if told.verdict == Verdict.ACCEPTED:
            line += [told.detail, told.provider_ref, done.sent_to]
        self._write(line)

    def recorded(self) -> None:
        self.is_ahead = False

    def _write(self, line: Sequence[str], *, anew: bool = False) -> None:
        if self._file is None:
            return
        written = json.dumps(line).encode() + b"\n"
        try:
            if anew:
                os.ftruncate(self._file, 0)
            if os.write(self._file, written) < len(written):
                raise OSError(errno.ENOSPC, "written in part")
        except OSError as error:
            # Sending does not depend on it. What it said before is not all there is.
            logger.error("the outbox's journal: %s", type(error).__name__)
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, 0)
            self._file = None


@contextlib.contextmanager
def kept() -> Iterator[Journal]:
    """One for the time of sending; left where its last messages are not recorded."""
    path = settings.OUTBOX_JOURNALS / uuid.uuid4().hex
    with contextlib.ExitStack() as stack:
        try:
            file = _new(path, stack)
        except OSError as error:
            logger.error("the outbox's journal: %s", type(error).__name__)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            yield Journal(None)
            return
        journal = Journal(file)
        try:
            yield journal
        finally:
            if not journal.is_ahead:
                path.with_suffix(SUFFIX).unlink(missing_ok=True)


def _new(path: Path, stack: contextlib.ExitStack) -> int:
    """It gets the name that others look for once it is locked."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
    stack.callback(os.close, file)
    fcntl.flock(file, fcntl.LOCK_EX)
    path.rename(path.with_suffix(SUFFIX))
    return file


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that a provider took."""

    message_id: UUID
    detail: str
    provider_ref: str
    sent_to: str


@dataclass(frozen=True, slots=True)
class Left:
    """What the journal of a process that is gone says."""

    # Of the lease on all that the process had claimed.
    token: UUID
    taken: Sequence[Taken]
    # They may have gone: the one that the process was at, and what no answer came to.
    in_doubt: frozenset[UUID]
    # They have not: refused, or not begun when it stopped.
    not_gone: frozenset[UUID]


def paths() -> Iterable[Path]:
    return settings.OUTBOX_JOURNALS.glob(f"*{SUFFIX}")


@contextlib.contextmanager
def of_the_gone(path: Path) -> Iterator[Left | None]:
    """What it says, None where that is nothing; removed at the end, unless that fails.

    Raises BlockingIOError where its process lives.
    """
    with path.open("r+", encoding="utf-8", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield _read(file)
        path.unlink(missing_ok=True)


def _read(lines: Iterable[str]) -> Left | None:
    read = list(_understood(lines))
    if not read or len(read[0]) < 2:
        return None
    (boot, token, *ids), *notes = read
    try:
        begun = [UUID(message_id) for message_id in ids]
        told = {UUID(message_id): note for message_id, *note in notes if note}
        return _sorted_out(
            UUID(token), begun, told, is_same_boot=boot == machine.boot()
        )
    except (ValueError, TypeError):
        return None


def _understood(lines: Iterable[str]) -> Iterator[list[str]]:
    """As far as it was written: the last line may have been cut off."""
    with contextlib.suppress(ValueError):
        for line in lines:
            said = json.loads(line)
            if not isinstance(said, list):
                return
            yield said


def _sorted_out(
    token: UUID,
    begun: Sequence[UUID],
    told: Mapping[UUID, Sequence[str]],
    *,
    is_same_boot: bool,
) -> Left:
    taken = [
        Taken(message_id, *more)
        for message_id, (verdict, *more) in told.items()
        if verdict == Verdict.ACCEPTED
    ]
    untold = [message_id for message_id in begun if message_id not in told]
    # A machine that stopped may have kept the first line and lost the others.
    in_doubt = untold[:1] if is_same_boot else untold
    unclear = frozenset(
        one for one, (verdict, *_) in told.items() if verdict == Verdict.UNCERTAIN
    )
    doubted = unclear.union(in_doubt)
    went = {one.message_id for one in taken}
    return Left(token, taken, doubted, frozenset(begun) - doubted - went)
