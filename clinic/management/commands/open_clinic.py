from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils.text import slugify

from clinic import access, audit, clinics
from clinic.management import terminal
from clinic.models import Clinic

OPTIONS = {
    "name": "NAME",
    "slug": "--slug",
    "zone": "--zone",
    "email": "--admin-email",
}


class Command(BaseCommand):
    help = "Open a clinic with its starter protocols and its first admin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--slug", default="", help="short name; made from NAME")
        parser.add_argument("--zone", default="America/Chicago", help="IANA time zone")
        parser.add_argument("--phone", default="")
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--admin-name", default="")
        terminal.add_password_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["admin_email"]
        password = terminal.new_password(email, ask=options["ask_password"])
        try:
            clinic = self.open(password, **options)
        except ValidationError as error:
            raise terminal.refusal(error, OPTIONS) from error
        lines = terminal.account_lines(email, password, asked=options["ask_password"])
        self.stdout.write("\n".join([f"Opened {clinic.name} ({clinic.slug}).", *lines]))

    @transaction.atomic
    def open(
        self, password: str | None, *, name: str, admin_email: str, **options: Any
    ) -> Clinic:
        clinic = clinics.open_clinic(
            name=name,
            slug=options["slug"] or slugify(name),
            zone=options["zone"],
            phone=options["phone"],
            by=audit.SYSTEM,
        )
        clinics.add_member(
            clinic,
            email=admin_email,
            name=options["admin_name"] or admin_email,
            roles=[access.Role.ADMIN],
            password=password,
            by=audit.SYSTEM,
        )
        return clinic
