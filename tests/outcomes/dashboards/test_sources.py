"""Where pain came from: the page, the numbers, and the list behind each of them."""

import re
from datetime import timedelta
from random import Random

import pytest
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent, AuditSubject
from outcomes.dashboards import charts
from outcomes.dashboards.sources import page as sources_page
from outcomes.dashboards.sources import rows
from outcomes.dashboards.sources.choices import CellForm, Choices
from patients.catalogue import places
from patients.models import Complaint, Diagnosis, Evaluation, SourceHypothesis
from patients.triage import current_source, ledger
from plans.models import Intervention, Plan
from tests import factories
from tests.api_client import with_token

pytestmark = pytest.mark.django_db
PAGE, LIST = "/outcomes/sources/", "/outcomes/sources/list/"
REPORT = "/api/v1/outcomes/sources/"
BEHIND = f"{REPORT}complaints/"
CERTAINTIES = ["suspected", "probable", "confirmed", "refuted"]


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def api(physician):
    return with_token(physician)


def body(client, path, **asked):
    reply = client.get(path, asked)
    assert reply.status_code == 200, reply.content
    return reply.content.decode()


def name_source(complaint, source, certainty, days_ago=0):
    return SourceHypothesis.objects.create(
        clinic=complaint.clinic,
        complaint=complaint,
        source=source,
        certainty=certainty,
        stated_on=clock.today("UTC") - timedelta(days=days_ago),
    )


def name_diagnosis(complaint, code, certainty="suspected", days_ago=0, **more):
    return Diagnosis.objects.create(
        clinic=complaint.clinic,
        complaint=complaint,
        code=code,
        title=code,
        release="2026",
        certainty=certainty,
        recorded_on=clock.today("UTC") - timedelta(days=days_ago),
        **more,
    )


def sign(complaint, days_ago):
    today = clock.today("UTC")
    return Evaluation.objects.create(
        clinic=complaint.clinic,
        complaint=complaint,
        examined_on=today - timedelta(days=days_ago),
        catalogue_version="1",
        state="signed",
        signed_at=clock.now(),
    )


def treat(complaint, days_ago, **more):
    day = clock.today("UTC") - timedelta(days=days_ago)
    plan = Plan.objects.create(
        clinic=complaint.clinic,
        complaint=complaint,
        title="PRP",
        modality="prp",
        treatment_key="prp",
        treatment_label="PRP",
        started_on=day,
        **more,
    )
    Intervention.objects.create(
        clinic=complaint.clinic,
        plan=plan,
        title="PRP",
        modality="prp",
        status="performed",
        performed_on=day,
    )


def make_many(patient, rng, number=40):
    """Complaints with ledgers, diagnoses and dates of every kind."""
    sites, sources = list(places.body_sites()), ["root_s1", "plantar_fascia", "unknown"]
    today = clock.today("UTC")
    for _ in range(number):
        site = rng.choice(["heel", "foot", "knee", *sites])
        onset = today - timedelta(days=rng.randrange(400))
        complaint = Complaint.objects.create(
            clinic=patient.clinic,
            patient=patient,
            pain_site=site,
            side="left" if places.body_sites()[site].has_side else "none",
            onset_on=rng.choice([None, onset]),
            opened_on=today,
        )
        for _ in range(rng.randrange(4)):
            made = name_source(
                complaint,
                rng.choice(sources),
                rng.choice(CERTAINTIES),
                rng.randrange(3),
            )
            made.superseded_on = rng.choice([None, None, today])
            made.save()
        for code in rng.sample(["M72.2", "M51.17", "M54.16"], rng.randrange(4)):
            name_diagnosis(
                complaint,
                code,
                rng.choice(CERTAINTIES),
                rng.randrange(3),
                role=rng.choice(["source", "source", "contributing"]),
                status=rng.choice(["active", "resolved", "entered_in_error"]),
            )
        for _ in range(rng.randrange(2)):
            sign(complaint, rng.randrange(200))
        for _ in range(rng.randrange(2)):
            treat(complaint, rng.randrange(200))


def numbers_of(page):
    """Every number of the page with the address of its list."""
    yield from (page.known, page.from_back)
    for row in (*page.matrix.rows, page.matrix.sum):
        yield row.total
        yield from (number for _, number in row.cells)
    for table in (page.ledger, page.diagnoses):
        yield from (table.changed, table.kept, table.fallen, table.without)
        for row in table.rows:
            yield from (row.n, row.of)
    for line in page.spans:
        yield from (line.known, line.lacking, line.backwards)


@pytest.mark.parametrize("certainty", ["", "confirmed"])
@pytest.mark.parametrize("site", ["all", "foot_area", "heel"])
def test_each_number_is_as_long_as_its_list(patient, physician, site, certainty):
    make_many(patient, Random(site + certainty))
    page = sources_page.build(physician, Choices(site=site, certainty=certainty))
    assert page.total
    for number in numbers_of(page):
        asked = dict(re.findall(r"(\w+)=([^&]*)", number.address))
        form = CellForm(asked)
        assert form.is_valid(), form.errors
        found = rows.listed(physician, form.chosen, form.cell)
        assert found.count() == number.n, number.address


def test_the_source_of_many_is_that_of_each(patient, physician):
    make_many(patient, Random(7))
    found = current_source.annotated(Complaint.objects.all())
    for complaint in found.prefetch_related("hypotheses"):
        source = complaint.current_source
        assert complaint.current == (source.source if source else None)


def test_the_page_shows_where_foot_pain_came_from(at_work, patient, physician):
    heel = factories.make_complaint(patient, pain_site="heel")
    ledger.name_source(heel, by=physician, source="root_s1")
    factories.make_complaint(patient, pain_site="toes")
    factories.make_complaint(patient, pain_site="knee", suspected_source="knee_joint")
    html = body(at_work, PAGE)
    assert "<h1>Where foot pain came from</h1>" in html
    assert "2 complaints; a source is named for" in html
    assert 'site=heel&amp;source=root_s1">1</a>' in html
    assert "Not named yet" in html
    assert "Knee joint" not in html.split("</form>")[1]


def test_the_charts_draw_the_numbers_of_the_tables(at_work, patient, physician):
    make_many(patient, Random(11))
    html = body(at_work, PAGE)
    page = sources_page.build(physician, Choices())
    drawn = re.findall(r'chart-count[^>]*data-n="(\d+)"><text[^>]*>([^<]+)<', html)
    told = [(str(n.n), label) for label, n in page.matrix.sum.cells]
    # Each of both variants draws all of them; a name may be cut in the drawing.
    assert sorted(n for n, _ in drawn) == sorted([n for n, _ in told] * 2)
    assert set(drawn) <= set(told)
    spans = re.findall(r'chart-span[^>]*data-n="(\d+)" data-median="([^"]+)"', html)
    lines = [line for line in page.spans if line.span.median is not None]
    assert len(spans) == 2 * len(lines) > 0
    for (n, median), line in zip(spans, [*lines, *lines], strict=True):
        assert f'data-label="Median">{line.median}</td>' in html
        assert (int(n), charts.number(float(median))) == (line.span.n, line.median)


def test_only_confirmed_sources_count_where_that_is_asked(at_work, patient):
    for certainty in ("probable", "confirmed"):
        complaint = factories.make_complaint(patient, pain_site="heel")
        name_source(complaint, "root_s1", certainty)
    html = body(at_work, PAGE, certainty="confirmed")
    assert 'certainty=confirmed&amp;source=root_s1">1</a>' in html
    assert "Not confirmed yet" in html


def test_a_confirmed_source_counts_under_a_later_suspicion(patient, physician):
    complaint = factories.make_complaint(patient, pain_site="heel")
    name_source(complaint, "root_s1", "confirmed", days_ago=9)
    name_source(complaint, "disc", "suspected")
    for certainty, wanted in (("confirmed", "root_s1"), ("", "disc")):
        choices = Choices(certainty=certainty)
        (row,) = rows.rows(physician, choices)
        assert row.current == wanted


def test_plantar_fasciitis_that_became_a_root_is_told_with_n(at_work, patient):
    for code in ("M51.17", "M51.17", "M72.2"):
        complaint = factories.make_complaint(patient, pain_site="heel")
        first = "refuted" if code != "M72.2" else "confirmed"
        name_diagnosis(complaint, "M72.2", first, days_ago=30)
        if code != "M72.2":
            name_diagnosis(complaint, code, "confirmed")
    html = body(at_work, PAGE)
    row = re.search(r"M72 plantar fascia</th><td[^>]*>M51 disc.*?</tr>", html)[0]
    assert re.findall(r">(\d+)</a>", row) == ["2", "3"]


def test_a_role_other_than_the_source_is_no_working_diagnosis(patient, physician):
    complaint = factories.make_complaint(patient, pain_site="heel")
    name_diagnosis(complaint, "M79.672", role="contributing", days_ago=9)
    name_diagnosis(complaint, "M72.2", status="entered_in_error", days_ago=8)
    name_diagnosis(complaint, "m51.17")
    (row,) = rows.rows(physician, Choices())
    assert (row.first_category, row.final_category) == ("M51", "M51")


def test_treatment_begins_with_what_was_performed(patient, physician):
    complaint = factories.make_complaint(patient, pain_site="heel")
    sign(complaint, 20)
    sign(complaint, 60)
    treat(complaint, 50, status="entered_in_error")
    treat(complaint, 5)
    treat(complaint, 10)
    Evaluation.objects.create(
        clinic=complaint.clinic,
        complaint=complaint,
        examined_on=clock.today("UTC") - timedelta(days=90),
        catalogue_version="1",
    )
    (row,) = rows.rows(physician, Choices())
    assert (row.treated_on - row.evaluated_on).days == 50


def test_the_choices_narrow_what_is_counted(at_work, patient):
    today = clock.today("UTC")
    factories.make_complaint(patient, pain_site="heel", side="left")
    factories.make_complaint(
        patient, pain_site="foot", side="right", opened_on=today - timedelta(days=90)
    )
    for asked, count in (
        ({}, 2),
        ({"site": "heel"}, 1),
        ({"side": "right"}, 1),
        ({"opened_from": today - timedelta(days=30)}, 1),
        ({"opened_until": today - timedelta(days=30)}, 1),
        ({"opened_from": today - timedelta(days=99), "opened_until": today}, 2),
    ):
        assert f"{count} complaint" in body(at_work, PAGE, **asked), asked
    assert "No complaint of this choice" in body(at_work, PAGE, site="arm_area")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("site", "tail"),
        ("site", "heel\x00"),
        ("side", "up"),
        ("certainty", "sure"),
        ("opened_from", "soon"),
        ("opened_until", "2026-13-40"),
        ("opened_until", "1999-01-01"),
    ],
)
def test_a_choice_that_there_is_not_is_said_and_no_trace(at_work, name, value):
    for address in (PAGE, LIST):
        reply = at_work.get(address, {"opened_from": "2000-01-01", name: value})
        assert reply.status_code == 400
        assert "The address asks for something" in reply.content.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", "L9"),
        ("kind", "odd"),
        ("first_source", "x"),
        ("first_diagnosis", "M72.2"),
        ("final_diagnosis", "\x00"),
        ("ledger", "odd"),
        ("step", "odd"),
        ("dates", "odd"),
        ("page", "0"),
        ("page", "x"),
        ("page", "9999999999999999999999"),
    ],
)
def test_a_list_that_there_is_not_is_refused(at_work, name, value):
    assert at_work.get(LIST, {name: value}).status_code == 400


def test_the_list_names_who_is_behind_a_number_and_keeps_who_saw_it(
    at_work, patient, physician
):
    complaint = factories.make_complaint(patient, pain_site="heel")
    ledger.name_source(complaint, by=physician, source="root_s1")
    html = body(at_work, LIST, site="heel", source="root_s1")
    assert str(patient) in html
    assert "source: S1 nerve root" in html
    event = AuditEvent.objects.get(action="complaints.listed")
    assert event.facts["asked"] == "?site=heel&source=root_s1"
    kept = AuditSubject.objects.get(event=event)
    assert kept.patient_id == patient.pk
    assert "No complaint is like this now" in body(at_work, LIST, source="disc")


def test_reading_the_report_is_on_record_without_patients(at_work, complaint):
    body(at_work, PAGE, site="foot")
    event = AuditEvent.objects.get(action="sources.read")
    assert event.facts == {"asked": "?site=foot"}
    assert not AuditSubject.objects.filter(event=event).exists()


def test_a_researcher_sees_no_small_cells_here(client, researcher):
    client.force_login(researcher)
    assert client.get(PAGE).status_code == client.get(LIST).status_code == 403
    assert PAGE not in client.get("/outcomes/").content.decode()


def test_outcomes_lead_to_the_report(at_work):
    assert reverse("outcomes:sources") in body(at_work, "/outcomes/")


def test_another_clinics_complaints_are_not_counted(at_work, other_clinic):
    stranger = factories.make_patient(other_clinic)
    factories.make_complaint(stranger, pain_site="heel", suspected_source="disc")
    assert "No complaint of this choice" in body(at_work, PAGE)
    assert "No complaint is like this now" in body(at_work, LIST, source="disc")


def test_more_complaints_take_no_more_queries(
    at_work, clinic, django_assert_max_num_queries
):
    for number in (2, 40):
        for _ in range(2):
            make_many(factories.make_patient(clinic), Random(number), number)
        # Session, user, membership, the rows, and the audit's two and savepoint.
        with django_assert_max_num_queries(9):
            body(at_work, PAGE, site="all")
        with django_assert_max_num_queries(10):
            body(at_work, LIST, site="all")


def counted(found):
    """Every number of the report with the address of its list, however deep."""
    if isinstance(found, dict):
        if "complaints" in found:
            yield found["n"], found["complaints"]
        found = found.values()
    if not isinstance(found, str | int | float | None):
        for inner in found:
            yield from counted(inner)


@pytest.mark.parametrize("asked", [{"site": "all"}, {"certainty": "confirmed"}])
def test_a_program_reads_the_numbers_of_the_page(api, patient, physician, asked):
    make_many(patient, Random(3))
    page = sources_page.build(physician, Choices(**asked))
    told = api.get(REPORT, asked).json()
    assert told["total"] == page.total > 0
    assert told["known"]["n"] == page.known.n
    assert told["from_back"]["n"] == page.from_back.n
    assert [s["total"]["n"] for s in told["sites"]] == [
        row.total.n for row in page.matrix.rows
    ]
    assert [s["n"] for s in told["sources"]] == [n.n for _, n in page.matrix.sum.cells]
    for name, table in (("ledger", page.ledger), ("diagnoses", page.diagnoses)):
        lines = [(c["first_label"], c["n"], c["of"]) for c in told[name]["lines"]]
        assert lines == [(row.first, row.n.n, row.of.n) for row in table.rows]
    assert [s["median"] for s in told["spans"]] == [s.span.median for s in page.spans]


def test_each_number_leads_a_program_to_its_list(api, patient):
    make_many(patient, Random(5), 25)
    numbers = list(counted(api.get(REPORT, {"site": "all", "side": "left"}).json()))
    assert len(numbers) > 20
    for n, address in numbers:
        assert api.get(address).json()["count"] == n, address


def test_the_list_for_programs_holds_complaints_and_keeps_who_saw_them(
    api, patient, physician
):
    complaint = factories.make_complaint(patient, pain_site="heel")
    ledger.name_source(complaint, by=physician, source="root_s1")
    factories.make_complaint(patient, pain_site="heel")
    (row,) = api.get(BEHIND, {"source": "root_s1"}).json()["results"]
    assert row == api.get(f"/api/v1/complaints/{complaint.pk}/").json()
    event = AuditEvent.objects.get(action="complaints.listed")
    assert [s.patient_id for s in event.subjects.all()] == [patient.pk]


def test_a_program_that_reads_the_report_is_on_record(api, physician, complaint):
    api.get(REPORT, {"site": "foot"})
    event = AuditEvent.objects.get(action="sources.read")
    assert (event.actor, event.facts) == (physician, {"asked": "?site=foot"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("site", "tail"),
        ("side", "up"),
        ("certainty", "sure"),
        ("opened_from", "soon"),
        ("opened_until", "1999-01-01"),
        ("sight", "heel"),
    ],
)
def test_a_choice_that_there_is_not_is_named(api, name, value):
    for address in (REPORT, BEHIND):
        reply = api.get(address, {"opened_from": "2000-01-01", name: value})
        assert (reply.status_code, list(reply.json())) == (400, [name])


def test_a_cell_that_there_is_not_is_named(api):
    assert list(api.get(BEHIND, {"step": "odd"}).json()) == ["step"]
    assert list(api.get(REPORT, {"source": "root_s1"}).json()) == ["source"]
    assert list(api.get(BEHIND, {"page_size": "0"}).json()) == ["page_size"]


def test_no_program_of_a_researcher_counts_few_people(researcher, complaint):
    for address in (REPORT, BEHIND):
        assert with_token(researcher).get(address).status_code == 403


def test_a_program_is_told_nothing_of_another_clinic(api, other_clinic):
    stranger = factories.make_patient(other_clinic)
    factories.make_complaint(stranger, pain_site="heel", suspected_source="disc")
    told = api.get(REPORT, {"site": "all"}).json()
    assert (told["total"], told["sites"]) == (0, [])
    assert api.get(BEHIND, {"site": "all"}).json()["count"] == 0


def test_more_complaints_take_a_program_no_more_queries(
    api, clinic, django_assert_max_num_queries
):
    for number in (2, 40):
        make_many(factories.make_patient(clinic), Random(number), number)
        # Token, membership, the rows, and the audit's two and savepoint.
        with django_assert_max_num_queries(9):
            api.get(REPORT, {"site": "all"})
        # And the count, with the ledger and what it cites.
        with django_assert_max_num_queries(13):
            api.get(BEHIND, {"site": "all", "page_size": "200"})
