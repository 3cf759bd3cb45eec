"""What a process has handed over and not recorded yet, on disk beside it.

Messages are recorded several at a time. A process that is killed between a provider's
yes and our record of it leaves its journal behind, and the next one to look reads there
what went, instead of sending it again. Without a journal all that is lost is this: what
was begun is in doubt when its lease runs out.
"""

import contextlib
import fcntl
import json
import logging
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from outcomes.follow_ups.channels.outcome import Verdict
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
        self._write([some[0].lease.token.hex, *ids], anew=True)

    def note(self, done: Done) -> None:
        """What became of one of them; no number or address is written down."""
        line = [done.lease.message_id.hex]
        if done.outcome.verdict == Verdict.ACCEPTED:
            line += [done.outcome.detail, done.outcome.provider_ref, done.sent_to]
        self._write(line)

    def recorded(self) -> None:
        self.is_ahead = False

    def _write(self, line: Sequence[str], *, anew: bool = False) -> None:
        if self._file is None:
            return
        try:
            if anew:
                os.ftruncate(self._file, 0)
            os.write(self._file, json.dumps(line).encode() + b"\n")
        except OSError as error:
            # Sending does not depend on it.
            logger.error("the outbox's journal: %s", type(error).__name__)
            self._file = None


@contextlib.contextmanager
def kept() -> Iterator[Journal]:
    """One for the time of sending; left where its last messages are not recorded."""
    path = settings.OUTBOX_JOURNALS / uuid.uuid4().hex
    try:
        file = _new(path)
    except OSError as error:
        logger.error("the outbox's journal: %s", type(error).__name__)
        yield Journal(None)
        return
    journal = Journal(file)
    try:
        yield journal
    finally:
        if not journal.is_ahead:
            path.with_suffix(SUFFIX).unlink(missing_ok=True)
        os.close(file)


def _new(path: Path) -> int:
    """It gets the name that others look for once it is locked."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
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
    # The one that it was at: it may have gone.
    in_doubt: UUID | None


def left() -> Iterator[Left]:
    """Of processes that are gone; each is removed when the next one is asked for.

    Where whoever asks fails before that, it stays.
    """
    for path in settings.OUTBOX_JOURNALS.glob(f"*{SUFFIX}"):
        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(path.open(encoding="utf-8"))
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (FileNotFoundError, BlockingIOError):
                continue
            found = _read(file)
            if found:
                yield found
            path.unlink(missing_ok=True)


def _read(lines: Iterable[str]) -> Left | None:
    """None where it says nothing."""
    read = list(_understood(lines))
    if not read:
        return None
    (token, ids), *notes = read
    noted = dict(notes)
    taken = [Taken(message_id, *told) for message_id, told in notes if told]
    begun = (UUID(message_id) for message_id in ids)
    in_doubt = next((one for one in begun if one not in noted), None)
    return Left(token, taken, in_doubt)


def _understood(lines: Iterable[str]) -> Iterator[tuple[UUID, list[str]]]:
    """As far as it was written: the last line may have been cut off."""
    with contextlib.suppress(ValueError):
        for line in lines:
            first, *more = json.loads(line)
            yield UUID(first), more
