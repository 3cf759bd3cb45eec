"""A mail server on loopback that behaves as badly as a test asks for."""

import contextlib
import re
import socketserver
import threading
from collections.abc import Iterator

MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.IGNORECASE | re.MULTILINE)

REFUSALS = {"450", "451", "452", "550", "552"}


class Sink(socketserver.ThreadingTCPServer):
    """Counts what it accepted, by Message-ID, at the moment it answers 250."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mood = "accept"
        # Seconds that it thinks about each letter, before it has any of it: what it
        # has whole it takes, whether or not somebody waits for the answer.
        self.delay = 0.0
        self.stalls_for = 30.0
        self.accepted: list[str] = []
        self.conversations = 0
        self.stalled = threading.Event()
        self.released = threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def stall(self) -> None:
        self.stalled.set()
        self.released.wait(self.stalls_for)


class Conversation(socketserver.StreamRequestHandler):
    server: Sink

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        # A client that was killed says no goodbye.
        with contextlib.suppress(OSError):
            self.talk()

    def talk(self) -> None:
        mood = self.server.mood
        if mood == "hang at once":
            self.server.stall()
            return
        if mood in {"421", "554"}:
            self.say(f"{mood} go away")
            return
        self.server.conversations += 1
        self.say("220 sink")
        for line in self.rfile:
            if mood == "dawdle":
                self.server.released.wait(0.2)
            if not self.answer(line[:4].upper(), mood):
                return

    def answer(self, verb: bytes, mood: str) -> bool:
        """Whether the conversation goes on."""
        if verb == b"DATA":
            return self.take(mood)
        if verb == b"RCPT" and self.server.delay:
            self.server.released.wait(self.server.delay)
        if verb == b"RCPT" and mood in REFUSALS:
            self.say(f"{mood} no")
        elif verb == b"EHLO" and mood == "535":
            self.say("250-sink\r\n250 AUTH PLAIN")
        elif verb == b"AUTH":
            self.say("535 no")
        else:
            self.say("221 bye" if verb == b"QUIT" else "250 ok")
        return True

    def content(self) -> bytes | None:
        """None where the client was gone before its end."""
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line)
        return None

    def take(self, mood: str) -> bool:
        """Whether the conversation goes on after the content."""
        self.say("354 go on")
        content = self.content()
        if content is None:
            return False
        if mood == "hang":
            self.server.stall()
        if mood in {"hang", "drop"}:
            return False
        found = MESSAGE_ID.search(content)
        self.server.accepted.append(found[1].decode() if found else "")
        self.say("250 taken")
        return mood != "one each"


@contextlib.contextmanager
def listening() -> Iterator[Sink]:
    with Sink() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.released.set()
        server.shutdown()
