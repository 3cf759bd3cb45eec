"""Every address x role x own and other clinic, generated from the URL configuration."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http.cookies import SimpleCookie
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_filters import UUIDFilter

from clinic.access import Role
from clinic.models import AuditEvent, AuditSubject, User
from tests import factories
from tests.access_table import (
    NO_CLINIC,
    ROLES,
    SURNAME_ELSEWHERE,
    TABLE,
    Call,
    Side,
    expected,
    is_api,
    leads_to_choice,
    make_side,
)

pytestmark = pytest.mark.django_db
OURS = {"clinic", "patients", "plans", "outcomes"}
TABLES = [
    model._meta.db_table
    for model in apps.get_models()
    if model._meta.app_label in OURS and not model.__name__.startswith("Audit")
]
METHODS = {"get", "post", "put", "patch", "delete"}
WRITING = re.compile(
    rf"(INSERT INTO|UPDATE|DELETE FROM)\s+\W?({'|'.join(TABLES)})\W", re.IGNORECASE
)
CSRF_FIELD = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')


def walk(
    patterns: list[URLPattern | URLResolver], space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or pattern.pattern}", pattern


PATTERNS = dict(walk(get_resolver().url_patterns))
CALLS = [
    pytest.param(name, call, id=f"{name}-{call.method}")
    for name, route in TABLE.items()
    for call in route.calls
    if name in PATTERNS
]
OUR_CODE = [name for name in PATTERNS if name in TABLE and not TABLE[name].is_library]
STAFF_CALLS = [param for param in CALLS if not TABLE[param.values[0]].is_public]
PUBLIC_CALLS = [param for param in CALLS if TABLE[param.values[0]].is_public]
ROW_CALLS = [param for param in STAFF_CALLS if TABLE[param.values[0]].row]
# Rows of these names are the clinic's, and about no patient.
NOT_OF_A_PATIENT = {"next_protocol", "retired_protocol", "draft"}
NOT_OF_A_PATIENT |= {"location", "closed_day"}
NOT_OF_A_PATIENT |= {"", "clinic", "protocol", "measure", "provider", "patient_import"}
NOT_OF_A_PATIENT |= {"sending_pause", "tablet", "shift", "export"}
NOT_OF_A_PATIENT |= {"instrument", "instrument_draft", "instrument_use"}
READS_OF_A_PATIENT = [
    param
    for param in STAFF_CALLS
    if param.values[1].method == "get"
    and TABLE[param.values[0]].row not in NOT_OF_A_PATIENT
]
WRITES = [param for param in STAFF_CALLS if param.values[1].method != "get"]
API_WRITES = [param for param in WRITES if is_api(param.values[0])]


@dataclass(frozen=True, slots=True)
class World:
    own: Side
    other: Side
    sessions: dict[str, str]
    # How many rows each table holds before a test.
    rows: tuple[int, ...]

    def client(self, role: str | None) -> Client:
        """A browser of its own, for a sign-out ends its session."""
        client = Client()
        if role is not None:
            client.cookies = SimpleCookie(
                {settings.SESSION_COOKIE_NAME: self.sessions[role]}
            )
        return client


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Made once; each test then works on it in a transaction that is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        own, other = make_side("Here"), make_side(SURNAME_ELSEWHERE)
        sessions = {role: session_of(own, role) for role in ROLES}
        # Checked here, once, and not at the end of each test.
        connection.check_constraints()
        yield World(own, other, sessions, rows_written())
        transaction.set_rollback(True)


def session_of(side: Side, role: str) -> str:
    client = Client()
    if role == NO_CLINIC:
        client.force_login(User.objects.create_user("nowhere@example.org", name="No"))
    else:
        client.force_login(factories.make_user(side.clinic, Role(role)))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def send(
    client: Client,
    name: str,
    call: Call,
    side: Side,
    *,
    row: object = None,
    body: dict | None = None,
) -> HttpResponse:
    address = reverse(name, kwargs=kwargs(name, side, row))
    data = dict(call.body(side)) if body is None else body
    if call.method == "get":
        return client.get(address, data)
    if is_api(name) and not call.is_upload:
        return client.generic(
            call.method.upper(), address, json_of(data), "application/json"
        )
    return client.post(address, data)


def json_of(data: dict) -> bytes:
    return Client()._encode_json(data, "application/json").encode()


def kwargs(name: str, side: Side, row: object = None) -> dict[str, object]:
    route, pattern = TABLE[name], PATTERNS[name].pattern
    if not route.row:
        return dict(route.parts(side))
    named = set(pattern.converters) | set(pattern.regex.groupindex)
    return dict.fromkeys(named, row or getattr(side, route.row).pk)


def told(response: HttpResponse) -> tuple[int, bytes]:
    """All that a caller learns, but for the token that differs in every form."""
    return response.status_code, CSRF_FIELD.sub(b"", content_of(response))


def content_of(response: HttpResponse) -> bytes:
    """Also of a file that is sent as a stream, once."""
    return response.getvalue() if response.streaming else response.content


@contextmanager
def unchanged(world: World) -> Iterator[None]:
    """Within, no row is written, but for the audit's own."""
    statements: list[str] = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield
    # Counting costs more than most requests.
    if any(map(WRITING.search, statements)):
        assert rows_written() == world.rows


def rows_written() -> tuple[int, ...]:
    """How many rows each table holds, but for the audit's own; one query."""
    counts = ", ".join(f"(SELECT COUNT(*) FROM {table})" for table in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return cursor.fetchone()


def test_every_address_has_a_row_in_the_table():
    assert set(PATTERNS) - set(TABLE) == set(), "say in the table who may go there"
    assert set(TABLE) - set(PATTERNS) == set(), "these addresses do not exist"


def test_no_two_addresses_share_a_name():
    names = [name for name, _ in walk(get_resolver().url_patterns)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", OUR_CODE)
def test_an_address_answers_no_other_method(world, name):
    client = world.client(Role.ADMIN)
    address = reverse(name, kwargs=kwargs(name, world.own))
    for method in METHODS - {call.method for call in TABLE[name].calls}:
        reply = client.generic(method.upper(), address, b"{}", "application/json")
        assert reply.status_code == 405, method


@pytest.mark.parametrize(("name", "call"), PUBLIC_CALLS)
@pytest.mark.parametrize("role", [None, Role.ADMIN.value])
def test_what_is_public_answers_everybody(world, name, call, role):
    reply = send(world.client(role), name, call, world.own)
    assert reply.status_code in call.done
    assert not reply.headers.get("Location", "").startswith("/sign-in/?next=")


@pytest.mark.parametrize(("name", "call"), STAFF_CALLS)
def test_the_signed_out_get_nothing(world, name, call):
    with unchanged(world):
        reply = send(world.client(None), name, call, world.own)
    if is_api(name):
        assert reply.status_code == 401
    else:
        assert reply.status_code == 302
        assert reply.url.startswith("/sign-in/?next=/")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "call"), STAFF_CALLS)
def test_a_role_may_do_what_the_table_says_in_its_own_clinic(world, name, call, role):
    events = AuditEvent.objects.count()
    allowed = expected(name, call, role, world.own)
    is_refused = allowed != call.done or role == NO_CLINIC or call.is_played
    with unchanged(world) if is_refused else nullcontext():
        reply = send(world.client(role), name, call, world.own)
    content = content_of(reply)
    assert reply.status_code in allowed, content[:300]
    for mark in world.other.marks:
        assert mark not in content.decode(errors="replace")
    if not is_refused and call.method != "get":
        assert AuditEvent.objects.count() > events, "a change leaves no audit event"


@pytest.mark.parametrize(("name", "call"), API_WRITES)
def test_a_field_that_an_act_does_not_take_is_named(world, name, call):
    role = next(r for r in ROLES if expected(name, call, r, world.own) == call.done)
    body = {**call.body(world.own), "dry_run": "yes"}
    with unchanged(world):
        reply = send(world.client(role), name, call, world.own, body=body)
    assert (reply.status_code, list(reply.json())) == (400, ["dry_run"])


@pytest.mark.parametrize(("name", "call"), READS_OF_A_PATIENT)
def test_whose_row_was_shown_to_whom_is_kept(world, name, call):
    for role in ROLES:
        last = AuditEvent.objects.latest("id").pk
        reply = send(world.client(role), name, call, world.own)
        kept = AuditSubject.objects.filter(event_id__gt=last)
        whose = set(kept.values_list("patient_id", flat=True))
        was_shown = reply.status_code == 200
        assert whose == ({world.own.patient.pk} if was_shown else set()), role


@pytest.mark.parametrize(("name", "call"), STAFF_CALLS)
def test_what_staff_are_answered_is_kept_by_no_browser(world, name, call):
    reply = send(world.client(Role.ADMIN), name, call, world.own)
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "call"), ROW_CALLS)
def test_another_clinics_id_is_as_good_as_unknown(world, name, call, role):
    client = world.client(role)
    theirs = getattr(world.other, TABLE[name].row).pk
    with unchanged(world):
        reply = send(client, name, call, world.own, row=theirs)
        unknown = send(client, name, call, world.own, row=uuid4())
    assert reply.status_code == (302 if leads_to_choice(name, role) else 404)
    assert told(reply) == told(unknown)


@pytest.mark.parametrize("role", [Role.ADMIN.value, Role.FRONT_DESK.value])
@pytest.mark.parametrize(("name", "call"), WRITES)
def test_another_clinics_id_in_a_body_is_as_good_as_unknown(world, name, call, role):
    client = world.client(role)
    ours, theirs = call.body(world.own), call.body(world.other)
    for field in [key for key, value in ours.items() if isinstance(value, UUID)]:
        sent = {**ours, field: theirs[field]}
        with unchanged(world):
            reply = send(client, name, call, world.own, body=sent)
            unknown = send(client, name, call, world.own, body={**ours, field: uuid4()})
        assert reply.status_code in (
            (400, 403, 404) if is_api(name) else (200, 403, 404)
        )
        assert told(reply) == told(unknown)


def id_filters() -> Iterator[tuple[str, str]]:
    for name in TABLE:
        view = getattr(PATTERNS.get(name), "callback", None)
        filterset = getattr(getattr(view, "cls", None), "filterset_class", None)
        if filterset and name.endswith("-list"):
            for field, kind in filterset.base_filters.items():
                if isinstance(kind, UUIDFilter):
                    yield name, field


@pytest.mark.parametrize(("name", "field"), list(id_filters()))
def test_another_clinics_id_in_a_filter_finds_nothing(world, name, field):
    client, address = world.client(Role.ADMIN), reverse(name)
    theirs = getattr(world.other, field).pk
    reply = client.get(address, {field: theirs})
    assert reply.json()["results"] == []
    assert told(reply) == told(client.get(address, {field: uuid4()}))
    assert client.get(address, {field: getattr(world.own, field).pk}).json()["results"]
