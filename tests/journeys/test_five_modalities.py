"""Each modality entered from the page as a provider would, and nothing of it lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from clinic import audit
from clinic.access import Role
from clinic.models import User
from patients.record import consents
from patients.triage import diagnoses, evaluations
from plans.models import NEEDLE, Intervention
from plans.procedures import catalogue, details
from plans.procedures.conditions import EMPTY
from tests import factories, reasons
from tests.api_client import with_token
from tests.entered import ENTERED
from tests.journeys.effort import Person
from tests.journeys.sessions import open_session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_SECONDS = 90
LOT = "QZ-4471"


@pytest.fixture
def provider(desk: Page, site: str) -> User:
    """Whose browser the desk's is."""
    clinic = factories.make_clinic(phone="555-0100")
    user = factories.make_user(clinic, Role.PROVIDER, name="Dr Okafor")
    open_session(desk.context, site, user)
    return user


def planned(provider: User, modality: str) -> Intervention:
    """A step of this modality for somebody who was evaluated and diagnosed."""
    patient = factories.make_patient(provider.membership.clinic)
    complaint = factories.make_complaint(patient)
    diagnoses.diagnose(complaint, by=audit.SYSTEM, code="M72.2")
    evaluations.sign(factories.make_evaluation(complaint), by=provider)
    plan = factories.make_plan(complaint, modality, started_days_ago=20)
    step = factories.step_of(plan, modality)
    step.kind = ENTERED[modality].get("kind", "")
    step.save()
    return step


def did_one_before(provider: User, modality: str) -> None:
    """What is usual is remembered from it."""
    step = planned(provider, modality)
    client = Client()
    client.force_login(provider)
    day = factories.days_ago(step.clinic, 3).isoformat()
    form = {"performed_on": day, **reasons.FORM, **ENTERED[modality]}
    address = reverse("plans:perform", args=[step.pk])
    assert client.post(address, form).status_code == 302


def fill(person: Person, page: Page, wanted: dict[str, Any]) -> set[str]:
    """What is asked in the open and does not stand there yet; returns what it left."""
    left = set()
    for name in page.locator("[data-asked]").evaluate_all(
        "rows => rows.map(row => row.dataset.asked)"
    ):
        row = page.locator(f"[data-asked='{name}']")
        if name not in wanted:
            continue
        if row.is_visible():
            enter(person, row, wanted[name])
        else:
            left.add(name)
    return left


def enter(person: Person, row: Locator, value: Any) -> None:
    control = row.locator("select, textarea, input").first
    kind = control.evaluate("node => node.type || node.tagName")
    if kind == "checkbox":
        tick(person, row, set(value))
    elif kind == "radio":
        choice = row.locator(f"input[value='{value}']")
        if not choice.is_checked():
            person.think()
            person.tick(choice)
    elif control.input_value() != str(value):
        act = person.choose if kind == "select-one" else person.type
        act(control, str(value))


def take_over(person: Person, page: Page) -> None:
    """What was decided last time holds for this patient too: read, and one press."""
    button = page.locator("[data-take-over]")
    if button.count():
        person.think()
        person.think()
        person.click(button)


def tick(person: Person, row: Locator, wanted: set[str]) -> None:
    person.think()
    for box in row.locator("input").all():
        is_wanted = box.input_value() in wanted
        if box.is_checked() != is_wanted:
            person.tick(box, on=is_wanted)


def fill_label(person: Person, page: Page) -> None:
    person.type(page.locator("[name='lot-0-lot']"), LOT)
    person.type(page.locator("[name='lot-0-expires_on']"), "2031-05-01")


def give_reasons(person: Person, page: Page) -> None:
    for field in page.locator("[name^='caution-']").all():
        offered = field.evaluate("node => node.list?.options[0]?.value ?? ''")
        assert offered
        person.pick_offered(field, offered)


@pytest.mark.parametrize("modality", ENTERED)
def test_a_provider_enters_it_within_ninety_seconds(
    desk: Page, provider: User, modality: str, record_testsuite_property: Any
) -> None:
    did_one_before(provider, modality)
    step = planned(provider, modality)
    is_needle = modality in NEEDLE
    wanted = {k: v for k, v in ENTERED[modality].items() if not k.startswith("lot-")}
    if is_needle:
        patient = step.plan.complaint.patient
        agreed = consents.give(patient, by=audit.SYSTEM, scope="procedure")
        wanted["consent"] = str(agreed.pk)
        # As most of them go.
        wanted["complications"] = ["none"]
    person = Person()

    desk.goto(reverse("plans:perform", args=[step.pk]))
    take_over(person, desk)
    left = fill(person, desk, wanted)
    if is_needle:
        fill_label(person, desk)
    desk.wait_for_load_state("networkidle")
    give_reasons(person, desk)
    person.click(desk.get_by_role("button", name="Record as done"))

    desk.goto(reverse("plans:intervention", args=[step.pk]))
    expect(desk.get_by_role("heading", level=1)).to_contain_text("done")
    record_testsuite_property(f"{modality}: acts", person.acts)
    record_testsuite_property(f"{modality}: seconds by the model", person.seconds)
    assert person.seconds <= MOST_SECONDS
    read_back(desk, provider, step, set(wanted) - left)


def read_back(page: Page, provider: User, step: Intervention, named: set[str]) -> None:
    """On paper, and over the API; only what no form of it may lack can be left out."""
    done = Intervention.objects.get(pk=step.pk)
    stored = details.stored(done)
    fields = {field.column: field for field in catalogue.fields_of(done.modality)}
    assert {name for name in named if stored[name] in EMPTY} == set()
    in_the_open = {name for name in named if fields[name].level != "optional"}
    assert len(in_the_open) >= 3
    page.emulate_media(media="print")
    printed = " ".join(page.locator("main").inner_text().split())
    for name in named:
        assert catalogue.in_words(fields[name], stored[name]) in printed
    row = with_token(provider).get(f"/api/v1/interventions/{done.pk}/").json()
    for name in named:
        table = fields[name].table
        held = row if table == "intervention" else row[table]
        assert held[name] not in EMPTY
    if done.is_needle:
        assert f"lot {LOT}" in printed
        assert LOT in [lot["lot"] for lot in row["lots"]]
