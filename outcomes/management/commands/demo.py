import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from clinic.models import Clinic
from outcomes.demo import building, clinics

_WORDS = TextColumn("{task.description}")
# The invented names would last for three times as many.
MOST_PATIENTS = 5000


class Command(BaseCommand):
    help = "Builds two demo clinics with invented patients, or says who signs in."

    # Checking every address of the site would take longer than looking for a clinic,
    # and each start of the demo looks.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="build only where there is no clinic at all; else say nothing",
        )
        parser.add_argument(
            "--who", action="store_true", help="only show who can sign in"
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="build although there are clinics that are no demo",
        )
        parser.add_argument(
            "--patients",
            type=int,
            default=building.PATIENTS,
            metavar="N",
            help="how many in both clinics together (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["who"]:
            self._check_standing()
        elif options["if_empty"] and Clinic.objects.exists():
            return
        else:
            self._build(patients=options["patients"], is_forced=options["force"])
        # Whoever builds only where it is needed asks with --who when it suits.
        if not options["if_empty"]:
            self._show_logins()

    def _check_standing(self) -> None:
        if not clinics.standing():
            raise CommandError(
                "There is no demo clinic here. Build it with: manage.py demo"
            )

    def _build(self, **wishes: Any) -> None:
        if not 1 <= wishes["patients"] <= MOST_PATIENTS:
            raise CommandError(f"--patients must be 1 to {MOST_PATIENTS:,}.")
        try:
            if sys.stdout.isatty():
                self._build_with_bar(**wishes)
            else:
                building.build(self._plain_line, **wishes)
        except building.NotBuiltError as error:
            raise CommandError(str(error)) from None

    def _build_with_bar(self, **wishes: Any) -> None:
        with Progress(SpinnerColumn(), _WORDS, BarColumn(), transient=True) as bar:
            task = bar.add_task("")
            building.build(
                lambda what, done, total: bar.update(
                    task, description=what, completed=done, total=total
                ),
                **wishes,
            )

    def _plain_line(self, what: str, done: int, total: int) -> None:
        """One line where a long step begins, one where a counted step is over."""
        if done == 0:
            self.stdout.write(f"{what} ...")
        elif done == total:
            self.stdout.write(f"{what}: {done} of {total}")

    def _show_logins(self) -> None:
        rows = [("Role", "E-mail", "Password", "Clinic")]
        for demo in clinics.ALL:
            for login in demo.logins:
                roles = ", ".join(role.label for role in login.roles)
                rows.append((roles, login.email, clinics.PASSWORD, demo.name))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            # Never cut to the terminal's width: an address cut short is of no use.
            cells = (cell.ljust(w) for cell, w in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
