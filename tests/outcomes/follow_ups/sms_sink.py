"""A provider of text messages on loopback that speaks Twilio's API, and badly if asked.

`mood` is how it answers the next calls; what it took it lists, as the real one does.
"""

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

ACCOUNT, TOKEN = "AC0123", "secret-token"
REFUSALS = {"landline": 21614, "no number": 21211, "opted out": 21610, "long": 21617}


class Sink(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.mood = "accept"
        # By a clinic's own number: the code with which it is refused.
        self.refused_senders: dict[str, int] = {}
        # The numbers that asked, in order, whatever they were answered.
        self.callers: list[str] = []
        self.taken: list[dict[str, str]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Call(BaseHTTPRequestHandler):
    server: Sink
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:  # noqa: C901  a line a mood
        length = int(self.headers["Content-Length"])
        fields = dict(parse_qsl(self.rfile.read(length).decode()))
        mood = self.server.mood
        sender = fields.get("From", "")
        self.server.callers.append(sender)
        if mood == "hang":
            self.server.released.wait(120)
        elif mood == "dribble":
            self.dribble()
        elif mood == "drop":
            self.close_connection = True
        elif mood == "then drop":
            self.keep(fields)
            self.close_connection = True
        elif not self.is_signed_in():
            self.answer(401, {"code": 20003})
        elif sender in self.server.refused_senders:
            self.answer(400, {"code": self.server.refused_senders[sender]})
        elif mood in REFUSALS:
            self.answer(400, {"code": REFUSALS[mood], "message": fields["To"]})
        elif mood.startswith("429"):
            self.answer(429, {"code": 20429}, mood.partition(" ")[2])
        elif mood == "queue full":
            self.answer(400, {"code": 21611})
        elif mood.isdecimal():
            self.answer(int(mood), {})
        else:
            self.take(fields)

    def take(self, fields: dict[str, str]) -> None:
        self.answer(201, {"sid": self.keep(fields), "status": "queued"})

    def keep(self, fields: dict[str, str]) -> str:
        sid = f"SM{len(self.server.taken):032d}"
        self.server.taken.append({**fields, "sid": sid})
        return sid

    def do_GET(self) -> None:
        if self.server.mood.isdecimal():
            self.answer(int(self.server.mood), {})
            return
        asked = dict(parse_qsl(urlsplit(self.path).query))
        taken = [one for one in self.server.taken if one["To"] == asked["To"]]
        listed = [{"sid": one["sid"], "body": one["Body"]} for one in taken]
        self.answer(200, {"messages": listed})

    def is_signed_in(self) -> bool:
        wanted = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        is_place = f"/Accounts/{ACCOUNT}/Messages.json" in self.path
        return is_place and self.headers["Authorization"] == f"Basic {wanted}"

    def dribble(self) -> None:
        """A byte now and then, each before a socket's own timeout."""
        with contextlib.suppress(OSError):
            for byte in b"HTTP/1.1 201 Created and so on and on and on":
                if self.server.released.wait(0.1):
                    return
                self.wfile.write(bytes([byte]))
                self.wfile.flush()

    def answer(
        self, status: int, body: dict[str, object], retry_after: str = ""
    ) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(content)


@contextlib.contextmanager
def listening() -> Iterator[Sink]:
    with Sink() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.released.set()
        server.shutdown()
