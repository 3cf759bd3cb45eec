"""The main job on the product as `make run` starts it: web, worker, beat and broker."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from outcomes.demo.clinics import PASSWORD

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("America/Chicago")
START_SECONDS = 90
PATIENT = "Ottoline Fernwhistle"
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "MENDLINE_URL",
    "EMAIL_URL",
    "DJANGO_SETTINGS_MODULE",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a whole Mendline with its demo clinics, on data of its own."""
    port = free_port()
    inherited = {k: v for k, v in os.environ.items() if k not in OURS}
    running = subprocess.Popen(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=inherited
        | {
            "PORT": str(port),
            "MENDLINE_DATA": str(tmp_path_factory.mktemp("product")),
            "TICK_SECONDS": "5",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    address = f"http://localhost:{port}"
    try:
        wait_for(address, running)
        yield address
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=20)
    assert running.returncode == 0


def wait_for(address: str, running: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and running.poll() is None:
        try:
            with urlopen(f"{address}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    running.kill()
    pytest.fail(f"the product did not start:\n{running.communicate()[0]}")


@pytest.fixture
def staff(browser: Browser, product: str) -> Iterator[Page]:
    with browser.new_context(
        base_url=product, viewport={"width": 1280, "height": 900}
    ) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_label("Email").fill("admin@lakeview.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        yield page


@pytest.fixture
def patient_phone(browser: Browser, product: str) -> Iterator[Page]:
    with browser.new_context(
        base_url=product,
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
    ) as context:
        yield context.new_page()


def register(page: Page) -> None:
    given, family = PATIENT.split()
    page.get_by_role("link", name="Patients", exact=True).click()
    page.get_by_role("link", name="Register").first.click()
    page.get_by_label("Given name").fill(given)
    page.get_by_label("Family name").fill(family)
    page.get_by_label("Birth date").fill("1961-11-04")
    email = page.get_by_role("main").get_by_label("E-mail").first
    email.fill("ottoline@patients.example")
    page.get_by_label("May we e-mail this patient").check()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(PATIENT)


def open_complaint(page: Page) -> None:
    page.get_by_role("link", name="New complaint").click()
    page.get_by_text("Only the site is known").click()
    page.get_by_label("Where does it hurt?").select_option("foot")
    page.get_by_label("Left", exact=True).check()
    page.get_by_label("Where may it come from?").select_option("root_l5")
    page.locator("main form button.button--filled").click()
    expect(page.get_by_role("heading", name="Left foot pain")).to_be_visible()
    expect(page.get_by_text("L5", exact=False).first).to_be_visible()


def diagnose(page: Page) -> None:
    page.get_by_role("link", name="Add a diagnosis").click()
    page.get_by_label("Search ICD-10-CM").press_sequentially("radiculopathy lumbar")
    page.get_by_role("button", name="Record M54.16").click()
    expect(page.get_by_text("M54.16", exact=True)).to_be_visible()


def start_plan(page: Page) -> None:
    page.get_by_role("link", name="Start a plan").click()
    page.get_by_role("radio", name="Platelet-rich plasma (PRP): joint").check()
    page.get_by_role("button", name="Start the plan").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Platelet-rich plasma")


def perform(page: Page, days_ago: int) -> None:
    day = datetime.now(ZONE).date() - timedelta(days=days_ago)
    row = page.locator("#interventions").get_by_role("row", name="PRP injection")
    row.get_by_role("link", name="Record as done").click()
    page.get_by_label("Done on").fill(day.isoformat())
    page.get_by_role("button", name="Show what this changes").click()
    for reason in page.locator("[name^='caution-']").all():
        reason.fill("Talked about with the patient")
    page.get_by_role("button", name="Record as done").click()
    # Nobody asked before the needle; this patient does not remember.
    page.get_by_role("link", name="Skip", exact=True).click()
    page.get_by_role("link", name="All follow-ups and answers").click()


def survey_link(page: Page) -> str:
    """The link of the newest message to the patient, once the worker has sent it."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page.goto("/demo/mailbox/")
        mail = page.locator("article", has_text="ottoline@patients.example")
        if mail.count():
            return str(mail.first.get_by_role("link").first.get_attribute("href"))
        time.sleep(1)
    pytest.fail("no message reached the demo mailbox within a minute")


def answer_survey(phone: Page, link: str) -> None:
    phone.goto(link)
    expect(phone.get_by_text("911").first).to_be_visible()
    phone.locator("#month").select_option("11")
    phone.locator("#day").fill("4")
    phone.locator("#year").fill("1961")
    phone.locator("main button").click()
    # What the time point asks, its protocol says; the last page is for words.
    while not phone.locator("textarea").count():
        before = phone.url
        wanted = phone.locator("input[name=answer][value='3']")
        if not wanted.count():
            wanted = phone.locator("input[name=answer][value='none']")
        wanted.check(force=True)
        phone.locator("button.button--filled").click()
        phone.wait_for_function("before => location.href !== before", arg=before)
        phone.wait_for_load_state()
    phone.locator("textarea").fill("The stairs are still hard.")
    phone.locator("button.button--filled").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_from_foot_pain_to_a_point_on_the_chart(
    staff: Page, patient_phone: Page
) -> None:
    register(staff)
    open_complaint(staff)
    diagnose(staff)
    start_plan(staff)
    perform(staff, days_ago=30)
    address = staff.url
    never_asked = staff.locator("#follow-ups tr", has_text="never asked")
    expect(never_asked).to_have_count(2)

    answer_survey(patient_phone, survey_link(staff))

    staff.goto(address)
    points = staff.locator("svg [data-value]")
    expect(points.first).to_be_attached(timeout=20_000)
    staff.get_by_text("Numbers as a table").click()
    told = re.compile("Pain in the left foot.*1 month")
    row = staff.locator(".chart-table tr", has_text=told)
    expect(row.locator(".number")).to_have_text("3")


def test_another_clinic_sees_nothing_of_it(browser: Browser, product: str) -> None:
    with browser.new_context(base_url=product) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_label("Email").fill("admin@harborside.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto("/patients/?q=fernwhistle")
        expect(page.get_by_text(PATIENT)).to_have_count(0)
        page.goto("/demo/mailbox/")
        expect(page.get_by_text("ottoline@patients.example")).to_have_count(0)
