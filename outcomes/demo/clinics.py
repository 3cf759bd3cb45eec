"""The two demo clinics and who may sign in to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from django.contrib.auth.hashers import make_password

from clinic import clinics
from clinic.access import Role
from clinic.audit import SYSTEM
from clinic.models import Clinic, User
from outcomes.demo import stories
from outcomes.demo.stories import Pin

# Printed by the command: a demo holds invented people only and stays on one machine.
PASSWORD = "walk-well-again"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Login:
    """One person; an address may stand in both clinics."""

    email: str
    name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class DemoClinic:
    """`share` is of all the patients."""

    slug: str
    name: str
    zone: str
    phone: str
    sms_sender: str
    share: float
    pins: tuple[Pin, ...]
    logins: tuple[Login, ...]


_IN_BOTH = "both@clinics.example"
LAKEVIEW = DemoClinic(
    slug="lakeview",
    name="Lakeview Spine & Joint",
    zone="America/Chicago",
    phone="+1 312 555 0100",
    sms_sender="+13125550190",
    share=230 / 300,
    pins=stories.MAIN_PINS,
    logins=(
        Login(
            "admin@lakeview.example", "Odalie Brantmoor", (Role.ADMIN, Role.PROVIDER)
        ),
        Login("provider@lakeview.example", "Dr. Thessaly Quillmere", (Role.PROVIDER,)),
        Login("assistant@lakeview.example", "Corwin Dapplegarth", (Role.ASSISTANT,)),
        Login("frontdesk@lakeview.example", "Petrana Winslade", (Role.FRONT_DESK,)),
        Login("researcher@lakeview.example", "Ansel Hollowick", (Role.RESEARCHER,)),
        Login(_IN_BOTH, "Dr. Juniper Valecroft", (Role.PROVIDER,)),
    ),
)
HARBORSIDE = DemoClinic(
    slug="harborside",
    name="Harborside Regenerative",
    zone="America/Los_Angeles",
    phone="+1 415 555 0150",
    sms_sender="+14155550190",
    share=70 / 300,
    pins=stories.OTHER_PINS,
    logins=(
        Login("admin@harborside.example", "Marisole Tidewick", (Role.ADMIN,)),
        Login(_IN_BOTH, "Dr. Juniper Valecroft", (Role.ADMIN, Role.PROVIDER)),
    ),
)
ALL = (LAKEVIEW, HARBORSIDE)


def standing() -> Iterable[Clinic]:
    """The demo clinics that exist here already."""
    return Clinic.objects.filter(slug__in=[demo.slug for demo in ALL])


def open_clinic(demo: DemoClinic) -> Clinic:
    return clinics.open_clinic(
        by=SYSTEM,
        name=demo.name,
        slug=demo.slug,
        zone=demo.zone,
        phone=demo.phone,
        sms_sender=demo.sms_sender,
        is_demo=True,
        # What the simulator shows; a demo itself writes at any hour.
        sends_from=time(9),
        sends_until=time(19),
    )


def add_members(clinic: Clinic, demo: DemoClinic) -> list[User]:
    """Everybody of the clinic; those who treat come back."""
    members = [
        clinics.add_member(
            clinic, email=login.email, name=login.name, roles=login.roles, by=SYSTEM
        )
        for login in demo.logins
    ]
    return [held.user for held in members if Role.PROVIDER.value in held.roles]


def set_passwords() -> None:
    """One slow hash for all of them: the password is no secret."""
    emails = {login.email for demo in ALL for login in demo.logins}
    User.objects.filter(email__in=emails).update(password=make_password(PASSWORD))
