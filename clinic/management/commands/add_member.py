from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser

from clinic import access, audit, clinics
from clinic.management import terminal


class Command(BaseCommand):
    help = "Give a person roles in a clinic; makes the account where there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--clinic", required=True, help="the clinic's slug")
        parser.add_argument("--name", default="")
        parser.add_argument(
            "--role",
            action="append",
            required=True,
            choices=[role.value for role in access.Role],
            help="may be given more than once; these replace the roles held before",
        )
        terminal.add_password_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"]
        clinic = terminal.find_clinic(options["clinic"])
        password = terminal.new_password(email, ask=options["ask_password"])
        try:
            held = clinics.add_member(
                clinic,
                email=email,
                name=options["name"] or email,
                roles=sorted({access.Role(role) for role in options["role"]}),
                password=password,
                by=audit.SYSTEM,
            )
        except ValidationError as error:
            raise terminal.refusal(error) from error
        lines = terminal.account_lines(email, password, asked=options["ask_password"])
        work = f"{held.user.name} works in {clinic.name} as {held.role_names}."
        self.stdout.write("\n".join([work, *lines]))
