"""What a patient's first pages cost the server, and what they weigh on the way.

So many patients each open their link, send their date of birth and see the first
question, through Django's own test client: its few tenths of a millisecond are counted.
"""

import argparse
import gzip
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.staticfiles import finders
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from benchmarks import scratch
from clinic import clock
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import due
from outcomes.models import Message
from tests import factories

BIRTH_DATE = {"day": "14", "month": "3", "year": "1957"}
# Promised for the page that asks for the date of birth and the first question, each
# with what it loads. What is sent between them is shown beside it.
MOST_MILLISECONDS, MOST_BYTES, MOST_REQUESTS = 30.0, 60_000, 3
WARM_UP = 10
# Page files without being gathered first.
PLAIN_FILES = {
    "STORAGES": {
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
    },
    "ALLOWED_HOSTS": ["testserver"],
}
LINK, BORN, RESUME, FIRST = "link", "date sent", "to the question", "question"


@dataclass(slots=True)
class Page:
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    statements: int = 0
    html: bytes = b""

    def __str__(self) -> str:
        wall, cpu = statistics.median(self.wall), statistics.median(self.cpu)
        slow = statistics.quantiles(self.wall, n=20)[-1]
        return (
            f"{wall:5.1f} ms (19 of 20 within {slow:.1f}), of it {cpu:.1f} of the "
            f"processor; {self.statements} SQL"
        )

    @property
    def milliseconds(self) -> float:
        return statistics.median(self.wall)


def links(patients: int) -> list[str]:
    """Of as many patients, each asked a month after a procedure."""
    clinic = factories.make_clinic()
    for _ in range(patients):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        plan = factories.make_plan(complaint, "prp", started_days_ago=35)
        factories.make_performed(plan, days=32)
    due.advance_due(clinic, clock.now())
    sent = Message.objects.filter(clinic=clinic).values_list("pk", flat=True)
    return [f"/s/{tokens.token_for(pk)}" for pk in sent]


def measure(addresses: Iterable[str]) -> dict[str, Page]:
    pages: dict[str, Page] = defaultdict(Page)
    for number, address in enumerate(addresses):
        phone = Client()
        for name, method, path in (
            (LINK, "get", address),
            (BORN, "post", address),
            (RESUME, "get", "/survey/"),
            (FIRST, "get", "/survey/1/"),
        ):
            ask(pages[name], phone, method, path, is_counted=number >= WARM_UP)
    return pages


def ask(page: Page, phone: Client, method: str, path: str, *, is_counted: bool) -> None:
    fields = BIRTH_DATE if method == "post" else None
    if not is_counted:
        # Looking at the statements takes time of its own.
        with CaptureQueriesContext(connection) as seen:
            shown(getattr(phone, method)(path, fields))
        page.statements = len(seen)
        return
    wall, cpu = time.perf_counter(), time.process_time()
    response = getattr(phone, method)(path, fields)
    page.wall.append((time.perf_counter() - wall) * 1000)
    page.cpu.append((time.process_time() - cpu) * 1000)
    page.html = shown(response)


def shown(response: HttpResponse) -> bytes:
    assert response.status_code == 200 or response["Location"].startswith("/survey/")
    return response.content


def loads(html: bytes) -> set[str]:
    return set(re.findall(r'(?:href|src)="/static/([^"]+)"', html.decode()))


def weight(html: bytes) -> int:
    """On the wire, each file packed as whitenoise sends it.

    A file that another one names, such as a font, would be one more: there is none.
    """
    found = [Path(str(finders.find(file))).read_bytes() for file in loads(html)]
    assert not [text for text in found if re.search(rb"url\(|@import|@font-face", text)]
    return len(html) + sum(len(gzip.compress(text)) for text in found)


def weigh(first: bytes, question: bytes) -> bool:
    """The bytes with nothing kept before, the requests with what the link brought."""
    fits = True
    for name, html, kept in ((LINK, first, b""), (FIRST, question, first)):
        size, requests = weight(html), 1 + len(loads(html) - loads(kept))
        print(f"{name:>16} {size:,} bytes, {requests} requests")
        fits = fits and size <= MOST_BYTES and requests <= MOST_REQUESTS
    return fits


@override_settings(**PLAIN_FILES)
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200)
    wanted = parser.parse_args().requests
    with scratch.database() as vendor:
        addresses = links(wanted + WARM_UP)
        scratch.analyze()
        pages = measure(addresses)
    print(f"{vendor}, median of {wanted} patients")
    for name, page in pages.items():
        print(f"{name:>16} {page}")
    is_light = weigh(pages[LINK].html, pages[FIRST].html)
    slowest = max(pages[name].milliseconds for name in (LINK, FIRST))
    print(
        f"at most {MOST_MILLISECONDS:.0f} ms, {MOST_BYTES:,} bytes and "
        f"{MOST_REQUESTS} requests a page"
    )
    if slowest > MOST_MILLISECONDS or not is_light:
        raise SystemExit("A patient's first pages are too slow or too heavy.")


if __name__ == "__main__":
    main()
